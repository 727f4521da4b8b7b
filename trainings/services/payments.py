"""How money arrives: by card through the payment service, by check through the mail.

The service is asked what is true: a webhook, the page people come back to and the worker
all retrieve the session or its refunds and apply that, so that what arrives twice, late
or out of order changes nothing. Locks are taken in one order: offering, registration,
checkout. Amounts are integer cents.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import stripe
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from hub import links, outbox
from hub.models import User
from hub.refusal import Refused
from trainings.models import (
    CheckoutSession,
    Entry,
    Offering,
    PaymentEvent,
    Refund,
    Registration,
)
from trainings.services import money, registration

log = logging.getLogger(__name__)

CURRENCY = "usd"
TIMEOUT_SECONDS = 10
# The service lets a session live from 30 minutes to a day; a minute is kept clear of both.
SHORTEST, LONGEST = timedelta(minutes=31), timedelta(hours=24) - timedelta(minutes=1)
ASK_AFTER, FORGET_AFTER = timedelta(minutes=30), timedelta(days=3)
CAME_LATE = "The payment came when the seat had gone, or was paid for already."

# The page of one payment shows less, and lets its bearer do less, than that of a registration:
# its address is given to the payment service, to send people back to.
PAGE_PURPOSE = "trainings.payment"

Change = Callable[[], None]


class Unreachable(Exception):
    """The payment service did not answer, or not as it should; nothing has changed."""


# Checks


@transaction.atomic
def record_check(of: Registration, cents: int, reference: str, by: User) -> Entry:
    """Enter a check for so many cents with its number; a seat it pays for is confirmed.

    Raises Refused, also for the same check entered twice.
    """
    locked = _locked(of.pk)
    if not reference.strip():
        raise Refused("Enter the number of the check.")
    if locked.entries.filter(
        method=money.CHECK,
        kind=Entry.Kind.PAYMENT,
        reference=reference.strip(),
        taken_back_by=None,
    ).exists():
        raise Refused(f"Check {reference.strip()} is entered already.")
    line = money.receive(locked, cents, method=money.CHECK, reference=reference.strip(), by=by)
    _came_in(locked, line)
    return line


def _came_in(locked: Registration, line: Entry) -> None:
    outbox.promise("trainings.payment_received", locked.pk, line.pk)
    if locked.state == Registration.State.AWAITING_PAYMENT and money.balance(locked) <= 0:
        registration.paid(locked.pk)


# Cards


def begin_checkout(of: Registration) -> str:
    """The address of a payment page for all that is owed; the same one while it is open.

    Raises Refused when there is nothing to pay, Unreachable when the service is down.
    """
    if not money.card_enabled():
        raise Refused("Payment by card is not available. You can pay by check.")
    with transaction.atomic():
        locked = Registration.objects.select_for_update(of=["self"]).get(pk=of.pk)
        owed = money.balance(locked)
        if owed <= 0 or locked.state == Registration.State.CANCELED:
            raise Refused("There is nothing to pay.")
        awaited = locked.state == Registration.State.AWAITING_PAYMENT
        now = timezone.now()
        if awaited and locked.pay_until and locked.pay_until <= now:
            raise Refused("The time to pay for this seat has passed.")
        return _open_address(locked, owed) or _new_address(locked, owed, now)


def _open_address(locked: Registration, owed: int) -> str:
    for checkout in locked.checkouts.filter(state=CheckoutSession.State.OPEN):
        session = _retrieve(checkout.session_id)
        if session["status"] == "complete":
            raise Refused("Your payment is being processed: there is no need to pay again.")
        if session["status"] == "open" and checkout.amount_cents == owed:
            return str(session["url"])
        if session["status"] == "open":
            _expire(checkout.session_id)
        _set_state(checkout, CheckoutSession.State.EXPIRED)
    return ""


def _new_address(locked: Registration, owed: int, now: datetime) -> str:
    course = locked.offering.course
    page = payment_page(locked)
    what: dict[str, Any] = {
        "mode": "payment",
        "payment_method_types": ["card"],
        "client_reference_id": str(locked.pk),
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": CURRENCY,
                    "unit_amount": owed,
                    "product_data": {"name": course.title},
                },
            }
        ],
        "success_url": page,
        "cancel_url": page,
    }
    if locked.pay_until and locked.pay_until < now + LONGEST:
        what["expires_at"] = int(max(locked.pay_until, now + SHORTEST).timestamp())
    # The same for the same request, and unlike that of another hub at the same service.
    begun = locked.checkouts.count()
    key = _key("checkout", locked.pk, begun, owed, what.get("expires_at"))
    with _reaching():
        session = _client().v1.checkout.sessions.create(what, {"idempotency_key": key})  # type: ignore[arg-type]
    CheckoutSession.objects.create(
        registration=locked, session_id=session.id, amount_cents=owed, created_at=now
    )
    return str(session.url)


def fulfil(session_id: str) -> None:
    """Apply what the service says of one of our sessions; any number of times, by anyone.

    Raises Unreachable.
    """
    change = _about_session(session_id)
    with transaction.atomic():
        change()


def look_up(of: Registration) -> None:
    """Fulfil whatever somebody may just have paid. Raises Unreachable."""
    for checkout in of.checkouts.filter(state=CheckoutSession.State.OPEN):
        fulfil(checkout.session_id)


def hear(payload: bytes, signature: str) -> None:
    """Take in a webhook's message; one that was taken in, or is not for us, changes nothing.

    Raises ValueError when it is not signed by the service or no message, Unreachable.
    """
    try:
        event = _client().construct_event(payload, signature, settings.STRIPE_WEBHOOK_SECRET)
    except stripe.SignatureVerificationError as error:
        raise ValueError("wrong signature") from error
    about = _ABOUT.get(event.type)
    if about is None or PaymentEvent.objects.filter(event_id=event.id).exists():
        return
    change = about(event.data.object)
    with transaction.atomic():
        # Of two at once, the second waits here for the first.
        _, is_new = PaymentEvent.objects.get_or_create(
            event_id=event.id, defaults={"kind": event.type}
        )
        if is_new:
            change()


def _about_session(session_id: str, *, failed: bool = False) -> Change:
    known = CheckoutSession.objects.filter(session_id=session_id).first()
    if known is None:
        return _nothing
    session = _retrieve(session_id)

    def change() -> None:
        of = _locked(known.registration_id)
        checkout = CheckoutSession.objects.select_for_update().get(pk=known.pk)
        if checkout.state in {CheckoutSession.State.PAID, CheckoutSession.State.WRONG}:
            return
        # A card that was turned down leaves a payment on a page that is still open.
        if session["status"] == "complete":
            checkout.payment_intent = session.get("payment_intent") or ""
            checkout.save(update_fields=["payment_intent"])
        if session["payment_status"] != "unpaid":
            _paid(of, checkout, session)
        elif session["status"] == "expired":
            _set_state(checkout, CheckoutSession.State.EXPIRED)
        elif failed and checkout.state == CheckoutSession.State.OPEN:
            _set_state(checkout, CheckoutSession.State.FAILED)
            outbox.promise("trainings.payment_failed", of.pk, checkout.pk)

    return change


def _paid(of: Registration, checkout: CheckoutSession, session: dict[str, Any]) -> None:
    if (session["amount_total"], session["currency"]) != (checkout.amount_cents, CURRENCY):
        log.error("%s was paid with another amount or currency than asked", checkout)
        _set_state(checkout, CheckoutSession.State.WRONG)
        return
    _set_state(checkout, CheckoutSession.State.PAID)
    owed = money.balance(of)
    cents = checkout.amount_cents
    line = money.receive(of, cents, method=money.CARD, reference=checkout.payment_intent)
    if owed <= 0 or of.state == Registration.State.CANCELED:
        outbox.promise("trainings.payment_late", of.pk, line.pk)
        money.refund(of, cents, None, CAME_LATE)
    else:
        _came_in(of, line)


def _about_refunds(payment_intent: str | None) -> Change:
    """What was refunded of a payment: at the service's own pages, or there by us."""
    checkout = _checkout_of(payment_intent)
    if checkout is None:
        return _nothing
    settle = _about_session(checkout.session_id)
    with _reaching():
        listed = _client().v1.refunds.list({"payment_intent": str(payment_intent), "limit": 100})
        refunds = [one.to_dict() for one in listed.auto_paging_iter()]

    def change() -> None:
        settle()
        _apply_refunds(checkout.pk, refunds)

    return change


def _apply_refunds(checkout_pk: int, refunds: Sequence[dict[str, Any]]) -> None:
    checkout = CheckoutSession.objects.get(pk=checkout_pk)
    _locked(checkout.registration_id)
    if checkout.state != CheckoutSession.State.PAID:
        return
    for one in refunds:
        failed = one["status"] in {"failed", "canceled"}
        ours = (one.get("metadata") or {}).get("hub_refund", "")
        row = (
            checkout.refunds.filter(reference=one["id"]).first()
            or checkout.refunds.filter(pk=int(ours) if ours.isdecimal() else 0).first()
        )
        if row is None and not failed:
            money.refund_seen(checkout, one["amount"], one["id"])
        elif row is not None and failed:
            money.refund_failed(row.entry, "The payment service could not make the refund.")
        elif row is not None and row.state == Refund.State.WAITING:
            money.refund_made(row, one["id"])


def _about_dispute(payment_intent: str | None) -> Change:
    checkout = _checkout_of(payment_intent)
    if checkout is None:
        return _nothing

    def change() -> None:
        CheckoutSession.objects.filter(pk=checkout.pk, disputed_at=None).update(
            disputed_at=timezone.now()
        )

    return change


def _checkout_of(payment_intent: str | None) -> CheckoutSession | None:
    if not payment_intent:
        return None
    known = CheckoutSession.objects.filter(payment_intent=payment_intent).first()
    if known is not None:
        return known
    # News of a payment can come before the news that it was made.
    with _reaching():
        listed = _client().v1.checkout.sessions.list({"payment_intent": payment_intent})
    ids = [session.id for session in listed.data]
    return CheckoutSession.objects.filter(session_id__in=ids).first()


def _nothing() -> None:
    pass


_ABOUT: dict[str, Callable[[Any], Change]] = {
    "checkout.session.completed": lambda session: _about_session(session.id),
    "checkout.session.async_payment_succeeded": lambda session: _about_session(session.id),
    "checkout.session.async_payment_failed": lambda session: _about_session(
        session.id, failed=True
    ),
    "checkout.session.expired": lambda session: _about_session(session.id),
    "charge.refunded": lambda charge: _about_refunds(charge.payment_intent),
    "refund.updated": lambda refund: _about_refunds(refund.payment_intent),
    "refund.failed": lambda refund: _about_refunds(refund.payment_intent),
    "charge.dispute.created": lambda dispute: _about_dispute(dispute.payment_intent),
}


# The worker's part


def send_refunds(now: datetime) -> None:
    """Have the service make the refunds that wait for it; each once, however often tried."""
    if not money.card_enabled():
        return
    waiting = Refund.objects.filter(state=Refund.State.WAITING, checkout__isnull=False)
    for row in waiting.select_related("checkout", "entry").order_by("pk"):
        try:
            with transaction.atomic():
                _send_refund(row)
        except Unreachable:
            log.warning("%s could not be sent and is tried again", row)


def _send_refund(row: Refund) -> None:
    assert row.checkout is not None  # noqa: S101 (by the filter of the only caller)
    intent = row.checkout.payment_intent
    # An earlier try may have got through although its answer did not.
    _about_refunds(intent)()
    row.refresh_from_db()
    if row.state != Refund.State.WAITING:
        return
    what: dict[str, Any] = {
        "payment_intent": intent,
        "amount": row.entry.cents,
        "metadata": {"hub_refund": str(row.pk)},
    }
    try:
        with _reaching():
            made = _client().v1.refunds.create(what, {"idempotency_key": _key("refund", row.pk)})  # type: ignore[arg-type]
    except Unreachable as error:
        if not isinstance(error.__cause__, stripe.InvalidRequestError):
            raise
        money.refund_failed(row.entry, "The payment service refused the refund.")
        return
    _apply_refunds(row.checkout.pk, [made.to_dict()])


def settle(now: datetime) -> None:
    """Ask about payment pages of which no news came; close those nobody should pay any more."""
    if not money.card_enabled():
        return
    still_open = CheckoutSession.objects.filter(
        state=CheckoutSession.State.OPEN, created_at__range=(now - FORGET_AFTER, now - ASK_AFTER)
    )
    for checkout in still_open.select_related("registration"):
        try:
            if (
                checkout.registration.state == Registration.State.CANCELED
                or money.balance(checkout.registration) <= 0
            ):
                _expire(checkout.session_id)
            fulfil(checkout.session_id)
        except Unreachable:
            log.warning("%s could not be looked up and is tried again", checkout)


def payment_page(of: Registration) -> str:
    """Where somebody sees what they owe, pays by card, and sees that it arrived."""
    token = links.make(PAGE_PURPOSE, of.pk, of.nonce)
    return f"{settings.BASE_URL}{reverse('trainings:paid', args=[token])}"


# What staff look at


def wrong() -> QuerySet[CheckoutSession]:
    """Payments that fit nothing that was asked: nothing is confirmed by them."""
    return _checkouts().filter(state=CheckoutSession.State.WRONG)


def disputed() -> QuerySet[CheckoutSession]:
    """Payments the cardholder's bank asks back."""
    return _checkouts().exclude(disputed_at=None)


def _checkouts() -> QuerySet[CheckoutSession]:
    return CheckoutSession.objects.select_related("registration__offering__course").order_by("pk")


# The service


@cache
def _client_at(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base} if base else None,
        max_network_retries=1,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


def _client() -> stripe.StripeClient:
    return _client_at(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except stripe.StripeError as error:
        # Its text may quote what was sent, so only its kind is written down.
        log.warning("the payment service: %s", type(error).__name__)
        raise Unreachable from error


def _retrieve(session_id: str) -> dict[str, Any]:
    with _reaching():
        return _client().v1.checkout.sessions.retrieve(session_id).to_dict()


def _expire(session_id: str) -> None:
    # A session that was paid or ran out a moment ago refuses; asking it tells which.
    with _reaching(), suppress(stripe.InvalidRequestError):
        _client().v1.checkout.sessions.expire(session_id)


def _key(*parts: object) -> str:
    return salted_hmac("trainings.payments", repr(parts)).hexdigest()


def _set_state(checkout: CheckoutSession, state: str) -> None:
    checkout.state = state
    checkout.save(update_fields=["state"])


def _locked(registration_id: int) -> Registration:
    """The registration, locked after its offering: who frees or fills seats does the same."""
    offering_id = Registration.objects.values_list("offering_id", flat=True).get(pk=registration_id)
    Offering.objects.select_for_update(of=["self"], no_key=True).get(pk=offering_id)
    return Registration.objects.select_for_update(of=["self"]).get(pk=registration_id)
