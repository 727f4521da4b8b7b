"""What the requester and staff do with a request. Each verb locks the request first."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from hub import audit, outbox
from hub.models import User
from hub.refusal import Refused
from ta_requests.models import Message, TaRequest
from ta_requests.services import clock, links

Status = TaRequest.Status
Ending = TaRequest.Ending
_GONE = "This request was purged: nothing of it can be changed."
_CLOSED = "This request is closed."
_ELSEWHERE = "This form was sent with another request. Open this one again, and write there."


# What the requester does, by their private link


@transaction.atomic
def write(request_id: int, form_id: UUID, text: str) -> TaRequest:
    """The requester answers, adds to the question, or asks again.

    It lets a paused clock go on. After an answer, or after closing, it is a new promise.
    """
    request = _locked(request_id)
    now = timezone.now()
    if not _add(request, form_id, Message.Kind.FROM_REQUESTER, text, None):
        return request
    cycle = clock.open_cycle(request)
    if cycle is None:
        clock.begin(request, now)
        outbox.promise("ta_requests.again", request.pk, version=request.cycles.count())
    else:
        clock.resume(cycle, now)
    request.status, request.closed_at, request.ending = Status.OPEN, None, ""
    _active(request, "status", "closed_at", "ending")
    return request


@transaction.atomic
def set_deadline(request_id: int, kind: str, day: date, by: User | None = None) -> TaRequest:
    """The requester, or staff for them, tells of the next court or filing date."""
    request = _open(request_id)
    request.deadline_type, request.deadline = kind, day
    _active(request, "deadline_type", "deadline")
    if by:
        audit.record(by, "dated", "tarequest", request.reference, fields=["deadline"])
    return request


@transaction.atomic
def finish(request_id: int, ending: str) -> TaRequest:
    """The requester says it is solved, or takes the question back."""
    request = _locked(request_id)
    if request.status != Status.CLOSED:
        _close(request, ending)
    return request


# What staff do


@transaction.atomic
def assign(request_id: int, to: User | None, by: User) -> TaRequest:
    """Take a request, give it to a colleague, or put it back."""
    request = _locked(request_id)
    if request.assigned_to_id != (to.pk if to else None):
        request.assigned_to = to
        _active(request, "assigned_to")
        audit.record(by, "assigned", "tarequest", request.reference, fields=["assigned_to"])
    return request


@transaction.atomic
def ask(request_id: int, form_id: UUID, text: str, by: User) -> TaRequest:
    """Ask the requester something; the clock waits for their answer."""
    request = _open(request_id)
    if not request.email:
        raise Refused("There is no email address to ask. Call, and note the answer.")
    if not (message := _add(request, form_id, Message.Kind.ASK, text, by)):
        return request
    cycle = clock.open_cycle(request)
    if cycle is None:
        raise Refused("This request is answered: no clock is running. Write an answer or a note.")
    clock.ask(cycle, message.at)
    request.status = Status.WAITING
    _active(request, "status")
    outbox.promise("ta_requests.question", request.pk, message.pk)
    audit.record(by, "asked", "tarequest", request.reference)
    return request


@transaction.atomic
def resume(request_id: int, by: User) -> TaRequest:
    """Let the clock go on without an answer from the requester, or with one by phone."""
    request = _locked(request_id)
    if request.status == Status.WAITING and (cycle := clock.open_cycle(request)):
        clock.resume(cycle, timezone.now())
        request.status = Status.OPEN
        _active(request, "status")
        audit.record(by, "resumed", "tarequest", request.reference)
    return request


@transaction.atomic
def reply(request_id: int, form_id: UUID, text: str, by: User) -> TaRequest:
    """Answer: the clock stops, and the requester gets a new private link to read it."""
    request = _open(request_id)
    if not (message := _add(request, form_id, Message.Kind.REPLY, text, by)):
        return request
    if cycle := clock.open_cycle(request):
        clock.answer(cycle, message.at)
    request.status = Status.ANSWERED
    _active(request, "status")
    if request.email:
        links.revoke(request)
        links.token_of(request)
        outbox.promise("ta_requests.reply", request.pk, message.pk)
    audit.record(by, "answered", "tarequest", request.reference)
    return request


@transaction.atomic
def note(request_id: int, form_id: UUID, text: str, by: User) -> TaRequest:
    """A word among staff; neither clock nor requester hear of it."""
    request = _locked(request_id)
    if _add(request, form_id, Message.Kind.NOTE, text, by):
        _active(request)
        audit.record(by, "noted", "tarequest", request.reference)
    return request


@transaction.atomic
def close(request_id: int, ending: str, by: User) -> TaRequest:
    """End a request. Closed unanswered, its promise counts as withdrawn only where the
    requester took it back; else the time of closing is the time of the answer."""
    request = _locked(request_id)
    if request.status != Status.CLOSED:
        _close(request, ending)
        audit.record(by, "closed", "tarequest", request.reference, fields=["ending"])
    return request


@transaction.atomic
def hold(request_id: int, held: bool, by: User) -> TaRequest:
    """Keep a request from purge, for a subpoena say, or let it go its way again."""
    request = _locked(request_id)
    if request.held != held:
        request.held = held
        _active(request, "held")
        audit.record(by, "held" if held else "released", "tarequest", request.reference)
    return request


def _close(request: TaRequest, ending: str) -> None:
    now = timezone.now()
    if cycle := clock.open_cycle(request):
        unwanted = ending in {Ending.WITHDRAWN, Ending.SOLVED, Ending.NO_ANSWER}
        (clock.give_up if unwanted else clock.answer)(cycle, now)
    request.status, request.closed_at, request.ending = Status.CLOSED, now, ending
    _active(request, "status", "closed_at", "ending")


def _add(
    request: TaRequest, form_id: UUID, kind: str, text: str, by: User | None
) -> Message | None:
    """The message, or None where this showing of the form was sent before.

    Raises Refused where it was sent with another request: nothing may be taken for said there.
    """
    message, is_new = Message.objects.get_or_create(
        form_id=form_id,
        defaults={"request": request, "kind": kind, "text": text, "by": by, "at": timezone.now()},
    )
    if message.request_id != request.pk:
        raise Refused(_ELSEWHERE)
    return message if is_new else None


def _active(request: TaRequest, *fields: str) -> None:
    request.active_at = timezone.now()
    request.purge_warned_at = None
    request.save(update_fields=["active_at", "purge_warned_at", *fields])


def _open(request_id: int) -> TaRequest:
    request = _locked(request_id)
    if request.status == Status.CLOSED:
        raise Refused(_CLOSED)
    return request


def _locked(request_id: int) -> TaRequest:
    request = TaRequest.objects.select_for_update().get(pk=request_id)
    if request.purged_at:
        raise Refused(_GONE)
    return request
