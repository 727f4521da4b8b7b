"""When a pledge is due and what may become of it. Pure: dates and states in and out.

A pledge is a promise to take on pro bono cases within twelve months of the training. It
is kept by accepting a case until the last second, Pacific, of the day it is due. An open
one past that day waits for staff; nothing follows by itself.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from hub import words
from trainings.agenda import months_later
from trainings.states import ANYONE, OFFICE, STAFF, Machine

Policy = Literal["months", "calendar_year"]

MONTHS = 12

_PACIFIC = ZoneInfo(words.PACIFIC)

# Waiting for a case, or for one to be accepted.
OPEN = frozenset({"eligible", "matched", "extended"})

PLEDGE = Machine(
    name="pledge",
    states={
        "made": "made",
        "eligible": "eligible for a case",
        "matched": "matched with a case",
        "accepted": "accepted",
        "fulfilled": "fulfilled",
        "extended": "extended",
        "waived": "waived",
        "converted": "converted to the fee",
        "released": "released",
        "void": "void",
    },
    moves={
        ("made", "eligible"): OFFICE,
        # Registration canceled, changed to the fee, or never came.
        ("made", "void"): ANYONE,
        ("eligible", "matched"): STAFF,
        ("extended", "matched"): STAFF,
        ("matched", "accepted"): STAFF,
        ("accepted", "fulfilled"): STAFF,
        # The case came to nothing before it was accepted.
        ("matched", "eligible"): STAFF,
        # The attorney withdrew from an accepted case.
        ("accepted", "matched"): STAFF,
        ("eligible", "extended"): STAFF,
        ("matched", "extended"): STAFF,
        ("extended", "extended"): STAFF,
    }
    | {(state, "released"): STAFF for state in OPEN}
    | {(state, "waived"): STAFF for state in OPEN | {"made"}}
    | {(state, "converted"): STAFF for state in OPEN}
    # The attendance it stood on turned out to be a mistake.
    | {(state, "void"): STAFF for state in OPEN},
    reasoned=frozenset(
        {("accepted", "matched"), ("matched", "eligible")}
        | {
            (state, exit_)
            for state in OPEN | {"made"}
            for exit_ in ("extended", "waived", "converted", "released")
        }
        | {(state, "void") for state in OPEN}
    ),
)


# When


def due_on(last_session: date, policy: Policy = "months", months: int = MONTHS) -> date:
    """The day a pledge is due, of the day of the training's last session.

    "months": so many later, on the month's last day where it has no such day (February
    29, 2028: February 28, 2029). "calendar_year": December 31 of the training's year.
    """
    if policy == "calendar_year":
        return date(last_session.year, 12, 31)
    return months_later(last_session, months)


def in_time(due: date, accepted_at: datetime) -> bool:
    """Was the case accepted by 23:59:59 Pacific on the day it was due?"""
    return accepted_at.astimezone(_PACIFIC).date() <= due


def time_left(due: date, today: date) -> str:
    """What is left until the end of the day a pledge is due: "7 months and 3 days are left".

    "it is due today" on the day itself, and after it "it was due 1 day ago".
    """
    if due == today:
        return "it is due today"
    first, last = min(due, today), max(due, today)
    months = 0
    while months_later(first, months + 1) <= last:
        months += 1
    days = (last - months_later(first, months)).days
    parts = [(months, "month"), (days, "day")]
    said = words.listed([f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in parts if n])
    if due < today:
        return f"it was due {said} ago"
    return f"{said} {'is' if months + days == 1 else 'are'} left"


@dataclass(frozen=True)
class Reminder:
    """kind and on are together unlike any other reminder of the pledge, extended or not."""

    kind: str
    on: date


def reminders(last_session: date, due: date) -> list[Reminder]:
    """30 days, 6, 9 and 11 months after the training, as far as before due; and due."""
    planned = [Reminder("30 days", last_session + timedelta(days=30))]
    planned += [
        Reminder(f"{months} months", months_later(last_session, months)) for months in (6, 9, 11)
    ]
    return [one for one in planned if one.on < due] + [Reminder("due", due)]


def reminders_to_send(
    state: str, last_session: date, due: date, sent: Collection[Reminder], today: date
) -> list[Reminder]:
    """At most one: the latest whose day has come, unless sent. None when nothing is open.

    After a stop of weeks somebody gets the reminder of the day, not every one missed.
    """
    come = [one for one in reminders(last_session, due) if one.on <= today]
    return [one for one in come[-1:] if state in OPEN and one not in sent]


# Kept or not


Count = Literal["open", "kept", "late", "overdue", "neither"]


def counted(state: str, due: date, accepted_at: datetime | None, now: datetime) -> Count:
    """How a pledge counts: kept (or late, of a case accepted after the day), overdue, or not.

    "neither": the one who pledged was let off (waived, released for want of a suitable
    case), paid instead, or never owed a case. An overdue one is staff's to decide about.
    accepted_at: None before acceptance. Raises ValueError if an accepted one has none.
    """
    if state in {"accepted", "fulfilled"}:
        if accepted_at is None:
            raise ValueError(f"a pledge that is {state} has a time of acceptance")
        return "kept" if in_time(due, accepted_at) else "late"
    if state in {"waived", "converted", "released", "void"}:
        return "neither"
    return "open" if in_time(due, now) else "overdue"


def after_training(attended: int, scheduled: int, share: int = 0) -> Literal["eligible", "void"]:
    """What attending so many of the scheduled minutes makes of a pledge.

    share: the least percentage of them that makes it binding; without any attendance it
    is void, and no fee takes its place.
    """
    return "eligible" if attended > 0 and attended * 100 >= scheduled * share else "void"


def after_withdrawal(state: str, by: Literal["client", "attorney"]) -> str:
    """The state after a case ends early; by whom decides.

    A client who leaves does not undo what the attorney did: an accepted case counts as
    done. An attorney who leaves is where they were before accepting it.
    """
    if by == "client":
        return {"matched": "eligible", "accepted": "fulfilled"}.get(state, state)
    return {"matched": "eligible", "accepted": "matched"}.get(state, state)


# Which


@dataclass(frozen=True)
class Pledge:
    """A pledge as a case looks for it."""

    key: int
    state: str
    due: date


def satisfied_by_case(pledges: Iterable[Pledge]) -> Pledge | None:
    """The one pledge of an attorney that a case goes to: of the open ones, the oldest due."""
    open_ = [one for one in pledges if one.state in OPEN]
    return min(open_, key=lambda one: (one.due, one.key), default=None)


@dataclass(frozen=True)
class Progress:
    """Cases of a firm's pledge. state: what each of its attendees' own pledges shows."""

    kept: int
    promised: int
    state: str

    def __str__(self) -> str:
        return f"{self.kept}/{self.promised}"


def firm_progress(promised: int, cases: Sequence[str]) -> Progress:
    """Of a pledge of so many cases together. cases: state of each, "matched" or further.

    An accepted case counts. More cases than promised do not make 3/2.
    """
    kept = min(promised, sum(case in {"accepted", "fulfilled"} for case in cases))
    if sum(case == "fulfilled" for case in cases) >= promised:
        state = "fulfilled"
    elif kept == promised:
        state = "accepted"
    else:
        state = "matched" if cases else "eligible"
    return Progress(kept, promised, state)
