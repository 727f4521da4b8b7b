"""The feeds as calendar programs get them: read back, and over HTTP."""

import hashlib
import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from random import Random

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calls import dates, feeds, schedule, services
from calls.models import CallDate
from hub import ics
from tests.calls.factories import (
    FOURTH_THURSDAYS,
    TODAY,
    ScheduleFactory,
    SeriesFactory,
    SignUpFactory,
    day,
    get,
    pacific,
    unfolded,
)
from tests.hub.test_ics_readback import (
    under_unknown_names,
    with_recurring_ical_events,
    with_vobject,
)

READERS = [with_recurring_ical_events, with_vobject]
WEEKLY, MONTHLY = "Legal Working Group", "Providers' Call"


def read(reader, data, first, last):
    """(instant in UTC, summary) of what a program shows from first to last."""
    begin, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, last))
    return reader(data, begin, end)


# what is read, from, until, when
EDGES = [
    (WEEKLY, "2026-03-01", "2026-03-15", ["2026-03-04T20", "2026-03-11T19"]),
    (WEEKLY, "2026-10-26", "2026-11-08", ["2026-10-28T19", "2026-11-04T20"]),
    (WEEKLY, "2027-03-08", "2027-03-20", ["2027-03-10T20", "2027-03-17T19"]),
    (WEEKLY, "2027-11-01", "2027-11-14", ["2027-11-03T19", "2027-11-10T20"]),
    (MONTHLY, "2016-03-01", "2016-04-30", ["2016-03-24T19", "2016-04-28T19"]),
    (MONTHLY, "2026-02-01", "2026-04-01", ["2026-02-26T20", "2026-03-26T19"]),
    (MONTHLY, "2026-10-01", "2026-12-31", ["2026-10-22T19", "2026-11-26T20", "2026-12-24T20"]),
    (MONTHLY, "2027-02-01", "2027-04-01", ["2027-02-25T20", "2027-03-25T19"]),
]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("where", ["own", "all", "personal"])
def test_both_calls_over_every_change_of_clocks(client, weekly, monthly, bob, reader, where):
    SignUpFactory(series=monthly.series, user=bob.user, email=bob.email)
    token = services.new_calendar_address(bob)
    for name, first, last, expected in EDGES:
        slug = weekly.series.slug if name == WEEKLY else monthly.series.slug
        path = {
            "own": f"/calls/{slug}.ics",
            "all": "/calendar.ics",
            "personal": f"/my/calendar/{token}.ics",
        }[where]
        data = get(client, path).content
        for form in (data, under_unknown_names(data)):
            found = read(reader, form, first, last)
            assert [at[:13] for at, summary in found if summary == name] == expected


@pytest.fixture
def eventful(weekly):
    """The weekly call with everything that can happen to a date."""
    dates.cancel(day(weekly, "2026-12-02"), "Staff retreat")
    dates.move(day(weekly, "2026-12-09"), pacific("2026-12-10T09:30"), "Room taken")
    dates.remove(day(weekly, "2026-12-16"))
    dates.annotate(day(weekly, "2026-12-23"), topic="T visas", speaker="Dana Diaz")
    dates.add(weekly, pacific("2026-12-18T12:00"), topic="Trauma")
    return weekly


HAPPENED = [
    ("2026-11-25T20:00:00Z", WEEKLY),
    ("2026-12-02T20:00:00Z", f"Canceled: {WEEKLY}"),
    ("2026-12-10T17:30:00Z", WEEKLY),
    ("2026-12-18T20:00:00Z", WEEKLY),
    ("2026-12-23T20:00:00Z", WEEKLY),
    ("2026-12-30T20:00:00Z", WEEKLY),
]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("path", ["/calls/working-group.ics", "/calendar.ics"])
def test_every_change_of_a_date_is_followed(client, eventful, reader, path):
    data = get(client, path).content
    assert read(reader, data, "2026-11-24", "2026-12-31") == HAPPENED


def test_what_a_changed_date_says(client, eventful):
    text = unfolded(get(client, "/calls/working-group.ics").content)
    events = text.split("BEGIN:VEVENT")[1:]
    canceled = next(event for event in events if "STATUS:CANCELLED" in event)
    assert "RECURRENCE-ID;TZID=America/Los_Angeles:20261202T120000" in canceled
    assert "SUMMARY:Canceled: Legal Working Group" in canceled
    assert "TRANSP:TRANSPARENT" in canceled
    assert "DESCRIPTION:Staff retreat" in canceled
    topic = next(event for event in events if "Topic: T visas" in event)
    assert "Speaker: Dana Diaz" in topic
    assert "RECURRENCE-ID;TZID=America/Los_Angeles:20261223T120000" in topic
    series = next(event for event in events if "RRULE:FREQ=WEEKLY;BYDAY=WE\r\n" in event)
    assert "EXDATE;TZID=America/Los_Angeles:20261216T120000" in series
    assert f"UID:{eventful.uid}" in series
    extra = next(event for event in events if "Topic: Trauma" in event)
    assert "RECURRENCE-ID" not in extra
    assert f"UID:{eventful.uid}" not in extra


def test_an_override_is_never_below_its_series(client, eventful):
    for _ in range(5):
        dates.series_changed(eventful.series)
    text = unfolded(get(client, "/calls/working-group.ics").content)
    assert set(re.findall(r"^SEQUENCE:(\d+)", text, re.MULTILINE)) == {"5"}
    stamps = re.findall(r"^(DTSTAMP|LAST-MODIFIED):(\S+)\r$", text, re.MULTILINE)
    assert {moment for _, moment in stamps} == {"20261124T200000Z"}


@pytest.mark.parametrize("reader", READERS)
def test_times_that_end_and_times_that_begin(client, weekly, reader):
    dates.set_schedule(
        weekly.series,
        rule=schedule.Rule(freq="WEEKLY", interval=2, weekdays=("TU",)),
        begins=date(2026, 12, 8),
        start_time=time(9),
        minutes=60,
        zone="America/Phoenix",
    )
    data = get(client, "/calls/working-group.ics").content
    assert "RRULE:FREQ=WEEKLY;BYDAY=WE;UNTIL=20261202T200000Z\r\n" in unfolded(data)
    assert [at for at, _ in read(reader, data, "2026-11-24", "2027-01-08")] == [
        "2026-11-25T20:00:00Z",
        "2026-12-02T20:00:00Z",
        "2026-12-08T16:00:00Z",
        "2026-12-22T16:00:00Z",
        "2027-01-05T16:00:00Z",
    ]
    # Before: the old rule alone, as it was.
    assert len(read(reader, data, "2026-10-01", "2026-11-01")) == 4


@pytest.mark.parametrize(
    ("first_day", "at"),
    [
        (date(2026, 3, 8), time(2, 30)),
        (date(2026, 11, 1), time(1, 30)),
        (date(2008, 1, 6), time(12)),
    ],
    ids=["skipped hour", "hour that comes twice", "earliest"],
)
def test_no_time_staff_may_choose_breaks_a_feed(client, clock, db, first_day, at):
    clock.move_to(datetime(2026, 1, 2, 20, tzinfo=UTC))
    made = dates.set_schedule(
        SeriesFactory(),
        rule=schedule.Rule(freq="WEEKLY", weekdays=("SU",)),
        begins=first_day,
        start_time=at,
        minutes=60,
        zone="America/Los_Angeles",
    )
    dates.cancel(made.dates.last(), "Retreat")
    data = get(client, "/calendar.ics").content
    # A week later the clock shows the time it should.
    week_later = made.begins_at(first_day + timedelta(days=7)).astimezone(UTC)
    found = read(
        with_recurring_ical_events,
        data,
        f"{week_later:%Y-%m-%d}",
        f"{week_later + timedelta(days=1):%Y-%m-%d}",
    )
    assert [at for at, _ in found] == [f"{week_later:%Y-%m-%dT%H:%M:%SZ}"]


class TestHttp:
    @pytest.fixture(params=["own", "all", "personal"])
    def path(self, request, weekly, address):
        return {
            "own": "/calls/working-group.ics",
            "all": "/calendar.ics",
            "personal": address,
        }[request.param]

    def test_headers(self, client, path):
        response = get(client, path, accept_encoding="gzip, br")
        private = path.startswith("/my/")
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        assert re.fullmatch(r'"[0-9a-f]{32}"', response["ETag"])
        assert parsedate_to_datetime(response["Last-Modified"]).tzinfo
        assert response["Cache-Control"] == f"{'private' if private else 'public'}, max-age=300"
        assert response["X-Robots-Tag"] == "noindex"
        assert "Content-Encoding" not in response
        assert "Set-Cookie" not in response
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")

    def test_head_says_the_same_without_a_body(self, client, path):
        full, head = get(client, path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("ETag", "Last-Modified", "Content-Type", "Cache-Control"):
            assert head[name] == full[name]

    @pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
    def test_nothing_but_reading(self, client, path, method):
        assert getattr(client, method)(path).status_code == 405

    def test_304_for_either(self, client, path):
        full = get(client, path)
        for headers in (
            {"if_none_match": full["ETag"]},
            {"if_none_match": f'"other", W/{full["ETag"]}'},
            {"if_modified_since": full["Last-Modified"]},
        ):
            answer = client.get(path, headers=headers)
            assert (answer.status_code, answer.content) == (304, b"")
            for name in ("ETag", "Last-Modified", "Cache-Control", "X-Robots-Tag"):
                assert answer[name] == full[name]
            assert not answer.cookies

    def test_an_old_etag_wins_over_a_date(self, client, path):
        full = get(client, path)
        headers = {"if_none_match": '"old"', "if_modified_since": full["Last-Modified"]}
        assert client.get(path, headers=headers).status_code == 200

    def test_no_redirect_for_an_address_as_programs_write_it(self, client, path):
        assert client.get(path, follow=True).redirect_chain == []

    def test_it_asks_for_nothing_and_refreshes_hourly(self, client, path):
        text = unfolded(get(client, path).content)
        for name in ("METHOD", "ATTENDEE", "ORGANIZER", "BEGIN:VALARM"):
            assert not re.search(rf"^{name}", text, re.MULTILINE), name
        assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text
        assert "X-PUBLISHED-TTL:PT1H\r\n" in text
        assert "COLOR:darkgreen\r\n" in text
        assert re.search(r"^X-WR-CALNAME:\S", text, re.MULTILINE)


@pytest.mark.parametrize("which", ["own", "all", "personal"])
def test_every_change_is_news_and_dates_never_go_back(committed, client, weekly, bob, which):
    """By ETag and by date alike, also when something is deleted; each change is a commit."""
    token = services.new_calendar_address(bob)
    path = {
        "own": "/calls/working-group.ics",
        "all": "/calendar.ics",
        "personal": f"/my/calendar/{token}.ics",
    }[which]
    extra = dates.add(weekly, pacific("2026-12-18T12:00"))
    seen = get(client, path)
    for change in (
        lambda: dates.cancel(day(weekly, "2026-12-02"), "Retreat"),
        lambda: dates.restore(day(weekly, "2026-12-02")),
        lambda: extra.delete(),
        lambda: dates.series_changed(weekly.series),
        lambda: type(weekly.series).objects.update(name="Renamed"),
        lambda: weekly.dates.all().delete(),
    ):
        change()
        old = seen
        seen = client.get(path, headers={"if_modified_since": old["Last-Modified"]})
        assert seen.status_code == 200
        assert seen.content != old.content
        assert client.get(path, headers={"if_none_match": old["ETag"]}).status_code == 200
        dated = [parsedate_to_datetime(answer["Last-Modified"]) for answer in (old, seen)]
        assert dated[0] < dated[1]


class TestSameBytes:
    def test_twice(self, client, eventful):
        assert get(client, "/calendar.ics").content == get(Client(), "/calendar.ics").content

    def test_whatever_the_zone_of_the_process_or_the_order_of_rows(self, client, eventful, monthly):
        data = get(client, "/calendar.ics").content
        with timezone.override("Asia/Tokyo"):
            assert get(client, "/calendar.ics").content == data
        events = [one for series in feeds.published() for one in feeds.series_events(series)]
        name = {"name": "x", "url": "http://testserver/", "color": "darkgreen"}
        first = ics.feed(events=events, **name)
        for seed in range(5):
            Random(seed).shuffle(events)
            assert ics.feed(events=events, **name) == first

    def test_rows_written_again_in_another_order(self, client, eventful):
        data = get(client, "/calls/working-group.ics").content
        rows = list(CallDate.objects.order_by("-pk").values())
        CallDate.objects.all().delete()
        for row in rows:
            CallDate.objects.create(**row | {"id": None})
        assert get(client, "/calls/working-group.ics").content == data


@pytest.mark.parametrize("seed", ["1", "4711"])
def test_the_same_bytes_from_another_process(seed, db):
    """Values as the rows give them, written in a process with another PYTHONHASHSEED."""
    program = (
        "import django; django.setup()\n"
        "import hashlib\n"
        "from tests.calls.test_feeds import unsaved\n"
        "print(hashlib.sha256(unsaved()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == hashlib.sha256(unsaved()).hexdigest(), done.stderr


def unsaved():
    """A feed of both calls from rows that no database gave."""
    events = []
    for name, rule, first in (
        (WEEKLY, schedule.Rule(freq="WEEKLY", weekdays=("WE",)), date(2026, 1, 7)),
        (MONTHLY, FOURTH_THURSDAYS, date(2016, 3, 24)),
    ):
        series = SeriesFactory.build(slug=rule.freq.lower(), name=name)
        plan = ScheduleFactory.build(
            series=series, rule=rule, first_date=first, uid=f"{name[0]}@testserver", proposed=False
        )
        rows = [
            CallDate(
                schedule=plan,
                original_date=one,
                starts_at=plan.begins_at(one),
                ends_at=plan.ends_at(one),
                sequence=1,
                topic="é" * 80,
                changed_at=TODAY,
            )
            for one in schedule.next_dates(rule, first, 9)
        ]
        events += feeds.schedule_events(plan, rows, series, joining=True)
    return ics.feed(name="All", url="http://testserver/", color="darkgreen", events=events)


def test_constant_queries_for_one_series_and_thirty(client, eventful):
    def count(path):
        with CaptureQueriesContext(connection) as queries:
            get(client, path)
        return len(queries)

    one = count("/calendar.ics")
    for _ in range(29):
        made = ScheduleFactory()
        dates.cancel(day(made, "2026-12-02"), "Retreat")
        dates.add(made, pacific("2026-12-18T12:00"))
    assert count("/calendar.ics") == one
    assert count("/calls/working-group.ics") <= one


def test_a_series_not_published_is_nowhere(client, eventful, monthly):
    type(monthly.series).objects.filter(pk=monthly.series.pk).update(published=False)
    missing = client.get(f"/calls/{monthly.series.slug}.ics")
    assert missing.status_code == 404
    assert missing.content == client.get("/calls/never-was.ics").content
    assert "Providers" not in unfolded(get(client, "/calendar.ics").content)


def test_a_series_without_times_is_an_empty_calendar(client, db):
    SeriesFactory(slug="soon", name="Soon")
    text = unfolded(get(client, "/calls/soon.ics").content)
    assert "X-WR-CALNAME:Soon" in text
    assert "VEVENT" not in text
