"""The mails to a requester: a reference, a time and a link, and nothing of who or what.

Each function reads its rows when the mail is sent. None means the mail is no longer needed:
the request was purged, there is nobody to write to, or newer news went out.
"""

from typing import Any

from django.conf import settings
from django.urls import reverse

from hub.models import Mail
from hub.outbox import Letter
from ta_requests.models import Cycle, Message, TaRequest
from ta_requests.services import links


def received(mail: Mail) -> Letter | None:
    """We have the question; here is by when there is an answer."""
    return _promised("received", mail, number=1)


def again(mail: Mail) -> Letter | None:
    """We have what was asked after an answer; `version` is the number of its cycle."""
    return _promised("again", mail, number=mail.version)


def question(mail: Mail) -> Letter | None:
    """We have asked something (`about_id`), and the time stands still until they answer."""
    request = _request(mail)
    if request is None or request.status != TaRequest.Status.WAITING:
        return None
    if not request.messages.filter(pk=mail.about_id, kind=Message.Kind.ASK).exists():
        return None
    return _letter("question", request)


def reply(mail: Mail) -> Letter | None:
    """The answer (`about_id`) can be read; the link is a new one."""
    request = _request(mail)
    if request is None:
        return None
    if not request.messages.filter(pk=mail.about_id, kind=Message.Kind.REPLY).exists():
        return None
    return _letter("reply", request)


def _promised(name: str, mail: Mail, *, number: int) -> Letter | None:
    request = _request(mail)
    if request is None:
        return None
    cycle = Cycle.objects.filter(request=request, number=number, ended_at=None).first()
    # Paused since: the mail with the question says more, and has the same link.
    return _letter(name, request, due_at=cycle.due_at) if cycle and cycle.due_at else None


def _letter(name: str, request: TaRequest, **context: Any) -> Letter:
    path = reverse("ta_requests:follow", args=[links.token_of(request)])
    return Letter(
        to=str(request.email),
        template=f"ta_requests/mail/{name}",
        context={
            "reference": request.reference,
            "link": settings.BASE_URL + path,
            "readable_days": links.READABLE_AFTER_CLOSING.days,
            **context,
        },
    )


def _request(mail: Mail) -> TaRequest | None:
    request = TaRequest.objects.filter(pk=mail.subject_id, purged_at=None).first()
    return request if request and request.email else None
