"""What requests have for TA staff to do today, and nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from hub.models import User
from hub.offers import Urgency
from ta_requests import work
from ta_requests.models import Cycle, TaRequest
from tests.people import member
from tests.ta_requests.desk import CANARY, make_request, make_ta_staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 20, tzinfo=UTC)  # Tuesday noon Pacific


@pytest.fixture(autouse=True)
def _stopped(seeded):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def tanya():
    return make_ta_staff("tanya@example.org", name="Tanya")


def due(row: TaRequest, at: datetime) -> TaRequest:
    Cycle.objects.filter(request=row).update(due_at=at)
    return row


def test_late_and_today_are_lines_by_reference_and_the_rest_is_counted(tanya):
    late, today = (
        due(make_request(), NOW - timedelta(minutes=1)),
        due(make_request(), NOW + timedelta(hours=4)),
    )
    TaRequest.objects.filter(pk=today.pk).update(assigned_to=tanya)
    for days in (3, 5):
        due(make_request(), NOW + timedelta(days=days))
    first, second, rest = work.requests(tanya, NOW)
    assert (first.said, first.urgency) == (
        f"Reply to {late.reference}, with nobody yet",
        Urgency.LATE,
    )
    assert (second.said, second.urgency) == (
        f"Reply to {today.reference}, with Tanya",
        Urgency.TODAY,
    )
    assert second.url == reverse("admin:ta_requests_tarequest_change", args=[today.pk])
    assert (rest.said, rest.count) == ("2 requests are open and due later", 2)
    assert (rest.urgency, rest.due) == (Urgency.SOON, NOW + timedelta(days=3))


def test_a_court_date_presses_before_the_reply(tanya):
    row = due(make_request(), NOW + timedelta(days=2))
    TaRequest.objects.filter(pk=row.pk).update(deadline="2026-11-24", deadline_type="filing")
    [line] = work.requests(tanya, NOW)
    assert line.said == f"Court or filing date of {row.reference}, with nobody yet"
    assert line.urgency == Urgency.TODAY


def test_nothing_of_what_was_asked_is_in_it(tanya):
    due(make_request(), NOW)
    assert CANARY not in repr(work.requests(tanya, NOW))


def test_who_is_not_ta_staff_is_told_nothing():
    due(make_request(), NOW)
    alice = User.objects.create_superuser("alice@example.org")
    for somebody in (alice, member("Manager"), member("Curator")):
        assert work.requests(somebody, NOW) == []


def test_many_cost_what_one_does(tanya, django_assert_num_queries):
    due(make_request(), NOW)
    with django_assert_num_queries(2):
        work.requests(tanya, NOW)
    for _ in range(29):
        due(make_request(), NOW)
    with django_assert_num_queries(2):
        assert len(work.requests(tanya, NOW)) == 30


def settle(outcome: str, number: int, at: datetime) -> None:
    for _ in range(number):
        Cycle.objects.filter(request=make_request()).update(outcome=outcome, ended_at=at)


def test_r36_the_share_on_time_is_shown_of_five_answers_or_more(tanya):
    settle("on_time", 6, NOW)
    settle("late", 6, NOW)
    settle("withdrawn", 6, NOW)
    december = NOW + timedelta(days=8)
    settle("on_time", 4, december)
    months = dict(work.on_time(tanya, december))
    assert len(months) == 12
    assert months[NOW.date().replace(day=1)] == "50%"
    assert months[december.date().replace(day=1)] == ""


@pytest.mark.parametrize(
    ("role", "sees"), [("Manager", True), ("TA staff", True), ("Programme", False)]
)
def test_the_share_on_time_is_for_those_who_see_the_report(role, sees):
    assert bool(work.on_time(member(role), NOW)) == sees
