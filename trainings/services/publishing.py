"""What can happen to an offering: opened, closed, changed, canceled; each safe to do twice.

Whoever has a seat hears of each change once; calendars follow by the feed and by the
invitation in the mail.
"""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from hub import outbox, personal_feeds
from hub.models import User
from hub.refusal import Refused
from trainings.models import Activity, Offering, Registration
from trainings.services import interest, offerings, seats
from trainings.services import registration as registrations

Status, State = Offering.Status, Registration.State


@transaction.atomic
def open_registration(offering_id: int) -> Offering:
    """Publish an offering, or open it again. Raises Refused with what is missing.

    Who asked to hear of it is told when it is published, once.
    """
    offering = seats.lock_offering(offering_id)
    if offering.status == Status.OPEN:
        return offering
    if wrong := offerings.missing(offering):
        raise Refused(" ".join(wrong))
    offering.status = Status.OPEN
    if offering.published_at is None:
        offering.published_at = timezone.now()
        offering.activities.update(changed_at=offering.published_at)
    offering.save(update_fields=["status", "published_at"])
    seats.pass_on(offering)
    interest.tell_published(offering)
    return offering


@transaction.atomic
def close_registration(offering_id: int) -> Offering:
    """Take no new registrations; freed seats still go to those who wait."""
    offering = seats.lock_offering(offering_id)
    if offering.status == Status.CLOSED:
        return offering
    if offering.status != Status.OPEN:
        raise Refused("Registration is not open.")
    offering.status = Status.CLOSED
    offering.save(update_fields=["status"])
    return offering


@transaction.atomic
def changed(offering_id: int, *, activity_id: int | None = None, tell: bool = True) -> None:
    """Call after a change visitors can see: of one day, or of the whole offering.

    Raises the SEQUENCE of the days it is about. With `tell` everybody with a seat gets one
    mail for each that is not over, in place of any older one that has not gone out.
    """
    offering = seats.lock_offering(offering_id)
    if offering.published_at is None or offering.status == Status.CANCELED:
        return
    days = Activity.objects.filter(offering=offering)
    if activity_id is not None:
        days = days.filter(pk=activity_id)
    now = timezone.now()
    days.update(sequence=F("sequence") + 1, changed_at=now)
    people = Registration.objects.filter(offering=offering, state=State.CONFIRMED)
    for user_id in people.exclude(user=None).values_list("user_id", flat=True):
        personal_feeds.touch(user_id)
    if not tell:
        return
    ids = list(people.values_list("pk", flat=True))
    for day in days.filter(ends_at__gt=now):
        outbox.supersede("trainings.changed", day.pk)
        outbox.promise_all("trainings.changed", [(pk, day.pk, day.sequence) for pk in ids])


@transaction.atomic
def cancel_offering(offering_id: int, *, reason: str, by: User | None = None) -> Offering:
    """Cancel an offering for a public reason.

    Everyone who has or waits for a seat is told once, what they paid goes back in full,
    pledges end. Registrations nobody confirmed end by themselves. Who was told that it is
    open, and the agency that hosts it, are told once too.
    """
    offering = seats.lock_offering(offering_id)
    if offering.status == Status.CANCELED:
        return offering
    if not reason.strip():
        raise Refused("Give a reason: everyone who registered reads it.")
    if seats.has_begun(offering):
        raise Refused("It has begun, so it cannot be canceled.")
    offering.status, offering.cancel_reason = Status.CANCELED, reason.strip()
    offering.save(update_fields=["status", "cancel_reason"])
    offering.activities.update(sequence=F("sequence") + 1, changed_at=timezone.now())
    ended = {State.UNCONFIRMED, State.CANCELED}
    for person in (
        Registration.objects.select_for_update(of=["self"])
        .filter(offering=offering)
        .exclude(state__in=ended)
        .order_by("pk")
    ):
        person.offering = offering
        registrations.end(person, "trainings.offering_canceled", offering.cancel_reason, by=by)
    interest.tell_canceled(offering)
    return offering
