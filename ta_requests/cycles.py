"""What happens to the clock of one request, question by question. Pure: states in and out.

A cycle runs from a question to the first substantive reply to it. A follow-up begins a new
one. Acknowledgements, notes and assignment are no business of the clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from hub.refusal import Refused
from ta_requests import turnaround
from ta_requests.turnaround import Closures, Pause, Policy, utc

Outcome = Literal["on_time", "late"]

Key = TypeVar("Key")


@dataclass(frozen=True, kw_only=True)
class Cycle:
    """One question's clock. Instants are aware.

    promised_at: what the requester was told at first; it never changes.
    due_at: when the reply is due by now; None while the clock is paused.
    policy, closures: those it began under, and the closures added since. Keep them with it:
    a closure taken away later still counts here.
    outcome: once answered; it never changes either.
    """

    started_at: datetime
    promised_at: datetime
    due_at: datetime | None
    policy: Policy
    closures: Closures
    pauses: tuple[Pause, ...] = ()
    answered_at: datetime | None = None
    outcome: Outcome | None = None

    @property
    def waiting(self) -> bool:
        """Is a question to the requester unanswered? The clock of a late one runs on."""
        return any(pause.end is None for pause in self.pauses)

    def late(self, now: datetime) -> bool:
        """Of an open cycle: is the reply late? Never while the clock is paused."""
        return self.due_at is not None and utc(now) > self.due_at

    def left(self, now: datetime, closures: Closures) -> timedelta:
        """Of an open cycle: office time left, below zero when late; it stands in a pause."""
        counted = turnaround.stricter(self.closures, closures)
        due_at = self.due_at or _due(_ended(self, now), counted) or now
        return turnaround.time_left(now, due_at, self.policy, counted)


def begin(started_at: datetime, policy: Policy, closures: Closures) -> Cycle:
    """A question came in then; what its due moment rests on is kept with it."""
    due_at = turnaround.due(started_at, policy, closures)
    return Cycle(
        started_at=utc(started_at),
        promised_at=due_at,
        due_at=due_at,
        policy=policy,
        closures=turnaround.used(closures, started_at, due_at, policy),
    )


def ask(cycle: Cycle, at: datetime) -> Cycle:
    """Staff asked the requester something, which pauses the clock unless it is late already.

    Waiting already: nothing changes. Raises Refused once answered, ValueError before start.
    """
    if cycle.outcome:
        raise Refused("This request is answered. A further question begins a new one.")
    if utc(at) < cycle.started_at:
        raise ValueError("Nothing can be asked about a request before it came in.")
    if cycle.waiting:
        return cycle
    return _recounted(replace(cycle, pauses=(*cycle.pauses, Pause(start=at))), {})


def resume(cycle: Cycle, at: datetime, closures: Closures) -> Cycle:
    """The requester answered, or staff let the clock run on; no change if nothing waits.

    Raises ValueError for a moment before the question.
    """
    if not cycle.waiting:
        return cycle
    return _recounted(_ended(cycle, at), closures)


def answer(cycle: Cycle, at: datetime, closures: Closures) -> Cycle:
    """The first substantive reply was sent, which settles the outcome; later ones do not.

    In a pause it ends the waiting, and is on time. Raises ValueError before the start or
    the question that waits.
    """
    if cycle.outcome:
        return cycle
    if utc(at) < cycle.started_at:
        raise ValueError("A request cannot be answered before it came in.")
    cycle = resume(cycle, at, closures)
    return replace(cycle, answered_at=utc(at), outcome="late" if cycle.late(at) else "on_time")


def recount(cycle: Cycle, closures: Closures) -> Cycle:
    """The cycle with closures as they are now. Answered: as it was.

    One added, or closing earlier than before, counts. One taken away still counts.
    """
    return cycle if cycle.outcome else _recounted(cycle, closures)


def moved(cycles: Mapping[Key, Cycle], closures: Closures) -> dict[Key, Cycle]:
    """Of these cycles those whose due moment closures as they would be moves, recounted."""
    after = {key: recount(cycle, closures) for key, cycle in cycles.items()}
    return {key: cycle for key, cycle in after.items() if cycle.due_at != cycles[key].due_at}


def urgency(due_at: datetime | None, deadline: date | None, zone: str) -> datetime:
    """To sort a queue by: due, or the beginning of the day (local to zone) of the court or
    filing deadline, whichever comes first; paused without a deadline comes last.
    """
    dates = [due_at] if due_at else []
    if deadline:
        dates.append(datetime.combine(deadline, time.min, ZoneInfo(zone)).astimezone(UTC))
    return min(dates, default=datetime.max.replace(tzinfo=UTC))


def _ended(cycle: Cycle, at: datetime) -> Cycle:
    return replace(
        cycle,
        pauses=tuple(pause if pause.end else replace(pause, end=at) for pause in cycle.pauses),
    )


def _due(cycle: Cycle, closures: Closures) -> datetime | None:
    return turnaround.due_with_pauses(cycle.started_at, cycle.pauses, cycle.policy, closures)


def _recounted(cycle: Cycle, closures: Closures) -> Cycle:
    counted = turnaround.stricter(cycle.closures, closures)
    due_at = _due(cycle, counted)
    if due_at is None:
        return replace(cycle, due_at=None)
    return replace(
        cycle,
        due_at=due_at,
        closures=turnaround.used(counted, cycle.started_at, due_at, cycle.policy),
    )
