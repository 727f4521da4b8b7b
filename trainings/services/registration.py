"""What a person does with a registration: one function each, safe to do twice.

unconfirmed → (waitlisted → offered) → (awaiting payment) → confirmed; from each to canceled,
which is the end of that registration: coming back is a new one.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from hub import outbox, people
from hub.ids import new_nonce
from hub.models import User, normalize_email
from hub.refusal import Refused
from trainings import queries
from trainings.models import BarNumber, Offering, OfferingPrice, Registration
from trainings.services import money, pledges, seats

State, Method = Registration.State, Registration.Method
Kind = OfferingPrice.Kind

# How somebody takes part: a kind of price, and for a fee the way it is paid.
Choice = Literal["free", "pledge", "card", "invoice", "waiver"]
CHOICES: tuple[Choice, ...] = get_args(Choice)

# One mail in this time however often the form is sent: a double click, an impatient reload.
ASK_AGAIN_AFTER = timedelta(minutes=10)

BEGUN = "This training has begun. Please call us about your registration."


@dataclass(frozen=True, kw_only=True)
class Details:
    """What somebody says of themselves; bar numbers are (state, digits)."""

    name: str
    organization: str = ""
    is_attorney: bool = True
    bar_numbers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How somebody takes part; the name they signed the pledge with, or their waiver code."""

    choice: Choice
    pledge_name: str = ""
    waiver_code: str = ""


@transaction.atomic
def register(offering: Offering, email: str, details: Details, terms: Terms) -> None:
    """Note somebody's wish to take part and promise the mail that proves the address.

    What an unproven visitor types never changes a registration that was confirmed, and
    nothing is returned, so that no caller can answer differently for a known address.
    Raises Refused when this offering cannot be registered for, or not on these terms.
    """
    _refuse_unless_open(offering)
    said = {
        "name": details.name,
        "organization": details.organization,
        "is_attorney": details.is_attorney,
        **_priced(offering, terms),
    }
    email = normalize_email(email)
    registration, is_new = (
        Registration.objects.select_for_update()
        .exclude(state=State.CANCELED)
        .get_or_create(
            offering=offering,
            email=email,
            defaults={**said, "round": _rounds(offering, email)},
        )
    )
    if registration.state == State.UNCONFIRMED:
        if not is_new:
            Registration.objects.filter(pk=registration.pk).update(**said)
        _set_bar_numbers(registration, details)
    if not is_new:
        if timezone.now() - registration.asked_at < ASK_AGAIN_AFTER:
            return
        registration.asked += 1
        registration.asked_at = timezone.now()
        registration.save(update_fields=["asked", "asked_at"])
    outbox.promise("trainings.link", registration.pk, version=registration.asked)


@transaction.atomic
def confirm(registration_id: int) -> Registration:
    """The bearer of the mailed link asked to be in: a seat, or the end of the waitlist.

    Raises Refused when registration closed meanwhile or a waiver code does not hold.
    """
    registration = seats.lock(registration_id)
    if registration.state != State.UNCONFIRMED:
        return registration
    offering = registration.offering
    _refuse_unless_open(offering)
    registration.user = people.proven(registration.email, registration.name)
    # Who waits comes first, also when a seat is free for a moment.
    if seats.free(offering) > 0 and not seats.waiting(offering).exists():
        _settle(registration)
    else:
        seats.wait(registration)
        seats.pass_on(offering)
        registration.refresh_from_db()
    return registration


@transaction.atomic
def accept_offer(registration_id: int) -> Registration:
    """Take the seat on offer. Raises Refused when it is no longer."""
    registration = seats.lock(registration_id)
    if registration.state in {State.CONFIRMED, State.AWAITING_PAYMENT}:
        return registration
    until = registration.offered_until
    if registration.state != State.OFFERED or until is None or until <= timezone.now():
        raise Refused("The time to accept this seat has ended, and it goes to the next person.")
    _settle(registration)
    return registration


@transaction.atomic
def decline_offer(registration_id: int) -> Registration:
    """Let the seat on offer go to the next person, and leave the waitlist."""
    registration = seats.lock(registration_id)
    if registration.state == State.CANCELED:
        return registration
    if registration.state != State.OFFERED:
        raise Refused("No seat is on offer to you at the moment.")
    return _end(registration, "The offered seat was declined.")


@transaction.atomic
def leave(registration_id: int) -> Registration:
    """The person gives up their place, in whatever state. Raises Refused once it has begun.

    A registration nobody confirmed has no place to give up; it is deleted in its time.
    """
    registration = seats.lock(registration_id)
    if registration.state in {State.CANCELED, State.UNCONFIRMED}:
        return registration
    if seats.has_begun(registration.offering):
        raise Refused(BEGUN)
    return _end(registration, "")


@transaction.atomic
def cancel(registration_id: int, *, by: User, reason: str) -> Registration:
    """Staff take somebody out; the person reads the reason. Unconfirmed ones end by themselves."""
    registration = seats.lock(registration_id)
    if registration.state in {State.CANCELED, State.UNCONFIRMED}:
        return registration
    if not reason.strip():
        raise Refused("Give a reason: the person reads it.")
    return _end(registration, reason.strip(), by=by)


@transaction.atomic
def paid(registration_id: int) -> Registration:
    """A payment came in: with nothing left to pay, a seat that was held is theirs.

    A registration in any other state is returned as it is; one that is canceled has lost
    its seat, and whoever took the money gives it back.
    """
    registration = seats.lock(registration_id)
    if registration.state == State.AWAITING_PAYMENT and money.balance(registration) <= 0:
        _take_seat(registration)
    return registration


@transaction.atomic
def switch_price(registration_id: int, terms: Terms, *, by: User | None = None) -> Registration:
    """Take part on other terms: from the fee to a pledge, or back, or another way to pay.

    A fee agreed to stays as it was; else it is today's. Once the training has begun only
    staff do it (`by`). Raises Refused.
    """
    registration = seats.lock(registration_id)
    offering = registration.offering
    if registration.state in {State.UNCONFIRMED, State.CANCELED}:
        raise Refused("Register first: then you can change how you take part.")
    if by is None and seats.has_begun(offering):
        raise Refused(BEGUN)
    if terms.choice == choice_of(registration):
        return registration
    # Registration and pledge are locked in this order everywhere, so it cannot move meanwhile.
    if registration.price_kind == Kind.PLEDGE and not pledges.can_end(registration):
        raise Refused("This pledge has its case or has ended, so no fee can take its place.")
    new = _priced(offering, terms)
    is_settled = registration.state in {State.AWAITING_PAYMENT, State.CONFIRMED}
    if new["price_kind"] == registration.price_kind == Kind.FEE:
        new["price_cents"] = registration.price_cents
        if is_settled and money.balance(registration) <= 0:
            raise Refused("Nothing is left to pay, so there is nothing to change.")
    elif is_settled:
        _take_back(registration, "Changed how they take part.", by)
    for name, value in new.items():
        setattr(registration, name, value)
    registration.save()
    if is_settled:
        _settle(registration, by=by, reason=f"Changed to: {terms.choice}.")
    else:
        seats.note(registration, by=by, reason=f"Changed to: {terms.choice}.")
    return registration


@transaction.atomic
def set_bar_numbers(registration_id: int, details: Details) -> Registration:
    """Replace what somebody told us of their licenses; they are on later certificates."""
    registration = seats.lock(registration_id)
    if registration.state in {State.UNCONFIRMED, State.CANCELED}:
        raise Refused("Register first: then you can add your bar numbers.")
    registration.is_attorney = details.is_attorney
    registration.save(update_fields=["is_attorney"])
    _set_bar_numbers(registration, details)
    return registration


@transaction.atomic
def set_name(registration_id: int, *, name: str, organization: str) -> Registration:
    """What somebody is called, until the training begins: then it is on record."""
    registration = seats.lock(registration_id)
    is_live = registration.state not in {State.UNCONFIRMED, State.CANCELED}
    if is_live and not seats.has_begun(registration.offering):
        registration.name, registration.organization = name, organization
        registration.save(update_fields=["name", "organization"])
    return registration


@transaction.atomic
def end_links(registration_id: int, *, by: User) -> Registration:
    """No link that was mailed so far works any more; later mail has new ones."""
    registration = seats.lock(registration_id)
    registration.nonce = new_nonce()
    registration.save(update_fields=["nonce"])
    # The mail on a canceled registration reads its reason from the last line.
    if registration.state != State.CANCELED:
        seats.note(registration, by=by, reason="The links mailed before were ended.")
    return registration


def choice_of(registration: Registration) -> str:
    """The choice by which somebody takes part now."""
    return registration.method or registration.price_kind


def _priced(offering: Offering, terms: Terms) -> dict[str, object]:
    """The columns of a registration on these terms at today's price. Raises Refused."""
    is_fee = terms.choice in Method.values
    kind = Kind.FEE if is_fee else Kind(terms.choice)
    price = offering.prices.filter(kind=kind).first()
    if price is None or (terms.choice == "card" and not money.card_enabled()):
        raise Refused("This training is not offered that way. Choose one of the ways listed.")
    is_pledge = kind == Kind.PLEDGE
    text = queries.pledge_text() if is_pledge else None
    if is_pledge and (text is None or not terms.pledge_name):
        raise Refused("Type your name to sign the pledge.")
    if terms.choice == "waiver" and not terms.waiver_code:
        raise Refused("Enter your waiver code.")
    return {
        "price_kind": kind,
        "price_cents": price.amount_cents,
        "method": terms.choice if is_fee else "",
        "pledge_name": terms.pledge_name if is_pledge else "",
        "pledge_text": text,
        "waiver_code": terms.waiver_code if terms.choice == "waiver" else "",
    }


def _rounds(offering: Offering, email: str) -> int:
    """How often this person came and went: a calendar takes a new invitation after a
    canceled one only with a higher SEQUENCE (RFC 5546 2.1.4)."""
    before = Registration.objects.filter(offering=offering, email=email)
    return before.aggregate(most=Max("round"))["most"] or 0


def _settle(registration: Registration, *, by: User | None = None, reason: str = "") -> None:
    """Give somebody their seat on their terms; a card payment holds it until it is paid."""
    if registration.price_kind == Kind.PLEDGE:
        pledges.make(registration, registration.pledge_name)
    elif registration.method == Method.WAIVER:
        money.use_waiver(registration, registration.waiver_code)
    elif registration.price_kind == Kind.FEE:
        money.charge(registration)
    if registration.method == Method.CARD and money.balance(registration) > 0:
        until = timezone.now() + timedelta(hours=registration.offering.pay_hours)
        start = seats.starts_at(registration.offering)
        seats.enter(
            registration,
            State.AWAITING_PAYMENT,
            until=min(until, start) if start and start > timezone.now() else until,
            by=by,
            reason=reason,
        )
        outbox.promise("trainings.awaiting_payment", registration.pk, version=registration.round)
    elif registration.state == State.CONFIRMED:
        seats.note(registration, by=by, reason=reason)
    else:
        _take_seat(registration, by=by, reason=reason)


def _take_seat(registration: Registration, *, by: User | None = None, reason: str = "") -> None:
    seats.enter(registration, State.CONFIRMED, by=by, reason=reason)
    promise_for_days("trainings.confirmed", registration)


def _end(registration: Registration, reason: str, *, by: User | None = None) -> Registration:
    """Cancel, tell the person, and let the seat go on."""
    end(registration, "trainings.canceled", reason, by=by)
    seats.pass_on(registration.offering)
    return registration


def end(registration: Registration, kind: str, reason: str, *, by: User | None = None) -> None:
    """Cancel a locked registration, take back what hangs on it, promise a mail of `kind`."""
    _take_back(registration, reason or "The registration was canceled.", by)
    seats.enter(registration, State.CANCELED, by=by, reason=reason)
    if registration.confirmed_at:
        promise_for_days(kind, registration)
    else:
        outbox.promise(kind, registration.pk, version=registration.round)


def promise_for_days(kind: str, registration: Registration) -> None:
    """One mail a day that is not over: an invitation holds one UID (RFC 5546 3.2.2)."""
    ahead = registration.offering.activities.filter(ends_at__gt=timezone.now())
    days = list(ahead.values_list("pk", flat=True)) or [0]
    outbox.promise_all(kind, [(registration.pk, day, registration.round) for day in days])


def _take_back(registration: Registration, reason: str, by: User | None) -> None:
    if registration.price_kind == Kind.PLEDGE:
        pledges.void(registration, reason, by)
    elif registration.price_kind == Kind.FEE:
        money.release(registration, reason, by)


def _set_bar_numbers(registration: Registration, details: Details) -> None:
    registration.bar_numbers.all().delete()
    if details.is_attorney:
        BarNumber.objects.bulk_create(
            BarNumber(registration=registration, state=state, number=number)
            for state, number in details.bar_numbers
        )


def _refuse_unless_open(offering: Offering) -> None:
    if offering.status == Offering.Status.CANCELED:
        raise Refused(f"This training is canceled. {offering.cancel_reason}")
    if offering.status != Offering.Status.OPEN:
        raise Refused("Registration for this training is closed.")
    if seats.has_begun(offering):
        raise Refused("This training has begun, so registration is closed.")
