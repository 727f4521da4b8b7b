"""The mails about money: each function reads its rows when the mail is sent.

None means the mail is no longer needed: the charge was taken back, the bill is paid.
"""

from typing import Any

from hub.models import Mail, Organization
from hub.outbox import Letter
from trainings import words
from trainings.models import CheckoutSession, Entry, OfferingPrice, Refund, Registration
from trainings.services import money, payments


def invoice(mail: Mail) -> Letter | None:
    line = _line(mail)
    if line is None or Entry.objects.filter(takes_back=line).exists():
        return None
    registration = line.registration
    owed = money.balance(registration)
    if owed <= 0:
        return None
    price = registration.offering.prices.filter(kind=OfferingPrice.Kind.FEE).first()
    return _letter(
        "invoice",
        registration,
        number=line.reference,
        amount=words.money(line.cents),
        covers=price.covers if price else "",
        owed=words.money(owed) if owed != line.cents else "",
        payable_to=_payable_to(),
        card=money.card_enabled(),
        dated=line.at,
    )


def received(mail: Mail) -> Letter | None:
    line = _line(mail)
    if line is None or Entry.objects.filter(takes_back=line).exists():
        return None
    balance = money.balance(line.registration)
    return _letter(
        "payment_received",
        line.registration,
        amount=words.money(-line.cents),
        check=line.reference if line.method == money.CHECK else "",
        owed=words.money(balance) if balance > 0 else "",
        credit=words.money(-balance) if balance < 0 else "",
        dated=line.at,
    )


def failed(mail: Mail) -> Letter | None:
    """A card payment that seemed made did not come through."""
    checkout = CheckoutSession.objects.filter(pk=mail.about_id).first()
    registration = _registration(mail)
    if checkout is None or registration is None or money.balance(registration) <= 0:
        return None
    return _letter("payment_failed", registration, amount=words.money(checkout.amount_cents))


def bounced(mail: Mail) -> Letter | None:
    line = _line(mail)
    if line is None or line.takes_back is None or money.balance(line.registration) <= 0:
        return None
    return _letter(
        "payment_bounced",
        line.registration,
        amount=words.money(line.cents),
        check=line.takes_back.reference,
        payable_to=_payable_to(),
        card=money.card_enabled(),
    )


def late(mail: Mail) -> Letter | None:
    """A payment for which there was no seat, or nothing left to pay: it goes back."""
    line = _line(mail)
    if line is None:
        return None
    return _letter("payment_late", line.registration, amount=words.money(-line.cents))


def refunded(mail: Mail) -> Letter | None:
    line = _line(mail)
    refund = Refund.objects.filter(entry=line, state=Refund.State.MADE).first() if line else None
    if line is None or refund is None:
        return None
    return _letter(
        "refund_made",
        line.registration,
        amount=words.money(line.cents),
        check="" if refund.checkout_id else refund.reference,
        card=bool(refund.checkout_id),
    )


def _letter(name: str, registration: Registration, **context: Any) -> Letter:
    return Letter(
        to=registration.email,
        template=f"trainings/mail/{name}",
        context={
            "registration": registration,
            "offering": registration.offering,
            "course": registration.offering.course,
            "link": payments.payment_page(registration),
            **context,
        },
    )


def _payable_to() -> str:
    organization = Organization.objects.first()
    return organization.name if organization else "CAST"


def _line(mail: Mail) -> Entry | None:
    return (
        Entry.objects.filter(pk=mail.about_id, registration=mail.subject_id)
        .select_related("registration__offering__course", "takes_back")
        .first()
    )


def _registration(mail: Mail) -> Registration | None:
    return (
        Registration.objects.filter(pk=mail.subject_id).select_related("offering__course").first()
    )
