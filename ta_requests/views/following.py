"""The private page of a request, for whoever holds its link.

Mail programs open every link, so opening it shows nothing and changes nothing; a button does.
The address is the only key here: no cookie counts, so a page of a stranger's can forge
nothing in anybody's name, and the check against forged requests, which may cost somebody
their text, is not needed.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hub import errors, ratelimit, words
from hub.refusal import Refused
from hub.text import many_lines
from ta_requests import promises
from ta_requests.forms import MessageForm, SetDeadlineForm
from ta_requests.models import Cycle, Message, TaRequest
from ta_requests.services import links, thread
from ta_requests.views import shared

log = logging.getLogger(__name__)

Status = TaRequest.Status
_TEXT = ("text",)
ENDINGS = {"solved": TaRequest.Ending.SOLVED, "withdraw": TaRequest.Ending.WITHDRAWN}


@dataclass(frozen=True)
class Happened:
    """Said at the top of the page: what was done, and what is next."""

    title: str
    text: str


@csrf_exempt
@shared.silent
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """A button; and behind it the thread, with what the requester can do."""
    found = links.find(token)
    if found is None:
        return _gone(request)
    do = _DO.get(request.POST.get("do", "")) if request.method == "POST" else None
    if do is None:
        response = render(request, "ta_requests/follow.html", {"section": "ta_requests"})
    else:
        try:
            response = do(request, found)
        except Refused:
            # Purged since the look above.
            return _gone(request)
    response["X-Robots-Tag"] = "noindex"
    return response


def _gone(request: HttpRequest) -> HttpResponse:
    """The same for a link that never was, was replaced, or has run out.

    A reply brings a new link while somebody may be writing on a page of the old one: what
    they send comes back to them.
    """
    # Says that somebody tries, so often at most, and does not say with what.
    if ratelimit.allowed("unknown private links per network", ratelimit.network_of(request)):
        log.info("a private link was asked for that is none, or no longer")
    text = many_lines(request.POST.get("text", "")) if request.method == "POST" else ""
    if not text:
        return errors.not_found(request)
    context = {"section": "ta_requests", "text": text}
    return render(request, "ta_requests/gone.html", context, status=404)


def _open(request: HttpRequest, row: TaRequest) -> HttpResponse:
    return _thread(request, row)


def _write(request: HttpRequest, row: TaRequest) -> HttpResponse:
    form_id = shared.form_id(request)
    form = MessageForm(request.POST)
    is_valid = form.is_valid()
    sent = Message.objects.filter(request=row, form_id=form_id).first()
    if sent is not None:
        if not is_valid or form.cleaned_data["text"] == sent.text:
            return _thread(request, row, _written(row))
        return _thread(
            request,
            row,
            Happened(
                "This message was sent already",
                "You changed its text since. What you wrote now is in the field below: to send "
                "it as a new message, press the button.",
            ),
            message_form=form,
        )
    seal = shared.seal(form, _TEXT, form_id)
    found = [] if shared.was_warned(request, seal) else shared.warnings(form, _TEXT)
    if found or not is_valid:
        return _thread(request, row, message_form=form, form_id=form_id, found=found, seal=seal)
    row = thread.write(row.pk, form_id, form.cleaned_data["text"])
    return _thread(request, row, _written(row))


def _written(row: TaRequest) -> Happened:
    cycle = row.cycles.filter(ended_at=None).first()
    if cycle is None or cycle.due_at is None:
        return Happened("We have your message", "Below is where your request stands.")
    return Happened(
        "We have your message",
        f"Next: a member of staff reads it. You will hear from us by {words.moment(cycle.due_at)}.",
    )


def _deadline(request: HttpRequest, row: TaRequest) -> HttpResponse:
    form = SetDeadlineForm(request.POST)
    if not form.is_valid():
        return _thread(request, row, deadline_form=form)
    kind, day = form.cleaned_data["deadline_type"], form.cleaned_data["deadline"]
    if row.status == Status.CLOSED:
        return _thread(request, row, Happened("Your request is closed", _reopen()))
    if (kind, day) != (row.deadline_type, row.deadline):
        if not _is_fresh(request, row):
            return _thread(request, row, _stale(), deadline_form=form)
        row = thread.set_deadline(row.pk, kind, day)
    return _thread(
        request,
        row,
        Happened("We have your deadline", "Whoever works on your request sees it at its top."),
    )


def _finish(request: HttpRequest, row: TaRequest) -> HttpResponse:
    do = request.POST["do"]
    if row.status == Status.CLOSED:
        return _thread(request, row, Happened("Your request is closed", _reopen()))
    if not _is_fresh(request, row):
        return _thread(request, row, _stale())
    if request.POST.get("sure") != "yes":
        context = {"section": "ta_requests", "row": row, "do": do, "seen": _state(row)}
        return render(request, "ta_requests/finish.html", context)
    row = thread.finish(row.pk, ENDINGS[do])
    title = "Your request is closed" if do == "solved" else "Your question is withdrawn"
    return _thread(request, row, Happened(title, _reopen()))


def _reopen() -> str:
    days = links.READABLE_AFTER_CLOSING.days
    return f"For {days} days you can read it here, and ask again if you need to."


def _stale() -> Happened:
    return Happened(
        "Something changed since you opened this page",
        "Nothing was done yet. Read where your request stands now, and press again.",
    )


_DO = {
    "open": _open,
    "write": _write,
    "deadline": _deadline,
    "solved": _finish,
    "withdraw": _finish,
}


def _state(row: TaRequest) -> str:
    """A seal on where the request stood when the page was drawn: a form that is sent again
    later, by the back button say, undoes nothing that came between."""
    stands = [row.pk, row.status, row.deadline_type, row.deadline]
    said = "|".join(map(str, [*stands, row.messages.count(), row.cycles.count()]))
    return salted_hmac("ta_requests.seen", said, algorithm="sha256").hexdigest()


def _is_fresh(request: HttpRequest, row: TaRequest) -> bool:
    return constant_time_compare(request.POST.get("seen", ""), _state(row))


def _thread(
    request: HttpRequest,
    row: TaRequest,
    happened: Happened | None = None,
    *,
    message_form: MessageForm | None = None,
    deadline_form: SetDeadlineForm | None = None,
    form_id: Any = None,
    **more: Any,
) -> HttpResponse:
    office = shared.office()
    cycle = row.cycles.filter(ended_at=None).first()
    due_at = cycle.due_at if cycle else None
    deadline_form = deadline_form or SetDeadlineForm(
        initial={"deadline_type": row.deadline_type, "deadline": row.deadline}
    )
    message_form = message_form or MessageForm()
    errors_of = [form for form in (message_form, deadline_form) if form.is_bound and form.errors]
    messages = list(row.messages.exclude(kind=Message.Kind.NOTE))
    context = {
        "section": "ta_requests",
        "office": office,
        "row": row,
        "happened": happened,
        "due_at": due_at,
        "moved": _moved(cycle),
        "is_late": due_at is not None and office.now > due_at,
        "answered_at": _answered_at(messages),
        "is_early": due_at is not None and promises.comes_first(row.deadline, due_at),
        "messages_shown": messages,
        "message_form": message_form,
        "deadline_form": deadline_form,
        "has_errors": bool(errors_of),
        "form": errors_of[0] if errors_of else None,
        "form_id": form_id or uuid4(),
        "seen": _state(row),
        "readable_until": row.closed_at and row.closed_at + links.READABLE_AFTER_CLOSING,
        **more,
    }
    return render(request, "ta_requests/thread.html", context)


def _moved(cycle: Cycle | None) -> str:
    """Why the reply comes later than was said at first."""
    if cycle is None or cycle.due_at in {None, cycle.promised_at}:
        return ""
    first = f"At first we said {words.moment(cycle.promised_at)}."
    if cycle.pauses.exists():
        return f"{first} The time in which we waited for your answer does not count."
    return f"{first} A day on which the office is closed came in between."


def _answered_at(messages: list[Message]) -> datetime | None:
    answers = [message.at for message in messages if message.kind == Message.Kind.REPLY]
    return answers[-1] if answers else None
