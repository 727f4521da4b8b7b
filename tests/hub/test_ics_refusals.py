"""What cannot be written truly is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub import ics
from tests.hub.written import (
    CANCELED,
    HOUR,
    MOVED,
    NOON,
    PACIFIC,
    SERIES,
    TALK,
    WEEK,
    feed,
    invitation,
)

# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start": datetime(2026, 1, 7, 12)}, "needs a time zone"),
        ({"end": datetime(2026, 1, 7, 13)}, "needs a time zone"),
        ({"stamp": datetime(2026, 1, 7, 13)}, "needs a time zone"),
        ({"exdates": (datetime(2026, 1, 7, 13),)}, "needs a time zone"),
        ({"rrule": "", "recurrence_id": datetime(2026, 1, 7, 13)}, "needs a time zone"),
        ({"end": NOON}, "not after the start"),
        ({"end": NOON - HOUR}, "not after the start"),
        ({"end": NOON + timedelta(milliseconds=999)}, "not after the start"),
        (
            # By the wall clock this ends after it starts.
            {
                "start": datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=PACIFIC),
                "end": datetime(2026, 11, 1, 1, 45, tzinfo=PACIFIC),
            },
            "not after the start",
        ),
        ({"sequence": -1}, "below 0"),
        ({"uid": ""}, "not a uid"),
        ({"uid": "a b"}, "not a uid"),
        ({"uid": "a\r\nX:1"}, "not a uid"),
        ({"uid": "a\n"}, "not a uid"),
        ({"uid": "é"}, "not a uid"),
        ({"recurrence_id": NOON}, "no rule of its own"),
        ({"rrule": "BYDAY=WE"}, "not a rule"),
        ({"rrule": "RRULE:FREQ=WEEKLY"}, "not a rule"),
        ({"rrule": "FREQ=WEEKLY\r\nX:1"}, "not a rule"),
        ({"rrule": "FREQ=WEEKLY\n"}, "not a rule"),
        ({"rrule": "FREQ=WEEKLY;"}, "not a rule"),
        ({"rrule": "FREQ=WEEKLY;UNTIL=20260301"}, "not a rule"),
        ({"rrule": "FREQ=WEEKLY;UNTIL=20260301T200000"}, "not a rule"),
    ],
)
def test_events_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(SERIES, **change)


@pytest.mark.parametrize(
    "clock",
    [timezone(timedelta(hours=-8)), ZoneInfo("Africa/Cairo")],
    ids=["no name", "no rule"],
)
def test_zones_refused(clock: Any) -> None:
    with pytest.raises(ValueError, match=r"named time zone|no plain rule"):
        feed(replace(TALK, start=NOON.astimezone(clock), end=NOON + HOUR))


@pytest.mark.parametrize("color", ["", "#ff0000", "Sea Green", "red\r\nX:1", "red\n"])
def test_colors_refused(color: str) -> None:
    with pytest.raises(ValueError, match="not the name of a color"):
        feed(color=color)


@pytest.mark.parametrize(
    "events",
    [(SERIES, SERIES), (MOVED, replace(MOVED, recurrence_id=(NOON + WEEK).astimezone(UTC)))],
    ids=["series", "date"],
)
@pytest.mark.parametrize("write", [feed, invitation])
def test_an_event_given_twice(write: Callable[..., bytes], events: tuple[ics.Event, ...]) -> None:
    with pytest.raises(ValueError, match="given twice"):
        write(*events)


@pytest.mark.parametrize(
    ("events", "more", "words"),
    [
        ((), {}, "exactly one uid"),
        ((SERIES, TALK), {}, "exactly one uid"),
        ((CANCELED,), {}, "send a CANCEL"),
        ((MOVED, CANCELED), {}, "send a CANCEL"),
        ((replace(SERIES, canceled=True), MOVED), {}, "send a CANCEL"),
        ((TALK,), {"method": "PUBLISH"}, "not a method"),
        ((TALK,), {"method": "REQUEST\r\nX:1"}, "not a method"),
        ((TALK,), {"sent": datetime(2026, 1, 1)}, "needs a time zone"),
    ],
)
def test_invitations_refused(
    events: tuple[ics.Event, ...], more: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        invitation(*events, **more)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ann",
        "@example.org",
        "ann@",
        "ann@@example.org",
        "ann@example.org\r\nX:1",
        "ann@example.org\n",
        "a nn@example.org",
        "<ann@example.org>",
        "ann@example.org,eve@example.org",
        "ann@example.org;eve",
        "mailto:ann@example.org",
        'a"b@example.org',
        "ann\x00@example.org",
    ],
)
@pytest.mark.parametrize("who", ["organizer", "attendee"])
def test_addresses_of_people_refused(who: str, email: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        invitation(TALK, **{who: ("Ann", email)})
