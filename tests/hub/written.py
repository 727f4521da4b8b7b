"""Events and people for the tests of calendar files, and how to read what was written."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hub import ics

ROOT = Path(__file__).parents[2]
PACIFIC = ZoneInfo("America/Los_Angeles")
NOON = datetime(2026, 1, 7, 12, tzinfo=PACIFIC)
HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)

SERIES = ics.Event(
    uid="0f0d@hub.example.org",
    stamp=datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC),
    sequence=2,
    start=NOON,
    end=NOON + HOUR,
    summary="Legal Working Group",
    description="Every Wednesday.\nFor attorneys; bring cases, questions.",
    location="Online",
    url="https://hub.example.org/calls/legal/",
    rrule="FREQ=WEEKLY;BYDAY=WE",
    exdates=(NOON + 3 * WEEK, NOON + 2 * WEEK),
)
MOVED = replace(
    SERIES,
    start=NOON + WEEK + timedelta(days=1),
    end=NOON + WEEK + timedelta(days=1, hours=1),
    rrule="",
    exdates=(),
    recurrence_id=NOON + WEEK,
    sequence=3,
)
CANCELED = replace(
    MOVED,
    start=NOON + 4 * WEEK,
    end=NOON + 4 * WEEK + HOUR,
    recurrence_id=NOON + 4 * WEEK,
    canceled=True,
    description="The office is closed.",
)
TALK = ics.Event(
    uid="9e9e@hub.example.org",
    stamp=datetime(2026, 1, 1, 19, tzinfo=PACIFIC),
    sequence=0,
    start=datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("America/Phoenix")),
    end=datetime(2026, 6, 1, 17, tzinfo=UTC),
    summary="A talk",
)
PHOENIX_FIRST = [TALK, CANCELED, MOVED, SERIES]
PEOPLE = {
    "organizer": ("CAST", "calls@hub.example.org"),
    "attendee": ("María Núñez", "maria@example.org"),
}


def feed(*events: ics.Event, **more: Any) -> bytes:
    values = {"name": "Calls", "url": "https://hub.example.org/", "color": "seagreen"} | more
    return ics.feed(events=events, **values)


def invitation(*events: ics.Event, method: Any = "REQUEST", **more: Any) -> bytes:
    return ics.invitation(method=method, events=events, **(PEOPLE | more))


def lines(data: bytes) -> list[str]:
    """Content lines, unfolded."""
    assert data.endswith(b"\r\n")
    return data.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")


def names(data: bytes) -> list[str]:
    """Of each line what stands before its value, BEGIN and END whole."""
    return [
        line if line.startswith(("BEGIN:", "END:")) else line.split(":")[0] for line in lines(data)
    ]


def value(data: bytes, name: str) -> str:
    """The text of a property, by the rules of RFC 5545 3.3.11 read backwards."""
    (raw,) = (line.removeprefix(f"{name}:") for line in lines(data) if line.startswith(f"{name}:"))
    text, rest = "", iter(raw)
    for char in rest:
        if char == "\\":
            escaped = next(rest)
            assert escaped in "nN;,\\"
            text += "\n" if escaped in "nN" else escaped
        else:
            assert char not in ";,"
            text += char
    return text


def plain(text: str, newline: str) -> str:
    """What a reader may see of a text, said one character at a time."""
    kept = ""
    for char in text.replace("\r\n", "\n"):
        if char in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029":
            kept += newline
        elif char == "\t":
            kept += " "
        elif unicodedata.category(char) in ("Cc", "Cs") or (
            unicodedata.bidirectional(char)
            in ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI")
        ):
            continue
        else:
            kept += char
    return kept.strip()
