"""The ledger of a registration: what is owed, paid and given back. Amounts are integer cents.

Lines are only ever added; a balance is a sum. Every verb locks the registration first, so
that two at once see each other's lines. Who locks the offering too does so before.
"""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet, Sum
from django.utils import timezone

from hub import outbox
from hub.models import Mail, User
from hub.refusal import Refused
from trainings import words
from trainings.models import (
    HIGHEST_FEE,
    CheckoutSession,
    Entry,
    OfferingPrice,
    Refund,
    Registration,
    WaiverCode,
)
from trainings.models.people import new_code

CARD = Registration.Method.CARD
CHECK = "check"

# What moves money itself, unlike what only says that it is owed.
_MOVES = (Entry.Kind.PAYMENT, Entry.Kind.BOUNCE, Entry.Kind.REFUND, Entry.Kind.REFUND_FAILED)
_MOVED = Q(kind__in=_MOVES) | Q(kind=Entry.Kind.VOID, takes_back__kind__in=_MOVES)


def card_enabled() -> bool:
    """Can people pay by card? Only with both keys of the payment service."""
    return bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRET)


def balance(registration: Registration) -> int:
    """Cents owed to us; below 0 a credit of theirs."""
    return _sum(Entry.objects.filter(registration=registration))


def received(registration: Registration) -> int:
    """Cents paid to us and not given back: the most that can be refunded."""
    return -_sum(Entry.objects.filter(_MOVED, registration=registration))


def accounts(ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Of each of these registrations that has any line: its balance and what was received."""
    lines = Entry.objects.filter(registration__in=ids).order_by().values("registration")
    summed = lines.annotate(owed=Sum("cents"), paid=Sum("cents", filter=_MOVED))
    return {row["registration"]: (row["owed"], -(row["paid"] or 0)) for row in summed}


def _sum(entries: QuerySet[Entry]) -> int:
    return entries.aggregate(cents=Sum("cents"))["cents"] or 0


@transaction.atomic
def charge(registration: Registration) -> None:
    """Charge the fee the registration was made at, once; nothing for one without a fee.

    Who pays by check gets the invoice, also when they chose that after they were charged.
    """
    locked = _locked(registration)
    if locked.price_kind != OfferingPrice.Kind.FEE:
        return
    invoiced = locked.method == Registration.Method.INVOICE
    if not _charges(locked):
        _charge(locked, locked.price_cents, invoiced=invoiced)
    elif invoiced:
        send_invoice(locked)


@transaction.atomic
def charge_instead(registration: Registration, cents: int, reason: str, by: User | None) -> None:
    """Charge somebody whose registration was made without a fee, and send the invoice."""
    locked = _locked(registration)
    if not _charges(locked):
        _charge(locked, cents, invoiced=True, reason=reason, by=by)


def _charge(locked: Registration, cents: int, *, invoiced: bool, **more: Any) -> None:
    # The line's reference is the invoice's number: it tells nothing of order or count.
    line = Entry.objects.create(
        registration=locked,
        kind=Entry.Kind.CHARGE,
        cents=cents,
        reference=f"CAST-{new_code()[:8]}",
        **more,
    )
    if invoiced:
        outbox.promise("trainings.invoice", locked.pk, line.pk)


@transaction.atomic
def send_invoice(registration: Registration) -> None:
    """Promise the invoice for what is charged: for who meant to pay by card and does not."""
    for line in _charges(_locked(registration)):
        outbox.promise("trainings.invoice", registration.pk, line.pk)


@transaction.atomic
def send_invoice_again(registration: Registration) -> None:
    """Promise the invoice once more, for who lost it; not while one waits to be sent.

    Raises Refused when nothing is charged or nothing is owed.
    """
    locked = _locked(registration)
    lines = _charges(locked)
    if not lines or balance(locked) <= 0:
        raise Refused("Nothing is owed, so there is no invoice to send.")
    for line in lines:
        mails = Mail.objects.filter(
            kind="trainings.invoice", subject_id=locked.pk, about_id=line.pk
        )
        if mails.filter(sent_at=None, dropped_at=None).exists():
            continue
        last = mails.aggregate(last=Max("version"))["last"]
        version = 0 if last is None else last + 1
        outbox.promise("trainings.invoice", locked.pk, line.pk, version)


@transaction.atomic
def receive(
    registration: Registration, cents: int, *, method: str, reference: str, by: User | None = None
) -> Entry:
    """Enter a payment that arrived; what it means for the seat is for services.payments."""
    if not 0 < cents <= HIGHEST_FEE:
        raise Refused(f"A payment is more than $0 and at most {words.money(HIGHEST_FEE)}.")
    return Entry.objects.create(
        registration=_locked(registration),
        kind=Entry.Kind.PAYMENT,
        cents=-cents,
        method=method,
        reference=reference,
        by=by,
    )


@transaction.atomic
def void(entry: Entry, by: User, reason: str) -> Entry:
    """Take back a line that was entered by mistake: a charge, waiver, check or bounce.

    Raises Refused for money that really moved, and for what was taken back before.
    """
    locked = _locked(entry.registration)
    _ask_reason(reason)
    if entry.method == CARD and entry.kind == Entry.Kind.PAYMENT:
        raise Refused("A card payment did take place: refund it instead.")
    if entry.kind not in {
        Entry.Kind.CHARGE,
        Entry.Kind.WAIVER,
        Entry.Kind.PAYMENT,
        Entry.Kind.BOUNCE,
    }:
        raise Refused("This line cannot be taken back. Mark a refund that failed as failed.")
    _refuse_twice(entry)
    if entry.kind == Entry.Kind.PAYMENT and received(locked) + entry.cents < 0:
        raise Refused("Part of this payment was refunded, so it cannot be taken back.")
    return _take_back(entry, Entry.Kind.VOID, reason, by)


@transaction.atomic
def bounce_check(entry: Entry, by: User, reason: str) -> Entry:
    """The bank did not honor a check: what it paid is owed again, and the payer is told."""
    locked = _locked(entry.registration)
    _ask_reason(reason)
    if entry.kind != Entry.Kind.PAYMENT or entry.method != CHECK:
        raise Refused("Only a check can bounce.")
    line = _take_back(entry, Entry.Kind.BOUNCE, reason, by)
    outbox.promise("trainings.payment_bounced", locked.pk, line.pk)
    return line


def _take_back(entry: Entry, kind: str, reason: str, by: User | None) -> Entry:
    _refuse_twice(entry)
    return Entry.objects.create(
        registration=entry.registration,
        kind=kind,
        cents=-entry.cents,
        method=entry.method,
        takes_back=entry,
        reason=reason,
        by=by,
    )


def _refuse_twice(entry: Entry) -> None:
    if Entry.objects.filter(takes_back=entry).exists():
        raise Refused("This line has been taken back before.")


@transaction.atomic
def refund(
    registration: Registration,
    cents: int,
    by: User | None,
    reason: str,
    *,
    by_check: bool = False,
) -> list[Entry]:
    """Owe somebody a refund: to their card as far as they paid by card, else by check.

    The worker makes those to a card, staff send the checks (`refunds_to_send`). Returns a
    line for each way. Raises Refused above what was paid and not given back.
    """
    locked = _locked(registration)
    _ask_reason(reason)
    if cents <= 0:
        raise Refused("A refund is more than nothing.")
    if cents > (most := received(locked)):
        raise Refused(
            f"{words.money(cents)} cannot be refunded: {words.money(max(0, most))} is left."
        )
    lines = []
    for checkout in [] if by_check else locked.checkouts.filter(state=CheckoutSession.State.PAID):
        if part := min(cents, _left_on(checkout)):
            lines.append(_refund(locked, part, reason, by, checkout))
            cents -= part
    if cents:
        lines.append(_refund(locked, cents, reason, by, None))
    return lines


def _left_on(checkout: CheckoutSession) -> int:
    given = checkout.refunds.exclude(state=Refund.State.FAILED)
    return checkout.amount_cents - (given.aggregate(cents=Sum("entry__cents"))["cents"] or 0)


def _refund(
    registration: Registration,
    cents: int,
    reason: str,
    by: User | None,
    checkout: CheckoutSession | None,
) -> Entry:
    line = Entry.objects.create(
        registration=registration,
        kind=Entry.Kind.REFUND,
        cents=cents,
        method=CARD if checkout else CHECK,
        reason=reason,
        by=by,
    )
    Refund.objects.create(entry=line, checkout=checkout)
    return line


@transaction.atomic
def refund_seen(checkout: CheckoutSession, cents: int, reference: str) -> None:
    """Enter a refund that was made at the payment service itself; once a reference."""
    locked = _locked(checkout.registration)
    if Refund.objects.filter(checkout=checkout, reference=reference).exists():
        return
    line = _refund(locked, cents, "Refunded at the payment service.", None, checkout)
    refund_made(line.refund, reference)


@transaction.atomic
def refund_made(refund: Refund, reference: str) -> None:
    """A refund is on its way: `reference` is the check's number or the payment service's."""
    locked = _locked(refund.entry.registration)
    row = Refund.objects.select_for_update().get(pk=refund.pk)
    if row.state == Refund.State.MADE:
        return
    if row.state == Refund.State.FAILED:
        raise Refused("This refund is marked as failed: enter a new one.")
    row.state, row.reference, row.made_at = Refund.State.MADE, reference, timezone.now()
    row.save()
    outbox.promise("trainings.refund_made", locked.pk, row.entry_id)


@transaction.atomic
def refund_failed(entry: Entry, reason: str, by: User | None = None) -> None:
    """A refund did not reach them: its money counts as paid again. Staff see it in a queue."""
    _locked(entry.registration)
    _ask_reason(reason)
    if entry.kind != Entry.Kind.REFUND:
        raise Refused("Only a refund can fail to arrive.")
    row = Refund.objects.select_for_update().get(entry=entry)
    if row.state == Refund.State.FAILED:
        return
    row.state = Refund.State.FAILED
    row.save(update_fields=["state"])
    _take_back(entry, Entry.Kind.REFUND_FAILED, reason, by)


@transaction.atomic
def release(registration: Registration, reason: str, by: User | None = None) -> None:
    """Somebody no longer takes the seat they were charged for.

    What is charged or waived is taken back, and all they paid goes to the refunds.
    """
    locked = _locked(registration)
    for line in locked.entries.filter(
        kind__in=[Entry.Kind.CHARGE, Entry.Kind.WAIVER], taken_back_by=None
    ):
        _take_back(line, Entry.Kind.VOID, reason, by)
    if (paid := received(locked)) > 0:
        refund(locked, paid, by, reason)


@transaction.atomic
def use_waiver(registration: Registration, code: str) -> None:
    """Let a code pay the fee. Each works for one person, in its training, in its time.

    Raises Refused with a sentence for who typed it.
    """
    locked = _locked(registration)
    typed = WaiverCode.objects.filter(code__iexact=code.strip())
    found = (
        typed.filter(offering=locked.offering_id).select_for_update().first()
        if code.strip()
        else None
    )
    if found is None:
        if typed.exists():
            raise Refused("This code is for another training.")
        raise Refused("We do not know this code. Check it for typing errors.")
    if found.used_by_id == locked.pk:
        return
    if found.used_at is not None:
        raise Refused("This code has been used already.")
    if found.expires_at <= timezone.now():
        raise Refused("This code has expired.")
    if WaiverCode.objects.filter(used_by=locked).exists():
        raise Refused("You have used a code for this training already.")
    found.used_by, found.used_at = locked, timezone.now()
    found.save(update_fields=["used_by", "used_at"])
    if locked.method != Registration.Method.WAIVER:
        locked.method = Registration.Method.WAIVER
        locked.save(update_fields=["method"])
    # The caller goes on with the row it has.
    registration.method = locked.method
    charge(locked)
    if (owed := balance(locked)) > 0:
        Entry.objects.create(
            registration=locked,
            kind=Entry.Kind.WAIVER,
            cents=-owed,
            method=Registration.Method.WAIVER,
            reason="Waiver code",
        )


# What staff look at


def refunds_to_send() -> QuerySet[Refund]:
    """Refunds for which staff write a check, oldest first."""
    return _refunds().filter(state=Refund.State.WAITING, checkout=None)


def refunds_failed() -> QuerySet[Refund]:
    """Refunds that came back: their money is still with us."""
    return _refunds().filter(state=Refund.State.FAILED)


def _refunds() -> QuerySet[Refund]:
    return Refund.objects.select_related("entry__registration__offering__course").order_by("pk")


def _charges(registration: Registration) -> QuerySet[Entry]:
    return registration.entries.filter(kind=Entry.Kind.CHARGE, taken_back_by=None)


def _ask_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("Give a reason: it stays in the ledger.")


def _locked(registration: Registration) -> Registration:
    return Registration.objects.select_for_update(of=["self"]).get(pk=registration.pk)
