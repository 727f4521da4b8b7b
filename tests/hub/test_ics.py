"""What the hub writes: its words, its lines, its times."""

import os
import random
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.vtimezone import zone
from tests.hub.written import (
    CANCELED,
    HOUR,
    MOVED,
    NOON,
    PACIFIC,
    PHOENIX_FIRST,
    ROOT,
    SERIES,
    TALK,
    WEEK,
    feed,
    invitation,
    lines,
    names,
    plain,
    value,
)

# --- the whole of it, once ----------------------------------------------------------------------


def test_a_feed() -> None:
    data = feed(*PHOENIX_FIRST, description="All calls")
    assert lines(data) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//CAST//Resources and Training hub//EN",
        "CALSCALE:GREGORIAN",
        "NAME:Calls",
        "X-WR-CALNAME:Calls",
        "DESCRIPTION:All calls",
        "X-WR-CALDESC:All calls",
        "URL:https://hub.example.org/",
        "COLOR:seagreen",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        *lines(zone("America/Los_Angeles").ical),
        *lines(zone("America/Phoenix").ical),
        "BEGIN:VEVENT",
        "UID:0f0d@hub.example.org",
        "DTSTAMP:20260102T030405Z",
        "LAST-MODIFIED:20260102T030405Z",
        "SEQUENCE:2",
        "DTSTART;TZID=America/Los_Angeles:20260107T120000",
        "DTEND;TZID=America/Los_Angeles:20260107T130000",
        "EXDATE;TZID=America/Los_Angeles:20260121T120000",
        "EXDATE;TZID=America/Los_Angeles:20260128T120000",
        "RRULE:FREQ=WEEKLY;BYDAY=WE",
        "SUMMARY:Legal Working Group",
        r"DESCRIPTION:Every Wednesday.\nFor attorneys\; bring cases\, questions.",
        "LOCATION:Online",
        "URL:https://hub.example.org/calls/legal/",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:0f0d@hub.example.org",
        "DTSTAMP:20260102T030405Z",
        "LAST-MODIFIED:20260102T030405Z",
        "SEQUENCE:3",
        "DTSTART;TZID=America/Los_Angeles:20260115T120000",
        "DTEND;TZID=America/Los_Angeles:20260115T130000",
        "RECURRENCE-ID;TZID=America/Los_Angeles:20260114T120000",
        "SUMMARY:Legal Working Group",
        r"DESCRIPTION:Every Wednesday.\nFor attorneys\; bring cases\, questions.",
        "LOCATION:Online",
        "URL:https://hub.example.org/calls/legal/",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:0f0d@hub.example.org",
        "DTSTAMP:20260102T030405Z",
        "LAST-MODIFIED:20260102T030405Z",
        "SEQUENCE:3",
        "DTSTART;TZID=America/Los_Angeles:20260204T120000",
        "DTEND;TZID=America/Los_Angeles:20260204T130000",
        "RECURRENCE-ID;TZID=America/Los_Angeles:20260204T120000",
        "SUMMARY:Canceled: Legal Working Group",
        "DESCRIPTION:The office is closed.",
        "LOCATION:Online",
        "URL:https://hub.example.org/calls/legal/",
        "STATUS:CANCELLED",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:9e9e@hub.example.org",
        "DTSTAMP:20260102T030000Z",
        "LAST-MODIFIED:20260102T030000Z",
        "SEQUENCE:0",
        "DTSTART;TZID=America/Phoenix:20260601T090000",
        "DTEND;TZID=America/Phoenix:20260601T100000",
        "SUMMARY:A talk",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_an_invitation() -> None:
    data = invitation(TALK, sent=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    assert lines(data) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//CAST//Resources and Training hub//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:REQUEST",
        *lines(zone("America/Phoenix").ical),
        "BEGIN:VEVENT",
        "UID:9e9e@hub.example.org",
        "DTSTAMP:20260304T050607Z",
        "LAST-MODIFIED:20260102T030000Z",
        "SEQUENCE:0",
        "DTSTART;TZID=America/Phoenix:20260601T090000",
        "DTEND;TZID=America/Phoenix:20260601T100000",
        "SUMMARY:A talk",
        "ORGANIZER;CN=CAST:mailto:calls@hub.example.org",
        'ATTENDEE;CN="María Núñez";CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;'
        "ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:maria@example.org",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_an_empty_feed_is_a_calendar() -> None:
    last = ["REFRESH-INTERVAL;VALUE=DURATION", "X-PUBLISHED-TTL", "END:VCALENDAR"]
    assert names(feed())[-3:] == last


# --- invitations --------------------------------------------------------------------------------


def test_each_event_of_an_invitation_names_both_people_once() -> None:
    found = names(invitation(SERIES, MOVED))
    assert found.count("BEGIN:VEVENT") == 2
    assert sum(name.startswith("ATTENDEE;") for name in found) == 2
    assert sum(name.startswith("ORGANIZER;") for name in found) == 2


def test_a_request_leaves_canceled_dates_out_of_the_series() -> None:
    found = lines(invitation(CANCELED, MOVED, SERIES))
    assert found.count("BEGIN:VEVENT") == 2
    assert "STATUS:CANCELLED" not in found
    assert [line.split(":")[1] for line in found if line.startswith("EXDATE;")] == [
        "20260121T120000",
        "20260128T120000",
        "20260204T120000",
    ]


def test_a_cancel_cancels_all_it_holds() -> None:
    found = lines(invitation(SERIES, MOVED, method="CANCEL"))
    assert "METHOD:CANCEL" in found
    assert found.count("STATUS:CANCELLED") == found.count("TRANSP:TRANSPARENT") == 2
    assert found.count("SUMMARY:Canceled: Legal Working Group") == 2
    assert "STATUS:CONFIRMED" not in found


def test_canceled_is_said_once() -> None:
    data = feed(replace(TALK, canceled=True, summary="Canceled: a talk"))
    assert value(data, "SUMMARY") == "Canceled: a talk"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('Ann "Lee" Ito', "CN=\"Ann 'Lee' Ito\""),
        ("Ito; Lee, Ann: x", 'CN="Ito; Lee, Ann: x"'),
        ("Ann\r\nATTENDEE:mailto:eve@example.org", 'CN="Ann ATTENDEE:mailto:eve@example.org"'),
        ("Ann\x00\u202e^Lee", "CN=Ann^^Lee"),
    ],
)
def test_names_of_people(name: str, shown: str) -> None:
    data = invitation(TALK, attendee=(name, "ann@example.org"))
    (line,) = (line for line in lines(data) if line.startswith("ATTENDEE"))
    assert line == (
        f"ATTENDEE;{shown};CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;"
        "ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:ann@example.org"
    )


def test_a_person_without_a_name() -> None:
    data = invitation(TALK, organizer=(" \r\n", "o'neil+calls%x?y@example.org"))
    assert "ORGANIZER:mailto:o'neil+calls%25x%3Fy@example.org" in lines(data)


# --- lines and texts ----------------------------------------------------------------------------

ANYTHING = st.text(
    st.one_of(
        st.sampled_from(
            "\r\n\t\v\x00\x1b\x7f\x85\u2028\u2029\u202e\u2066\u2069\ud800\\nN;,:\"' é😀"
        ),
        st.characters(exclude_categories=()),
    ),
    min_size=1,
    max_size=300,
)
INJECTIONS = [
    "x\r\nATTENDEE:mailto:eve@example.org",
    "x\nEND:VEVENT\nBEGIN:VEVENT",
    "x\rMETHOD:CANCEL",
    "x\r\n\r\nBEGIN:VALARM",
    "x\u2028DTSTART:19700101T000000",
    "x\x85STATUS:CANCELLED",
    "x\\nSTATUS:CANCELLED",
    "x\\\r\n STATUS:CANCELLED",
    "x" * 60 + "\r\n" + "END:VCALENDAR" * 20,
]
WHERE: dict[str, tuple[Callable[[str], bytes], str, str]] = {
    "name": (lambda text: feed(name=text), "X-WR-CALNAME", " "),
    "description of a feed": (lambda text: feed(description=text), "X-WR-CALDESC", "\n"),
    "summary": (lambda text: feed(replace(TALK, summary=text)), "SUMMARY", " "),
    "location": (lambda text: feed(replace(TALK, location=text)), "LOCATION", " "),
    "description": (lambda text: feed(replace(TALK, description=text)), "DESCRIPTION", "\n"),
    "summary of an invitation": (
        lambda text: invitation(replace(TALK, summary=text)),
        "SUMMARY",
        " ",
    ),
}


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("text", INJECTIONS)
def test_no_text_begins_a_line(where: str, text: str) -> None:
    write, name, newline = WHERE[where]
    assert names(write(text)) == names(write("x"))
    assert value(write(text), name) == plain(text, newline)


@pytest.mark.parametrize("where", WHERE)
@given(text=ANYTHING)
@example(text="C:\\New\\name; a, b\\;\\")
@example(text="\ufeff é" + "😀" * 90)
def test_any_text_is_read_as_it_was_meant(where: str, text: str) -> None:
    write, name, newline = WHERE[where]
    data = write(text)
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
        assert not any(unicodedata.category(char) == "Cc" for char in line.decode())
    assert names(data) == names(write("x"))
    assert value(data, name) == plain(text, newline)


@given(name=ANYTHING)
def test_any_name_of_a_person_stays_on_its_line(name: str) -> None:
    data = invitation(TALK, attendee=("x" + name, "ann@example.org"))
    (line,) = (line for line in lines(data) if line.startswith("ATTENDEE"))
    assert line.endswith("ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:ann@example.org")
    assert line.count('"') in (0, 2)
    assert len(lines(data)) == len(lines(invitation(TALK)))


@pytest.mark.parametrize("size", range(60, 80))
def test_lines_are_as_long_as_they_may_be(size: int) -> None:
    pieces = feed(replace(TALK, summary="x" * size)).split(b"\r\n")
    (first,) = (n for n, line in enumerate(pieces) if line.startswith(b"SUMMARY:"))
    whole = len("SUMMARY:") + size
    assert len(pieces[first]) == min(whole, 75)
    assert pieces[first + 1].startswith(b" ") == (whole > 75)


def test_a_long_rule_is_folded() -> None:
    days = ",".join(map(str, range(1, 29)))
    data = feed(replace(SERIES, rrule=f"FREQ=MONTHLY;BYMONTHDAY={days}"))
    assert max(map(len, data.split(b"\r\n"))) <= 75
    assert f"RRULE:FREQ=MONTHLY;BYMONTHDAY={days}" in lines(data)


# --- addresses of pages -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://example.org/a;b,c?d=e&f=%20#g", "https://example.org/a;b,c?d=e&f=%20#g"),
        ("HTTP://example.org", "HTTP://example.org"),
        ("tel:+1-213-365-1906", "tel:+1-213-365-1906"),
        ('https://example.org/é b"\\', "https://example.org/%C3%A9%20b%22%5C"),
    ],
)
def test_addresses_kept(url: str, written: str) -> None:
    assert f"URL:{written}" in lines(feed(replace(TALK, url=url)))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:ann@example.org",
        "//example.org",
        "example.org",
        "x https://example.org",
    ],
)
def test_addresses_left_out(url: str) -> None:
    assert names(feed(replace(TALK, url=url))) == names(feed(TALK))
    assert "URL" not in names(feed(url=url))


@pytest.mark.parametrize("control", ["\r\n", "\n", "\x00", "\t", "\x7f", "\u2028", "\u202e"])
def test_addresses_refused(control: str) -> None:
    with pytest.raises(ValueError, match="control characters"):
        feed(replace(TALK, url=f"https://example.org/{control}X:1"))
    with pytest.raises(ValueError, match="control characters"):
        feed(url=f"https://example.org/{control}")


# --- times --------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", [UTC, ZoneInfo("UTC"), ZoneInfo("Etc/UTC"), timezone(HOUR * 0)])
def test_utc_needs_no_zone(clock: Any) -> None:
    start = datetime(2026, 6, 1, 9, tzinfo=clock)
    found = lines(feed(replace(TALK, start=start, end=start + HOUR)))
    assert "DTSTART:20260601T090000Z" in found
    assert "DTEND:20260601T100000Z" in found
    assert "BEGIN:VTIMEZONE" not in found


def test_a_zone_is_defined_once_and_only_if_used() -> None:
    found = lines(feed(SERIES, MOVED, CANCELED))
    assert [line for line in found if line.startswith("TZID:")] == ["TZID:America/Los_Angeles"]


def test_moments_are_written_in_the_zone_of_the_start() -> None:
    series = replace(
        SERIES,
        end=SERIES.end.astimezone(UTC),
        exdates=tuple(day.astimezone(ZoneInfo("Asia/Tokyo")) for day in SERIES.exdates),
    )
    moved = replace(MOVED, recurrence_id=NOON.astimezone(UTC) + WEEK)
    assert feed(series, moved) == feed(SERIES, MOVED)


def test_a_date_taken_out_twice_is_written_once() -> None:
    twice = replace(SERIES, exdates=(NOON + WEEK, (NOON + WEEK).astimezone(UTC)))
    assert feed(twice) == feed(replace(SERIES, exdates=(NOON + WEEK,)))


@pytest.mark.parametrize(
    ("start", "written"),
    [
        # The second 1:30 of the night; a spring the United States changed clocks in April.
        (datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=PACIFIC), "DTSTART:20261101T093000Z"),
        (datetime(2006, 3, 20, 12, tzinfo=PACIFIC), "DTSTART:20060320T200000Z"),
    ],
)
def test_a_time_the_zone_cannot_name_is_written_in_utc(start: datetime, written: str) -> None:
    assert written in lines(feed(replace(TALK, start=start, end=start.astimezone(UTC) + HOUR)))
    with pytest.raises(ValueError, match="kept another time"):
        feed(replace(SERIES, start=start, end=start.astimezone(UTC) + HOUR))


# --- the same bytes -----------------------------------------------------------------------------


def test_order_of_events_does_not_matter() -> None:
    first_moved = replace(MOVED, recurrence_id=NOON)
    events = [*PHOENIX_FIRST, first_moved]
    expected = feed(*events)
    for seed in range(20):
        random.Random(seed).shuffle(events)
        assert feed(*events) == expected
    found = lines(expected)
    first = found.index("BEGIN:VEVENT")
    assert "RRULE:FREQ=WEEKLY;BYDAY=WE" in found[first : found.index("END:VEVENT")]


@pytest.mark.parametrize("hashseed", ["0", "1", "4711"])
@pytest.mark.parametrize("here", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_same_bytes_in_another_process(hashseed: str, here: str) -> None:
    script = (
        "import sys; from tests.hub.test_ics import *; "
        "sys.stdout.buffer.write(feed(*PHOENIX_FIRST) + invitation(SERIES, CANCELED))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hashseed, "TZ": here},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == feed(*PHOENIX_FIRST) + invitation(SERIES, CANCELED)
