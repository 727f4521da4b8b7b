"""The mails about pledges: each function reads its rows when the mail is sent.

None means the mail is no longer needed: newer news went out, the pledge is kept or ended.
They hold nothing of a case: who the client is, and what it is about, is said elsewhere.
"""

from typing import Any

from hub.models import Mail
from hub.outbox import Letter
from trainings import pledges as heart
from trainings import words
from trainings.models import OfferingPrice, Pledge, PledgeEvent
from trainings.services.pledges import REMINDED


def made(mail: Mail) -> Letter | None:
    pledge, event = _about(mail)
    if pledge is None or event is None or not _is_latest(event):
        return None
    return _letter("pledge_made", pledge)


def reminder(mail: Mail) -> Letter | None:
    pledge, event = _about(mail)
    if pledge is None or event is None or pledge.state not in heart.OPEN:
        return None
    return _letter(
        "pledge_reminder",
        pledge,
        is_due=event.reason.startswith("due"),
        is_matched=pledge.state == Pledge.State.MATCHED,
    )


def changed(mail: Mail) -> Letter | None:
    pledge, event = _about(mail)
    if pledge is None or event is None or not _is_latest(event):
        return None
    fee = pledge.registration.offering.prices.filter(kind=OfferingPrice.Kind.FEE).first()
    return _letter(
        "pledge_changed",
        pledge,
        what=event.what,
        is_open=pledge.state in heart.OPEN,
        amount=words.money(fee.amount_cents) if fee else "",
    )


def _letter(name: str, pledge: Pledge, **context: Any) -> Letter:
    registration = pledge.registration
    return Letter(
        to=registration.email,
        template=f"trainings/mail/{name}",
        context={
            "pledge": pledge,
            "registration": registration,
            "offering": registration.offering,
            "course": registration.offering.course,
            **context,
        },
    )


def _about(mail: Mail) -> tuple[Pledge | None, PledgeEvent | None]:
    pledge = (
        Pledge.objects.filter(pk=mail.subject_id)
        .select_related("registration__offering__course", "text")
        .first()
    )
    event = PledgeEvent.objects.filter(pk=mail.about_id, pledge=mail.subject_id).first()
    return pledge, event


def _is_latest(event: PledgeEvent) -> bool:
    """Did nothing happen to the pledge since? A reminder is nothing that happened."""
    later = PledgeEvent.objects.filter(pledge=event.pledge_id, pk__gt=event.pk)
    return not later.exclude(what=REMINDED).exists()
