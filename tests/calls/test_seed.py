"""The calls of the content file, loaded and loaded again."""

from datetime import UTC, date, datetime, timedelta

import pytest
import yaml
from django.conf import settings

from calls import dates, seed
from calls.models import CallDate, CallSeries, Schedule
from hub.worker import work_once


@pytest.fixture
def content():
    path = settings.BASE_DIR / "hub" / "content" / "seed_content.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_both_calls_are_there_in_the_page_s_order_with_their_rules(content, db):
    seed.load(content)
    assert [series.name for series in CallSeries.objects.all()] == [
        call["name"] for call in content["calls"]
    ]
    rules = {str(plan.rule): plan for plan in Schedule.objects.all()}
    assert set(rules) == {"FREQ=WEEKLY;BYDAY=WE", "FREQ=MONTHLY;BYDAY=4TH"}
    for plan in rules.values():
        assert (plan.start_time.hour, plan.minutes, plan.zone) == (12, 60, "America/Los_Angeles")
    assert rules["FREQ=MONTHLY;BYDAY=4TH"].first_date == date(2016, 3, 24)
    # The page does not say since when: from the next Wednesday on.
    assert rules["FREQ=WEEKLY;BYDAY=WE"].first_date == date(2026, 11, 25)


def test_loading_again_changes_nothing(content, db, clock):
    seed.load(content)
    rows = [list(model.objects.values()) for model in (CallSeries, Schedule, CallDate)]
    clock.shift(timedelta(days=3))
    seed.load(content)
    assert [list(model.objects.values()) for model in (CallSeries, Schedule, CallDate)] == rows


def test_what_staff_changed_or_ended_stays(content, db):
    seed.load(content)
    CallSeries.objects.filter(position=1).update(name="Renamed")
    plan = Schedule.objects.get(series__position=1)
    dates.end_schedule(plan, date(2026, 12, 31))
    seed.load(content)
    assert CallSeries.objects.get(position=1).name == "Renamed"
    assert plan.series.schedules.count() == 1


def test_the_worker_keeps_them_ahead(content, db, clock):
    seed.load(content)
    clock.shift(timedelta(days=40))
    work_once()
    last = CallDate.objects.filter(schedule__series__position=1).latest("starts_at")
    assert last.starts_at > datetime.now(UTC) + timedelta(days=543)
