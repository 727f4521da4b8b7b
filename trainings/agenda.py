"""A training's timed agenda and who was there for it. Pure: instants in, seconds out.

Every instant is an aware datetime, in any zone. Durations are differences of instants:
two datetimes in one zone subtract (and compare) by their wall clocks, which is an hour
wrong over a change of daylight time, so all are made seconds since 1970 UTC first.
"""

import calendar
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from hub import words

Kind = Literal["instruction", "intro", "break"]
Span = tuple[int, int]

CODE_TRIES = 5
CODE_LOCK = timedelta(minutes=10)
UPLOAD_DAYS = 60
RECORDS_MONTHS = 48

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_PACIFIC = ZoneInfo(words.PACIFIC)


class BadAgenda(ValueError):
    """An agenda that cannot be counted; str() is a sentence that names the segment."""


class BadInterval(ValueError):
    """A time of attendance that cannot be; str() is a sentence for who entered it."""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One line of the agenda of an activity. Raises BadAgenda when it ends before it starts.

    key: unlike that of any other segment of the activity.
    kind: "intro" is introductory and concluding remarks; questions are instruction.
    category: a key of credits.PARENT or a plain category; what a rule does not know is general.
    """

    key: str
    start: datetime
    end: datetime
    kind: Kind = "instruction"
    category: str = "general"
    title: str = ""

    def __post_init__(self) -> None:
        if seconds(self.end) <= seconds(self.start):
            raise BadAgenda(f"“{self.name}” must end after it starts.")

    @property
    def name(self) -> str:
        return self.title or self.key

    @property
    def span(self) -> Span:
        return seconds(self.start), seconds(self.end)


@dataclass(frozen=True)
class Interval:
    """Somebody was there from start to end; end None: signed in, never signed out.

    Raises BadInterval when it ends before it starts.
    """

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.end is not None and seconds(self.end) < seconds(self.start):
            raise BadInterval("The time of leaving is before the time of joining.")


def seconds(value: datetime) -> int:
    """Whole seconds since 1970 UTC. Raises ValueError for a naive datetime."""
    if value.utcoffset() is None:
        raise ValueError("a time of a training needs its zone")
    return (value.astimezone(UTC) - _EPOCH) // _SECOND


def united(intervals: Iterable[Interval]) -> list[Span]:
    """The times of attendance as spans that neither overlap nor touch, in order.

    Without a sign-out nobody knows how long it was: such an interval adds nothing until
    staff set its end. `missing_end` lists them.
    """
    merged: list[Span] = []
    for start, end in sorted(
        (seconds(one.start), seconds(one.end)) for one in intervals if one.end is not None
    ):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def missing_end(intervals: Iterable[Interval]) -> list[Interval]:
    """The sign-ins without a sign-out, which staff have to complete, in order."""
    return sorted((one for one in intervals if one.end is None), key=lambda one: seconds(one.start))


def present(segments: Sequence[Segment], intervals: Iterable[Interval]) -> dict[str, int]:
    """Seconds of attendance for each segment but the breaks, by the segment's key.

    Clipped to the agenda by construction: only time inside a segment counts.
    Raises BadAgenda for segments that overlap or share a key.
    """
    if found := problems(segments):
        raise BadAgenda(found[0])
    spans = united(intervals)
    return {
        segment.key: sum(_shared(span, segment.span) for span in spans)
        for segment in segments
        if segment.kind != "break"
    }


def throughout(segments: Iterable[Segment]) -> list[Interval]:
    """The attendance of somebody who never left."""
    return [Interval(segment.start, segment.end) for segment in segments]


def by_codes(segments: Sequence[Segment], keys: Collection[str]) -> list[Interval]:
    """The attendance proven by the spoken codes of these segments, each in whole.

    Raises BadInterval for a key that no segment has.
    """
    if unknown := sorted(set(keys) - {segment.key for segment in segments}):
        raise BadInterval(f"The agenda has no segment “{unknown[0]}”.")
    return throughout(segment for segment in segments if segment.key in keys)


def problems(
    segments: Sequence[Segment], start: datetime | None = None, end: datetime | None = None
) -> list[str]:
    """What is wrong with an agenda, one sentence a fault, naming the segment.

    start, end: of the session the segments must lie in, if given.
    """
    found = []
    seen: set[str] = set()
    for segment in segments:
        if segment.key in seen:
            found.append(f"Two segments are called “{segment.key}”.")
        seen.add(segment.key)
        if start is not None and segment.span[0] < seconds(start):
            found.append(f"“{segment.name}” starts before the session does.")
        if end is not None and segment.span[1] > seconds(end):
            found.append(f"“{segment.name}” runs past the end of the session.")
    latest: Segment | None = None
    for segment in sorted(segments, key=lambda one: one.span):
        if latest is not None and segment.span[0] < latest.span[1]:
            found.append(f"“{segment.name}” starts before “{latest.name}” has ended.")
        if latest is None or segment.span[1] > latest.span[1]:
            latest = segment
    return found


def substantive_changes(approved: Sequence[Segment], now: Sequence[Segment]) -> list[str]:
    """What an approval no longer describes: sentences, none when it still does.

    The approval of an activity is of its content and its minutes in each category, so
    moving a lunch or correcting a title is no such change.
    """
    before, after = _minutes(approved), _minutes(now)
    return [
        f"Substantive change: {_named(what)} was {before.get(what, 0)} minutes when it was "
        f"approved and is now {after.get(what, 0)}."
        for what in sorted(before.keys() | after.keys())
        if before.get(what, 0) != after.get(what, 0)
    ]


CodeResult = Literal["accepted", "wrong", "locked", "early", "queued"]


def code_result(
    right: bool, now: datetime, opens: datetime, closes: datetime, wrong: Iterable[datetime]
) -> CodeResult:
    """What becomes of a spoken code that somebody types at `now`.

    opens, closes: the window of the segment's code, both included.
    wrong: when this person's earlier tries at this segment were wrong.
    "locked" lasts ten minutes from the fifth wrong try, during which further ones do not
    lengthen it; "queued" is right but late, for staff to judge. A try before the window
    opens is "early" whether right or not, and never counts toward the lock.
    """
    moment = seconds(now)
    if moment < seconds(opens):
        return "early"
    # No try before the window counts, as none does during a lock.
    count, locked_until = 0, seconds(opens)
    for when in sorted(map(seconds, wrong)):
        if locked_until <= when <= moment:
            count += 1
            if count == CODE_TRIES:
                count, locked_until = 0, when + CODE_LOCK // _SECOND
    if moment < locked_until:
        return "locked"
    if not right:
        return "wrong"
    return "accepted" if moment <= seconds(closes) else "queued"


def months_later(day: date, months: int) -> date:
    """The same day that many months on, or the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def upload_due(ended: datetime) -> date:
    """The last day, Pacific, to report an activity's attendance to the State Bar."""
    return ended.astimezone(_PACIFIC).date() + timedelta(days=UPLOAD_DAYS)


def upload_late(ended: datetime, now: datetime) -> bool:
    """Has that day passed, in Pacific time?"""
    return now.astimezone(_PACIFIC).date() > upload_due(ended)


def records_until(held_on: date) -> date:
    """The last day on which the records of an activity must stay whole.

    For four years (State Bar of California, Provider Record Keeping).
    """
    return months_later(held_on, RECORDS_MONTHS)


def records_kept(held_on: date, today: date) -> bool:
    """Must they, on this day?"""
    return today <= records_until(held_on)


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def _minutes(segments: Iterable[Segment]) -> Mapping[str, int]:
    total: dict[str, int] = {}
    for segment in segments:
        if segment.kind != "break":
            what = segment.kind if segment.kind == "intro" else segment.category
            total[what] = total.get(what, 0) + segment.span[1] - segment.span[0]
    return {what: length // 60 for what, length in total.items()}


def _named(what: str) -> str:
    return {"intro": "introductory remarks", "general": "general instruction"}.get(
        what, what.replace("_", " ")
    )
