"""The requests that wait for staff, by what is due first. Nothing of what was asked is read."""

from collections.abc import Iterable
from typing import Any

from django.db.models import (
    DateTimeField,
    F,
    FilteredRelation,
    Func,
    Q,
    QuerySet,
    prefetch_related_objects,
)
from django.db.models.functions import Least

from hub.words import PACIFIC
from ta_requests.models import SEALED, Cycle, TaRequest

Status = TaRequest.Status
# As ta_requests.cycles.urgency has it; then whoever has waited longest.
BY_DUE: list[Any] = [F("urgent_at").asc(nulls_last=True), "received_at", "pk"]


class _DayBegins(Func):
    """The first moment of a date, Pacific."""

    template = f"(%(expressions)s::timestamp AT TIME ZONE '{PACIFIC}')"
    output_field = DateTimeField()


def rows() -> QuerySet[Any]:
    """All requests, each with `promise`, its open cycle or None, and `urgent_at`: due, or the
    beginning of the deadline's day, whichever comes first; None paused and without deadline."""
    return (
        TaRequest.objects.defer(*SEALED)
        .annotate(
            promise=FilteredRelation("cycles", condition=Q(cycles__ended_at=None)),
            # Filters ask these: asked of the relation itself, each would join it once more.
            promised=F("promise__pk"),
            due_at=F("promise__due_at"),
            urgent_at=Least(F("promise__due_at"), _DayBegins(F("deadline"))),
        )
        .select_related("promise", "assigned_to")  # type: ignore[misc]
    )


def is_open() -> Q:
    """Of `rows`: what waits for an answer, from us or first from the requester."""
    # No closed request has an open cycle: said for the index of those that are not closed.
    return Q(promised__isnull=False) & ~Q(status=Status.CLOSED)


def open_rows() -> QuerySet[Any]:
    """What waits for an answer, by what is due first."""
    return rows().filter(is_open()).order_by(*BY_DUE)


def load_pauses(found: Iterable[Any]) -> None:
    """For clocks that are shown: the pauses of each promise, in one query."""
    promises = [promise_of(row) for row in found]
    prefetch_related_objects([promise for promise in promises if promise], "pauses")


def promise_of(row: Any) -> Cycle | None:
    """The open cycle of one of `rows`, which lacks the attribute where there is none."""
    found: Cycle | None = getattr(row, "promise", None)
    return found
