"""How long a feed takes to write: `python -m benchmarks.feeds`.

Prints the median of 15 runs, for texts that repeat from date to date, as most do, and for dates
that each have a text of their own, the worst case.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hub import ics

_RUNS = 15
_PACIFIC = ZoneInfo("America/Los_Angeles")
_DESCRIPTION = (
    "For attorneys who represent survivors of trafficking; share cases, questions and news.\n"
    "Topic: continued presence, the T visa and what to file first. Speaker: María Núñez, CAST.\n"
    "Joining details go to those who signed up: sign up on the page of this call, which also "
    "shows every change of date, the flyer and how to leave.\n\n"
    "12:00–1:00 pm Pacific · 3:00–4:00 pm Eastern"
)


def events(series: int, overrides: int, *, distinct: bool) -> list[ics.Event]:
    """Weekly series over ten years, with `overrides` changed dates shared out among them."""
    made: list[ics.Event] = []
    for number in range(series):
        first = datetime(2026, 1, 7, 8 + number % 10, tzinfo=_PACIFIC)
        shared = ics.Event(
            uid=f"7b0f54a6-33c5-4a53-9a5e-{number:012}@hub.example.org",
            stamp=datetime(2026, 1, 2, tzinfo=UTC) + timedelta(minutes=number),
            sequence=1,
            start=first,
            end=first + timedelta(hours=1),
            summary=f"Legal Anti-Trafficking Working Group {number}",
            description=_DESCRIPTION,
            location="Online",
            url=f"https://hub.example.org/calls/legal-working-group-{number}/",
            rrule="FREQ=WEEKLY;UNTIL=20351231T200000Z;BYDAY=WE",
        )
        made.append(shared)
        for date in range(number, overrides, series):
            week = timedelta(weeks=date // series + 1)
            canceled = date % 5 == 0
            text = (
                "There is no call on this date: the office is closed." if canceled else _DESCRIPTION
            )
            if distinct:
                text = f"{text}\nDate {date} of call {number}"
            made.append(
                ics.Event(
                    uid=shared.uid,
                    stamp=shared.stamp + week,
                    sequence=2,
                    start=first + week + timedelta(days=date % 2),
                    end=first + week + timedelta(days=date % 2, hours=1),
                    summary=shared.summary,
                    description=text,
                    location="Online",
                    url=shared.url,
                    recurrence_id=first + week,
                    canceled=canceled,
                )
            )
    return made


def measure(write: Callable[[], bytes]) -> tuple[float, int]:
    """Median milliseconds of a call, and the bytes it gave."""
    size = len(write())
    taken = []
    for _ in range(_RUNS):
        begun = time.perf_counter()
        write()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken), size


def main() -> None:
    print(f"{'series':>7} {'overrides':>10} {'texts':>9} {'ms':>8} {'bytes':>10}")
    for series, overrides in ((1, 200), (200, 1000)):
        for distinct in (False, True):
            made = events(series, overrides, distinct=distinct)
            taken, size = measure(
                lambda made=made: ics.feed(  # type: ignore[misc]
                    name="Calls", url="https://hub.example.org/", color="seagreen", events=made
                )
            )
            texts = "distinct" if distinct else "repeated"
            print(f"{series:>7} {overrides:>10} {texts:>9} {taken:>8.1f} {size:>10,}")


if __name__ == "__main__":
    main()
