"""What time brings about: offers and holds that end, reminders, the purge. For the worker."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from hub import outbox
from trainings.models import Activity, Offering, Registration
from trainings.services import money, seats
from trainings.services import registration as registrations

State = Registration.State

# Registrations nobody confirmed are deleted after this, and their links end with them.
UNCONFIRMED_FOR = timedelta(days=14)
REMIND_AT = time(9)
NOT_PAID = "The payment did not arrive in time."
NOT_ACCEPTED = "The offered seat was not accepted in time."


def expire_offers(now: datetime) -> None:
    """Seats not accepted by their deadline go to the next who waits."""
    due = Registration.objects.filter(state=State.OFFERED, offered_until__lte=now)
    for pk in due.order_by("offered_until", "pk").values_list("pk", flat=True):
        with transaction.atomic():
            _expire_offer(pk, now)


def _expire_offer(registration_id: int, now: datetime) -> None:
    registration = seats.lock(registration_id)
    until = registration.offered_until
    if registration.state != State.OFFERED or until is None or until > now:
        return
    registrations.end(registration, "trainings.lapsed", NOT_ACCEPTED)
    seats.pass_on(registration.offering)


def expire_unpaid(now: datetime) -> None:
    """Seats held for a card payment that did not come in time go to the next who waits."""
    due = Registration.objects.filter(state=State.AWAITING_PAYMENT, pay_until__lte=now)
    for pk in due.order_by("pay_until", "pk").values_list("pk", flat=True):
        with transaction.atomic():
            _expire_unpaid(pk, now)


def _expire_unpaid(registration_id: int, now: datetime) -> None:
    registration = registrations.paid(registration_id)
    until = registration.pay_until
    if registration.state != State.AWAITING_PAYMENT or until is None or until > now:
        return
    if money.balance(registration) > 0:
        registrations.end(registration, "trainings.canceled", NOT_PAID)
        seats.pass_on(registration.offering)


def reminder_due(starts_at: datetime, zone: str) -> datetime:
    """9 am the day before, by the clock of `zone`."""
    local = starts_at.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date() - timedelta(days=1), REMIND_AT, tzinfo=ZoneInfo(zone))


def remind(now: datetime) -> None:
    """Promise the reminder of each day for which it is time.

    To people who had their seat before it was due, once a day; not of a day that follows
    on one of the same training, when they are there already.
    """
    held = Offering.Status.OPEN, Offering.Status.CLOSED
    soon = Activity.objects.filter(
        offering__status__in=held, starts_at__gt=now, starts_at__lt=now + timedelta(days=2)
    ).select_related("offering")
    for day in soon:
        due = reminder_due(day.starts_at, day.offering.zone)
        if due > now or _follows(day):
            continue
        people = Registration.objects.filter(
            offering=day.offering_id, state=State.CONFIRMED, confirmed_at__lt=due
        ).values_list("pk", flat=True)
        outbox.promise_all("trainings.reminder", [(pk, day.pk, 0) for pk in people])


def _follows(day: Activity) -> bool:
    before = day.local_start.date() - timedelta(days=1)
    others = Activity.objects.filter(offering=day.offering_id, starts_at__lt=day.starts_at)
    return any(
        other.astimezone(ZoneInfo(day.offering.zone)).date() >= before
        for other in others.values_list("starts_at", flat=True)
    )


def forget_unconfirmed(now: datetime) -> None:
    """Delete registrations that nobody confirmed in UNCONFIRMED_FOR."""
    Registration.objects.filter(
        state=State.UNCONFIRMED, asked_at__lt=now - UNCONFIRMED_FOR
    ).delete()
