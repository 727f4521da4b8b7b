"""A request comes in."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from hub import audit, outbox
from hub.models import User, normalize_email
from ta_requests import turnaround
from ta_requests.models import Area, TaRequest
from ta_requests.services import clock, links

# Neither 0, O, 1, I, L nor U: read aloud over the phone, none is taken for another.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the requester tells us; every text already cleaned by the form."""

    role: str
    us_state: str
    stage: str
    areas: Iterable[Area]
    question: str
    name: str
    email: str = ""
    phone: str = ""
    organization: str = ""
    supervisor_name: str = ""
    supervisor_email: str = ""
    more: str = ""
    deadline_type: str = ""
    deadline: date | None = None


@transaction.atomic
def submit(form_id: UUID, asked: Asked) -> TaRequest:
    """Take a request in by the form: the request, its promise, its link and its mail, or
    nothing. Sent twice from one showing of the form it is the one there already."""
    return _take_in(form_id, asked, timezone.now(), TaRequest.Channel.FORM, None)


@transaction.atomic
def enter(form_id: UUID, asked: Asked, *, received_at: datetime, by: User) -> TaRequest:
    """Staff write down a request that came by phone, with the time of the call (aware).

    Raises ValueError for a time in the future or before 2020.
    """
    turnaround.check_received(received_at, timezone.now())
    request = _take_in(form_id, asked, received_at, TaRequest.Channel.PHONE, by)
    audit.record(by, "entered", "tarequest", request.reference, fields=["received_at"])
    return request


def _take_in(
    form_id: UUID, asked: Asked, received_at: datetime, channel: str, by: User | None
) -> TaRequest:
    now = timezone.now()
    email = normalize_email(asked.email)
    # Unique in the database: of two at once the second finds the first.
    request, is_new = TaRequest.objects.get_or_create(
        form_id=form_id,
        defaults={
            "reference": _new_reference(),
            "channel": channel,
            "role": asked.role,
            "us_state": asked.us_state,
            "stage": asked.stage,
            "organization": asked.organization,
            "deadline_type": asked.deadline_type if asked.deadline else "",
            "deadline": asked.deadline,
            "name": asked.name,
            "email": email,
            "phone": asked.phone,
            "supervisor_name": asked.supervisor_name,
            "supervisor_email": normalize_email(asked.supervisor_email),
            "more": asked.more,
            "question": asked.question,
            "received_at": received_at,
            "created_at": now,
            "active_at": now,
            "entered_by": by,
        },
    )
    if not is_new:
        return request
    request.areas.set(asked.areas)
    clock.begin(request, received_at)
    if email:
        links.token_of(request)
        outbox.promise("ta_requests.received", request.pk)
    return request


def _new_reference() -> str:
    """KQ7M-M4TX: random, so that it tells nothing of how many there are, or when."""
    while True:
        letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
        reference = f"{letters[:4]}-{letters[4:]}"
        if not TaRequest.objects.filter(reference=reference).exists():
            return reference
