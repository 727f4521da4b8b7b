"""Feeds read back by programs that are not the hub's writer.

Each case is read twice: as it is, and with its time zone under a name nobody knows, so that the
instants can only come from the VTIMEZONE in the file.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
import vobject

from hub import ics

PACIFIC = ZoneInfo("America/Los_Angeles")
Found = list[tuple[str, str]]
Reader = Callable[[bytes, datetime, datetime], Found]


def at(text: str, zone: ZoneInfo = PACIFIC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def hour(start: datetime, **more: object) -> ics.Event:
    values: dict[str, object] = {
        "uid": "0f0d-weekly@hub.example.org",
        "stamp": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "sequence": 0,
        "start": start,
        "end": start + timedelta(hours=1),
        "summary": "Call",
    }
    return ics.Event(**{**values, **more})  # type: ignore[arg-type]


WEEKLY = hour(at("2026-01-07T12:00"), rrule="FREQ=WEEKLY;BYDAY=WE")
MONTHLY = hour(
    at("2016-03-24T12:00"), uid="1a2b-monthly@hub.example.org", rrule="FREQ=MONTHLY;BYDAY=4TH"
)
MARCH_11, MARCH_18 = at("2026-03-11T12:00"), at("2026-03-18T12:00")

# what is written, from, until, what takes place
CASES: dict[str, tuple[list[ics.Event], str, str, Found]] = {
    "Wednesdays over March 2026": (
        [WEEKLY],
        "2026-03-01",
        "2026-03-15",
        [("2026-03-04T20:00:00Z", "Call"), ("2026-03-11T19:00:00Z", "Call")],
    ),
    "Wednesdays over November 2026": (
        [WEEKLY],
        "2026-10-26",
        "2026-11-08",
        [("2026-10-28T19:00:00Z", "Call"), ("2026-11-04T20:00:00Z", "Call")],
    ),
    "Wednesdays over March 2027": (
        [WEEKLY],
        "2027-03-08",
        "2027-03-20",
        [("2027-03-10T20:00:00Z", "Call"), ("2027-03-17T19:00:00Z", "Call")],
    ),
    "Wednesdays over November 2027": (
        [WEEKLY],
        "2027-11-01",
        "2027-11-14",
        [("2027-11-03T19:00:00Z", "Call"), ("2027-11-10T20:00:00Z", "Call")],
    ),
    "fourth Thursdays over March 2026": (
        [MONTHLY],
        "2026-02-01",
        "2026-04-01",
        [("2026-02-26T20:00:00Z", "Call"), ("2026-03-26T19:00:00Z", "Call")],
    ),
    "fourth Thursdays of autumn 2026": (
        [MONTHLY],
        "2026-10-01",
        "2027-01-01",
        [
            ("2026-10-22T19:00:00Z", "Call"),
            ("2026-11-26T20:00:00Z", "Call"),
            ("2026-12-24T20:00:00Z", "Call"),
        ],
    ),
    "the first fourth Thursdays": (
        [MONTHLY],
        "2016-01-01",
        "2016-05-01",
        [("2016-03-24T19:00:00Z", "Call"), ("2016-04-28T19:00:00Z", "Call")],
    ),
    "a date moved over the change of clocks": (
        [
            WEEKLY,
            hour(at("2026-03-06T09:00"), recurrence_id=MARCH_11, summary="Call, moved"),
        ],
        "2026-03-01",
        "2026-03-20",
        [
            ("2026-03-04T20:00:00Z", "Call"),
            ("2026-03-06T17:00:00Z", "Call, moved"),
            ("2026-03-18T19:00:00Z", "Call"),
        ],
    ),
    "a canceled date": (
        [WEEKLY, hour(MARCH_11, recurrence_id=MARCH_11, canceled=True)],
        "2026-03-01",
        "2026-03-20",
        [
            ("2026-03-04T20:00:00Z", "Call"),
            ("2026-03-11T19:00:00Z", "Canceled: Call"),
            ("2026-03-18T19:00:00Z", "Call"),
        ],
    ),
    "dates taken out, one given in UTC": (
        [replace(WEEKLY, exdates=(MARCH_18, MARCH_11.astimezone(UTC)))],
        "2026-03-01",
        "2026-03-27",
        [("2026-03-04T20:00:00Z", "Call"), ("2026-03-25T19:00:00Z", "Call")],
    ),
    "an extra date": (
        [
            WEEKLY,
            hour(at("2026-03-10T12:00"), uid="2c3d-extra@hub.example.org", summary="Extra call"),
        ],
        "2026-03-01",
        "2026-03-15",
        [
            ("2026-03-04T20:00:00Z", "Call"),
            ("2026-03-10T19:00:00Z", "Extra call"),
            ("2026-03-11T19:00:00Z", "Call"),
        ],
    ),
    "a series that ends, its last date included": (
        [replace(WEEKLY, rrule="FREQ=WEEKLY;UNTIL=20260311T190000Z;BYDAY=WE")],
        "2026-03-01",
        "2026-06-01",
        [("2026-03-04T20:00:00Z", "Call"), ("2026-03-11T19:00:00Z", "Call")],
    ),
    "the second of two equal hours in autumn": (
        [
            hour(
                at("2026-11-01T01:30").replace(fold=1),
                end=at("2026-11-01T02:30"),
                uid="3d4e-second@hub.example.org",
            ),
        ],
        "2026-11-01",
        "2026-11-02",
        [("2026-11-01T09:30:00Z", "Call")],
    ),
    "zones side by side": (
        [
            hour(at(f"2026-07-01T{12 + n}:00", ZoneInfo(key)), uid=f"{n}@x", summary=key)
            for n, key in enumerate(
                ("America/Phoenix", "America/New_York", "Pacific/Honolulu", "UTC")
            )
        ],
        "2026-07-01",
        "2026-07-03",
        [
            ("2026-07-01T15:00:00Z", "UTC"),
            ("2026-07-01T17:00:00Z", "America/New_York"),
            ("2026-07-01T19:00:00Z", "America/Phoenix"),
            ("2026-07-02T00:00:00Z", "Pacific/Honolulu"),
        ],
    ),
    "clocks that change before midnight and on the day after a weekday": (
        [
            hour(at("2027-01-03T12:00", ZoneInfo(key)), uid=key, summary=key, rrule="FREQ=DAILY")
            for key in ("America/Nuuk", "America/Santiago")
        ],
        "2027-03-27",
        "2027-04-05",
        # Nuuk: 27 March at 23:00; Santiago: 3 April at 24:00.
        [
            ("2027-03-27T14:00:00Z", "America/Nuuk"),
            *((f"2027-03-{day}T13:00:00Z", "America/Nuuk") for day in (28, 29, 30, 31)),
            *((f"2027-04-0{day}T13:00:00Z", "America/Nuuk") for day in (1, 2, 3, 4)),
            *((f"2027-03-{day}T15:00:00Z", "America/Santiago") for day in range(27, 32)),
            *((f"2027-04-0{day}T15:00:00Z", "America/Santiago") for day in (1, 2, 3)),
            ("2027-04-04T16:00:00Z", "America/Santiago"),
        ],
    ),
}


def feed(events: list[ics.Event]) -> bytes:
    return ics.feed(
        name="Calls", url="https://hub.example.org/calls/", color="seagreen", events=events
    )


def zulu(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def with_recurring_ical_events(data: bytes, begin: datetime, end: datetime) -> Found:
    calendar = icalendar.Calendar.from_ical(data)
    found = recurring_ical_events.of(calendar).between(begin, end)
    return sorted((zulu(event.start), str(event["SUMMARY"])) for event in found)


def with_vobject(data: bytes, begin: datetime, end: datetime) -> Found:
    events = vobject.readOne(data.decode()).vevent_list
    changed = {
        (event.uid.value, event.recurrence_id.value.astimezone(UTC)): event
        for event in events
        if hasattr(event, "recurrence_id")
    }
    taking_place = [(event.dtstart.value, event) for event in changed.values()]
    for event in events:
        if hasattr(event, "recurrence_id"):
            continue
        days = [event.dtstart.value]
        if event.rruleset:
            days = event.getrruleset().between(
                begin - timedelta(days=60), end + timedelta(days=60), inc=True
            )
        for day in days:
            if (event.uid.value, day.astimezone(UTC)) not in changed:
                taking_place.append((day, event))
    return sorted(
        (zulu(day), event.summary.value) for day, event in taking_place if begin <= day < end
    )


def under_unknown_names(data: bytes) -> bytes:
    for area in (b"America/", b"Pacific/"):
        data = data.replace(b"TZID=" + area, b"TZID=Of this file/")
        data = data.replace(b"TZID:" + area, b"TZID:Of this file/")
    return data


@pytest.mark.parametrize("reader", [with_recurring_ical_events, with_vobject])
@pytest.mark.parametrize("renamed", [False, True], ids=["as it is", "zone only in the file"])
@pytest.mark.parametrize("case", CASES)
def test_takes_place_when_promised(reader: Reader, renamed: bool, case: str) -> None:
    events, begin, end, expected = CASES[case]
    data = feed(events)
    if renamed:
        data = under_unknown_names(data)
    assert reader(data, at(begin, ZoneInfo("UTC")), at(end, ZoneInfo("UTC"))) == sorted(expected)


@pytest.mark.parametrize("reader", [with_recurring_ical_events, with_vobject])
def test_instants_come_from_the_vtimezone_of_the_file(reader: Reader) -> None:
    """Guards the test above: another rule in the file gives other instants."""
    data = feed([WEEKLY]).replace(b"America/Los_Angeles", b"Elsewhere/Than before")
    data = data.replace(b"TZOFFSETTO:-0700", b"TZOFFSETTO:-0600")
    begin, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC)
    assert [start for start, _ in reader(data, begin, end)] == [
        "2026-03-04T20:00:00Z",
        "2026-03-11T18:00:00Z",
    ]
