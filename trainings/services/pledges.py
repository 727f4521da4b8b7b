"""What can happen to a pledge. When it is due and what may follow what: trainings/pledges.py.

Each verb locks the registration and the pledge, asks the table of moves, and adds a line
to the history. Nothing is ever charged but by `convert_to_fee`, which staff decide on.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from hub import outbox, words
from hub.models import User
from hub.refusal import Refused
from trainings import pledges as heart
from trainings.models import (
    Offering,
    OfferingPrice,
    Pledge,
    PledgeEvent,
    PledgeText,
    Registration,
)
from trainings.services import money

_PACIFIC = ZoneInfo(words.PACIFIC)
MAIL_AT = time(9)
# A reminder the worker did not come to in this time is past: the next one says more.
LATE = timedelta(days=7)
REMINDED = "reminded"
# No case is found yet.
WAITING = (Pledge.State.ELIGIBLE, Pledge.State.EXTENDED)


@transaction.atomic
def make(registration: Registration, signed_name: str) -> Pledge:
    """Note that somebody signed the pledge they were shown; due by the last day of the training.

    One who has a pledge keeps it; one whose pledge is void (they changed to the fee and
    back) signs anew. Raises Refused.
    """
    locked = Registration.objects.select_for_update(of=["self"]).get(pk=registration.pk)
    if not signed_name.strip():
        raise Refused("Type your name to make the pledge.")
    now = timezone.now()
    text = locked.pledge_text or PledgeText.objects.filter(in_force_from__lte=now).first()
    if text is None:
        raise Refused("A pledge cannot be made yet: its text is not published.")
    pledge = Pledge.objects.filter(registration=locked).first() or Pledge(registration=locked)
    if pledge.pk and pledge.state != Pledge.State.VOID:
        return pledge
    pledge.text, pledge.signed_name = text, signed_name.strip()
    pledge.state, pledge.made_at = Pledge.State.MADE, now
    pledge.due_on = _due_on(locked)
    pledge.save()
    _note(pledge, "made", None, "", kind="trainings.pledge_made")
    return pledge


@transaction.atomic
def mark_eligible(registration: Registration) -> None:
    """Enough of the training was attended: the pledge now binds, due by the day it ended."""
    pledge = _of(registration)
    if pledge is None or pledge.state != Pledge.State.MADE:
        return
    pledge.due_on = _due_on(registration)
    _move(pledge, Pledge.State.ELIGIBLE, None, "")


@transaction.atomic
def after_training(registration: Registration, attended: int, scheduled: int) -> None:
    """What attending so many of the scheduled minutes makes of a pledge that was made.

    Without attendance it is void, and no fee takes its place. The share that binds is
    settings.PLEDGE_SHARE percent.
    """
    outcome = heart.after_training(attended, scheduled, settings.PLEDGE_SHARE)
    if outcome == "eligible":
        mark_eligible(registration)
    elif (pledge := _of(registration)) and pledge.state == Pledge.State.MADE:
        void(registration, "The training was not attended.")


@transaction.atomic
def void(registration: Registration, reason: str, by: User | None = None) -> None:
    """The promise no longer stands: canceled, changed to the fee, never came.

    One for which a case was accepted, or that has ended already, stays as it is.
    """
    pledge = _of(registration)
    if pledge is not None and pledge.state in Pledge.OPEN:
        _move(pledge, Pledge.State.VOID, by, reason)


def can_end(registration: Registration) -> bool:
    """Other terms may take the place of a pledge unless a case was accepted or it has ended."""
    pledge = Pledge.objects.filter(registration=registration).first()
    return pledge is None or pledge.state in {*Pledge.OPEN, Pledge.State.VOID}


@transaction.atomic
def match(pledge: Pledge, by: User, reason: str = "") -> Pledge:
    """A case was found for this attorney.

    It satisfies one pledge: of those waiting for a case, the one due first.
    """
    locked = _locked(pledge.pk)
    if locked.state == Pledge.State.ACCEPTED:
        raise Refused("A pledge that is accepted has its case.")
    if locked.state in WAITING and _due_first(locked.registration.email) != locked.pk:
        raise Refused("This attorney has a pledge that is due earlier: match that one first.")
    return _move(locked, Pledge.State.MATCHED, by, reason)


@transaction.atomic
def match_attorney(email: str, by: User, reason: str = "") -> Pledge:
    """A case was found for an attorney: match it with their pledge that is due first."""
    first = _due_first(email)
    if first is None:
        raise Refused("This attorney has no pledge that waits for a case.")
    return _move(_locked(first), Pledge.State.MATCHED, by, reason)


def _due_first(email: str) -> int | None:
    waiting = Pledge.objects.filter(registration__email=email, state__in=WAITING)
    chosen = heart.satisfied_by_case(heart.Pledge(one.pk, one.state, one.due_on) for one in waiting)
    return chosen.key if chosen else None


@transaction.atomic
def accept(pledge: Pledge, by: User, at: datetime | None = None) -> Pledge:
    """The attorney took the case, now or at an earlier moment staff know of."""
    now = timezone.now()
    if at is not None and at > now:
        raise Refused("A case cannot have been accepted in the future.")
    locked = _locked(pledge.pk)
    if locked.state == Pledge.State.MATCHED:
        locked.accepted_at = at or now
    return _move(locked, Pledge.State.ACCEPTED, by, "")


@transaction.atomic
def fulfil(pledge: Pledge, by: User, reason: str = "") -> Pledge:
    """The pledge is kept."""
    return _move(_locked(pledge.pk), Pledge.State.FULFILLED, by, reason)


@transaction.atomic
def extend(pledge: Pledge, due_on: date, by: User, reason: str) -> Pledge:
    """Give more time, until the end of `due_on`, Pacific."""
    locked = _locked(pledge.pk)
    if due_on <= max(locked.due_on, timezone.localdate()):
        raise Refused("Choose a later day than the one it is due, and not in the past.")
    locked.due_on = due_on
    locked.extended += 1
    return _move(locked, Pledge.State.EXTENDED, by, reason, again=True)


@transaction.atomic
def waive(pledge: Pledge, by: User, reason: str) -> Pledge:
    """Let somebody off, for a reason of theirs."""
    return _move(_locked(pledge.pk), Pledge.State.WAIVED, by, reason)


@transaction.atomic
def release(pledge: Pledge, by: User, reason: str) -> Pledge:
    """We have no suitable case: the pledge counts neither as kept nor as broken."""
    return _move(_locked(pledge.pk), Pledge.State.RELEASED, by, reason)


@transaction.atomic
def convert_to_fee(pledge: Pledge, by: User, reason: str) -> Pledge:
    """Instead of a case the fee: charge the training's own and send the invoice."""
    locked = _locked(pledge.pk)
    if locked.state == Pledge.State.CONVERTED:
        return locked
    fee = locked.registration.offering.prices.filter(kind=OfferingPrice.Kind.FEE).first()
    if fee is None:
        raise Refused("This training has no fee to convert the pledge to.")
    _move(locked, Pledge.State.CONVERTED, by, reason)
    money.charge_instead(locked.registration, fee.amount_cents, reason, by)
    return locked


@transaction.atomic
def attorney_withdraws(pledge: Pledge, by: User, reason: str) -> Pledge:
    """The attorney gave the case back: they are where they were before accepting it.

    The mail about it offers more time.
    """
    locked = _locked(pledge.pk)
    after = heart.after_withdrawal(locked.state, "attorney")
    if after == locked.state:
        raise Refused("There is no case to withdraw from.")
    locked.accepted_at = None
    return _move(locked, after, by, reason, what="attorney_withdrew")


@transaction.atomic
def client_withdraws(pledge: Pledge, by: User, reason: str) -> Pledge:
    """The client ended it. An accepted case counts as done; before that, look for another."""
    locked = _locked(pledge.pk)
    after = heart.after_withdrawal(locked.state, "client")
    if after == locked.state:
        return locked
    return _move(locked, after, by, reason, what="client_withdrew")


def overdue(now: datetime) -> QuerySet[Pledge]:
    """Open pledges whose day has passed, Pacific: staff decide what becomes of each."""
    return (
        Pledge.objects.filter(state__in=heart.OPEN, due_on__lt=_today(now))
        .select_related("registration__offering__course")
        .order_by("due_on", "pk")
    )


def remind(now: datetime) -> None:
    """Promise the reminders whose day has come, once each, for 9:00 am Pacific.

    None that was due before the pledge was made, or more than LATE ago.
    """
    today = _today(now)
    due_at = datetime.combine(today, MAIL_AT, _PACIFIC)
    pledges = (
        Pledge.objects.filter(state__in=heart.OPEN)
        .select_related("registration__offering")
        .prefetch_related("events", "registration__offering__activities")
    )
    for pledge in pledges:
        last = last_session(pledge.registration.offering)
        if last is None:
            continue
        sent = {event.reason for event in pledge.events.all() if event.what == REMINDED}
        for one in heart.reminders_to_send(pledge.state, last, pledge.due_on, (), today):
            said = f"{one.kind}, {one.on.isoformat()}"
            made_on = _today(pledge.made_at)
            if said in sent or one.on <= made_on or one.on < today - LATE:
                continue
            event = PledgeEvent.objects.create(pledge=pledge, what=REMINDED, reason=said, at=now)
            outbox.promise("trainings.pledge_reminder", pledge.pk, event.pk, due_at=due_at)


def last_session(offering: Offering) -> date | None:
    """The day, by the venue's clock, on which the training's last session ends."""
    days = offering.days
    return days[-1].ends_at.astimezone(ZoneInfo(offering.zone)).date() if days else None


def _due_on(registration: Registration) -> date:
    last = last_session(registration.offering)
    if last is None:
        raise Refused("A pledge cannot be made yet: the training has no dates.")
    return heart.due_on(last, settings.PLEDGE_POLICY)


def _today(now: datetime) -> date:
    return now.astimezone(_PACIFIC).date()


def _of(registration: Registration) -> Pledge | None:
    Registration.objects.select_for_update(of=["self"]).get(pk=registration.pk)
    return Pledge.objects.select_for_update().filter(registration=registration).first()


def _locked(pk: int) -> Pledge:
    Registration.objects.select_for_update(of=["self"]).get(pledge=pk)
    return (
        Pledge.objects.select_for_update(of=["self"])
        .select_related("registration__offering")
        .get(pk=pk)
    )


def _move(
    pledge: Pledge,
    after: str,
    by: User | None,
    reason: str,
    *,
    what: str = "",
    again: bool = False,
) -> Pledge:
    """Move a locked pledge and save it; nothing where it is there already, unless `again`."""
    if pledge.state == after and not again:
        return pledge
    pledge.state = heart.PLEDGE.move(pledge.state, after, "staff" if by else "hub", reason)
    pledge.save()
    _note(pledge, what or after, by, reason, kind="trainings.pledge_changed")
    return pledge


def _note(pledge: Pledge, what: str, by: User | None, reason: str, *, kind: str) -> None:
    event = PledgeEvent.objects.create(pledge=pledge, what=what, by=by, reason=reason)
    outbox.promise(kind, pledge.pk, event.pk)
