"""Agendas and attendance for the tests, in minutes from nine o'clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from trainings import credits as mcle
from trainings.agenda import (
    Interval,
    Segment,
)
from trainings.credits import Credit

PACIFIC = ZoneInfo("America/Los_Angeles")
EASTERN = ZoneInfo("America/New_York")
NINE = datetime(2027, 5, 4, 9, tzinfo=PACIFIC)
DAY = date(2027, 5, 4)
CA, NY = mcle.RULES
SPECIALS = ("ethics", "bias", "competence", "technology", "civility")


def at(minutes: float, since: datetime = NINE) -> datetime:
    """That many elapsed minutes later."""
    return (since.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(since.tzinfo)


def agenda(*lines: tuple[int, str], since: datetime = NINE) -> list[Segment]:
    """Segments one after the other: minutes, and a category or "intro" or "break"."""
    made, begins = [], 0
    for place, (minutes, what) in enumerate(lines):
        times = {"start": at(begins, since), "end": at(begins + minutes, since)}
        key = f"s{place}"
        if what in {"intro", "break"}:
            made.append(Segment(key=key, kind=what, **times))  # type: ignore[arg-type]
        else:
            made.append(Segment(key=key, category=what, **times))
        begins += minutes
    return made


def there(*spans: tuple[float, float | None]) -> list[Interval]:
    return [Interval(at(start), at(end) if end is not None else None) for start, end in spans]


def total(credit: Credit) -> str:
    return mcle.hours(credit.total, credit.steps)


HOUR = agenda((60, "general"))
# 9:00 remarks, 9:10 teaching, 10:10 a break, 10:30 teaching until 11:30.
MORNING = agenda((10, "intro"), (60, "general"), (20, "break"), (60, "ethics"))
