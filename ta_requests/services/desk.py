"""TA staff at their desk: take the next request, open one."""

from dataclasses import dataclass

from django.db import transaction

from hub import audit
from hub.models import AuditEvent, User
from ta_requests import queue
from ta_requests.models import SEALED, Cycle, Message, TaRequest
from ta_requests.services import thread

# Why somebody opens a request, as the record keeps it.
PURPOSES = {
    "answer": "To answer it",
    "supervise": "To supervise",
    "quality": "For a quality review",
    "records": "For a records request",
}
KIND = "tarequest"
_CONTENT = [name for name in SEALED if name != "email_index"]


@dataclass(frozen=True)
class Opened:
    """A request with all it holds, for the one page that shows it."""

    request: TaRequest
    messages: list[Message]
    cycles: list[Cycle]
    record: list[AuditEvent]


@transaction.atomic
def open_request(request_id: int, by: User, purpose: str) -> Opened:
    """Read what was asked. Each reading is written down, and first: else nothing is read.

    Raises KeyError for a purpose that is none, TaRequest.DoesNotExist.
    """
    said = PURPOSES[purpose]
    reference = TaRequest.objects.values_list("reference", flat=True).get(pk=request_id)
    audit.record(by, "opened", KIND, reference, purpose=said, fields=[*_CONTENT, "messages"])
    request = TaRequest.objects.select_related("assigned_to", "entered_by").get(pk=request_id)
    return Opened(
        request=request,
        messages=list(request.messages.select_related("by")),
        cycles=list(request.cycles.prefetch_related("pauses")),
        record=record_of(reference),
    )


def record_of(reference: str) -> list[AuditEvent]:
    """Who opened or changed a request, newest first."""
    events = AuditEvent.objects.filter(kind=KIND, reference=reference).select_related("actor")
    return list(events[:100])


@transaction.atomic
def take_next(by: User) -> TaRequest | None:
    """Take what is due first of what nobody has; two at once take two different ones."""
    request = (
        queue.open_rows()
        .filter(assigned_to=None, due_at__isnull=False)
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    return thread.assign(request.pk, by, by) if request else None
