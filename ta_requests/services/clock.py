"""The promise of an answer, kept in rows: what happens to it is decided in ta_requests.cycles."""

from datetime import date, datetime, time
from typing import cast

from django.db import transaction
from django.db.models import QuerySet

from hub.models import Closure
from ta_requests import cycles, queries
from ta_requests.models import Cycle, Pause, TaRequest
from ta_requests.turnaround import Closures, Policy
from ta_requests.turnaround import Pause as Waiting

SETTLED = {Cycle.Outcome.ON_TIME, Cycle.Outcome.LATE}


def closures() -> Closures:
    """Every day that is not a whole office day: None closed, else when it closes early."""
    return dict(Closure.objects.values_list("date", "closes_at"))


def policy_at(instant: datetime) -> Policy:
    """The policy in force at an instant; what the page promises where staff set none."""
    row = queries.policy(instant)
    if row is None:
        return Policy()
    return Policy(office_days=row.office_days, opens=row.opens, closes=row.closes)


def begin(request: TaRequest, at: datetime) -> Cycle:
    """Promise an answer to what came in at an instant; the caller holds the request."""
    begun = cycles.begin(at, policy_at(at), closures())
    return Cycle.objects.create(
        request=request,
        number=request.cycles.count() + 1,
        started_at=begun.started_at,
        promised_at=begun.promised_at,
        due_at=begun.due_at,
        office_days=begun.policy.office_days,
        opens=begun.policy.opens,
        closes=begun.policy.closes,
        closures=_written(begun.closures),
    )


def open_cycle(request: TaRequest) -> Cycle | None:
    """The promise that is not yet kept, locked."""
    return request.cycles.select_for_update().filter(ended_at=None).first()


def ask(row: Cycle, at: datetime) -> None:
    """Stop the clock while the requester is asked. A late one runs on."""
    _keep(row, cycles.ask(state(row), at))


def resume(row: Cycle, at: datetime) -> None:
    """Let the clock go on; not stopped, nothing changes."""
    _keep(row, cycles.resume(state(row), at, closures()))


def answer(row: Cycle, at: datetime) -> None:
    """The answer was sent, which settles the outcome."""
    _keep(row, cycles.answer(state(row), at, closures()))


def give_up(row: Cycle, at: datetime) -> None:
    """An answer is no longer wanted: neither on time nor late."""
    _keep(row, cycles.resume(state(row), at, closures()))
    row.ended_at, row.outcome = at, Cycle.Outcome.WITHDRAWN
    row.save(update_fields=["ended_at", "outcome"])


@transaction.atomic
def closures_changed() -> int:
    """Move what a closure puts later; return how many promises moved.

    A closure that is taken back moves nothing that was promised before.
    """
    rows = {row.pk: row for row in _open_rows().select_for_update(of=["self"])}
    moved = cycles.moved({pk: state(row) for pk, row in rows.items()}, closures())
    for pk, cycle in moved.items():
        _keep(rows[pk], cycle)
    return len(moved)


def moved_by(changed: Closures) -> list[tuple[Cycle, datetime | None]]:
    """Open promises these days would move, and to when, by their present due time."""
    rows = {row.pk: row for row in _open_rows()}
    moved = cycles.moved({pk: state(row) for pk, row in rows.items()}, {**closures(), **changed})
    return [(rows[pk], cycle.due_at) for pk, cycle in moved.items()]


def state(row: Cycle) -> cycles.Cycle:
    """The row and its pauses as the pure rules take them."""
    return cycles.Cycle(
        started_at=row.started_at,
        promised_at=row.promised_at,
        due_at=row.due_at,
        policy=Policy(office_days=row.office_days, opens=row.opens, closes=row.closes),
        closures={
            date.fromisoformat(day): time.fromisoformat(at) if at else None
            for day, at in row.closures.items()
        },
        pauses=tuple(
            Waiting(start=each.started_at, end=each.ended_at) for each in row.pauses.all()
        ),
        answered_at=row.ended_at,
        outcome=cast("cycles.Outcome", row.outcome) if row.outcome in SETTLED else None,
    )


def _open_rows() -> QuerySet[Cycle]:
    return (
        Cycle.objects.filter(ended_at=None)
        .select_related("request")
        .prefetch_related("pauses")
        .order_by("due_at", "pk")
    )


def _keep(row: Cycle, now: cycles.Cycle) -> None:
    known = {each.started_at: each for each in row.pauses.all()}
    for pause in now.pauses:
        if (before := known.get(pause.start)) is None:
            Pause.objects.create(cycle=row, started_at=pause.start, ended_at=pause.end)
        elif before.ended_at != pause.end:
            before.ended_at = pause.end
            before.save(update_fields=["ended_at"])
    row.due_at, row.closures = now.due_at, _written(now.closures)
    row.ended_at, row.outcome = now.answered_at, now.outcome or ""
    row.save(update_fields=["due_at", "closures", "ended_at", "outcome"])


def _written(days: Closures) -> dict[str, str | None]:
    return {str(day): str(at) if at else None for day, at in days.items()}
