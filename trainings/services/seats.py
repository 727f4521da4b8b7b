"""Seats of an offering: who holds one, who waits, who is next.

The row of the offering is the lock. Every verb takes it first and the registration after
it, so that seats are counted by one at a time and nobody waits in a circle.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from hub import outbox, personal_feeds
from hub.models import User
from hub.refusal import Refused
from trainings.models import Activity, Offering, Registration, RegistrationEvent
from trainings.models.offerings import MOST_SEATS

State = Registration.State


def lock_offering(offering_id: int) -> Offering:
    """The offering, ours until the transaction ends; new registrations may still come in."""
    return (
        Offering.objects.select_for_update(of=["self"], no_key=True)
        .select_related("course")
        .get(pk=offering_id)
    )


def lock(registration_id: int) -> Registration:
    """The registration, and before it its offering, ours until the transaction ends."""
    offering_id = Registration.objects.values_list("offering_id", flat=True).get(pk=registration_id)
    offering = lock_offering(offering_id)
    registration = (
        Registration.objects.select_for_update(of=["self"])
        .select_related("user")
        .get(pk=registration_id)
    )
    registration.offering = offering
    return registration


def starts_at(offering: Offering) -> datetime | None:
    """When its first day begins (UTC); None before it has days."""
    return (
        Activity.objects.filter(offering=offering)
        .order_by("starts_at")
        .values_list("starts_at", flat=True)
        .first()
    )


def has_begun(offering: Offering) -> bool:
    start = starts_at(offering)
    return start is not None and start <= timezone.now()


def free(offering: Offering) -> int:
    """Seats nobody holds; a seat on offer is held."""
    taken = Registration.objects.filter(offering=offering, state__in=Registration.SEATED).count()
    return offering.seats - taken


def waiting(offering: Offering) -> QuerySet[Registration]:
    """The waitlist, first come first: one for all prices."""
    return Registration.objects.filter(offering=offering, state=State.WAITLISTED).order_by(
        "waitlisted_at", "pk"
    )


def place(registration: Registration) -> int:
    """Where somebody stands on the waitlist, from 1."""
    since = registration.waitlisted_at
    before = Q(waitlisted_at__lt=since) | Q(waitlisted_at=since, pk__lt=registration.pk)
    return waiting(registration.offering).filter(before).count() + 1


def places(offering_ids: Collection[int]) -> dict[int, int]:
    """Everybody's place on the waitlists of these offerings: registration → place, from 1."""
    rows = Registration.objects.filter(offering__in=offering_ids, state=State.WAITLISTED)
    found: dict[int, int] = {}
    last: dict[int, int] = {}
    for pk, of in rows.order_by("waitlisted_at", "pk").values_list("pk", "offering_id"):
        found[pk] = last[of] = last.get(of, 0) + 1
    return found


def enter(
    registration: Registration,
    state: str,
    *,
    until: datetime | None = None,
    by: User | None = None,
    reason: str = "",
) -> None:
    """Put a locked registration into a state and note it; `until` ends an offer or a hold."""
    now = timezone.now()
    was = registration.state
    registration.state = state
    registration.round += 1
    registration.offered_until = until if state == State.OFFERED else None
    registration.pay_until = until if state == State.AWAITING_PAYMENT else None
    if state == State.WAITLISTED:
        registration.waitlisted_at = now
    elif state == State.CONFIRMED:
        registration.confirmed_at = now
    elif state == State.CANCELED:
        registration.canceled_at = now
    registration.save()
    note(registration, by=by, reason=reason)
    if registration.user_id and State.CONFIRMED in {was, state}:
        personal_feeds.touch(registration.user_id)


def note(registration: Registration, *, by: User | None = None, reason: str = "") -> None:
    """One line of the registration's history, in the state it is in now."""
    RegistrationEvent.objects.create(
        registration=registration, state=registration.state, by=by, reason=reason
    )


def wait(registration: Registration) -> None:
    """Put somebody at the end of the waitlist and tell them their place."""
    enter(registration, State.WAITLISTED)
    outbox.promise("trainings.waitlisted", registration.pk, version=registration.round)


@transaction.atomic
def offer_next(offering_id: int) -> int:
    """Offer every free seat to the first who wait; return how many were offered."""
    return pass_on(lock_offering(offering_id))


def pass_on(offering: Offering) -> int:
    """As offer_next, of an offering that is locked already.

    An offer lasts for the offering's hours and never past the start of the training; once
    that has come, or the offering is canceled, nobody is offered anything.
    """
    now, start = timezone.now(), starts_at(offering)
    if offering.status not in {Offering.Status.OPEN, Offering.Status.CLOSED}:
        return 0
    if start is None or start <= now:
        return 0
    until = min(now + timedelta(hours=offering.offer_hours), start)
    first = list(waiting(offering)[: max(free(offering), 0)])
    for registration in first:
        registration.offering = offering
        enter(registration, State.OFFERED, until=until)
        outbox.promise("trainings.offered", registration.pk, version=registration.round)
    return len(first)


@transaction.atomic
def change_seats(offering_id: int, seats: int) -> Offering:
    """Give an offering more or fewer seats; more are offered to those who wait."""
    offering = lock_offering(offering_id)
    if offering.seats == seats:
        return offering
    if not 1 <= seats <= MOST_SEATS:
        raise Refused(f"Seats are a number from 1 to {MOST_SEATS:,}.")
    taken = offering.seats - free(offering)
    if seats < taken:
        raise Refused(f"{taken} seats are taken or on offer: choose {taken} or more.")
    offering.seats = seats
    offering.save(update_fields=["seats"])
    pass_on(offering)
    return offering
