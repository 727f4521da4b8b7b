"""How the queue of staff says when an answer is due and how its clock stands. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hub import words
from ta_requests.turnaround import NUDGE
from ta_requests.words import left_short

_PACIFIC = ZoneInfo(words.PACIFIC)
_VERY_SOON = timedelta(hours=2)


@dataclass(frozen=True)
class Said:
    """A state in a word or three, and how it is drawn: "ok", "warn", "bad" or ""."""

    words: str
    tone: str = ""


def moment_short(instant: datetime, now: datetime) -> str:
    """Today 3:10 pm; Wed, Nov 25, 10:02 am; Tue, Jan 5, 2027, 9:00 am. Pacific, unsaid."""
    local, today = instant.astimezone(_PACIFIC), now.astimezone(_PACIFIC).date()
    day = "Today" if local.date() == today else f"{day_short(local.date(), today)},"
    return f"{day} {words.clock(local)}"


def day_short(day: date, today: date) -> str:
    """Wed, Nov 25; with its year where that is another one"""
    said = words.short_day(day)
    return said if day.year != today.year else said.removesuffix(f", {day.year}")


def due(due_at: datetime | None, deadline: date | None, kind: str, now: datetime) -> str:
    """What comes first: the due moment, or the day of a court or filing date, which is said.

    kind: of the deadline, in a word or two.
    """
    if deadline and deadline_first(due_at, deadline):
        return f"{day_short(deadline, now.astimezone(_PACIFIC).date())}, {kind.lower()}"
    return moment_short(due_at, now) if due_at else "Stopped"


def deadline_first(due_at: datetime | None, deadline: date | None) -> bool:
    """Whether the deadline's day begins before the answer is due. Pacific."""
    if deadline is None:
        return False
    return due_at is None or deadline <= due_at.astimezone(_PACIFIC).date()


def clock(due_at: datetime | None, left: timedelta, waiting: bool, now: datetime) -> Said:
    """Of a promise that is still to be kept.

    left: office time until due, below zero since. waiting: a question to the requester is
    unanswered; the clock of a late answer runs on all the same.
    """
    if due_at is None:
        return Said("Paused: waiting for an answer")
    if now > due_at:
        return Said(left_short(left, late=True) + ", waiting" * waiting, "bad")
    said = left_short(left, late=False)
    if left <= _VERY_SOON:
        return Said(said, "bad")
    return Said(said, "warn" if left <= NUDGE else "ok")
