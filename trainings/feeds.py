"""Trainings as calendar events: each day is an event of its own. Reads rows, writes none."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from hub import ics
from hub.models import User
from trainings import queries
from trainings.models import Activity, Offering, Registration

COLOR = "darkgreen"


def public_events() -> list[ics.Event]:
    """Every day of every published offering, canceled ones as such; no joining details."""
    return [event(day) for offering in queries.offerings() for day in offering.days]


def personal_events(user: User) -> list[ics.Event]:
    """The days this person has a seat for, with how to join."""
    with_seat = Registration.objects.filter(user=user, state=Registration.State.CONFIRMED)
    found = queries.offerings().filter(pk__in=with_seat.values("offering"))
    return [event(day, joining=True) for offering in found for day in offering.days]


def feed() -> bytes:
    """All trainings for calendar programs."""
    return ics.feed(
        name="CAST trainings",
        url=settings.BASE_URL + reverse("trainings:index"),
        color=COLOR,
        events=public_events(),
    )


def event(day: Activity, *, joining: bool = False, raise_by: int = 0) -> ics.Event:
    """One day. `joining` adds address and link: for somebody with a seat, never else.

    `raise_by` lifts the SEQUENCE, for a person whose invitation was canceled before.
    """
    offering = day.offering
    zone = ZoneInfo(offering.zone)
    return ics.Event(
        uid=day.uid,
        stamp=day.changed_at,
        sequence=day.sequence + raise_by,
        start=day.starts_at.astimezone(zone),
        end=day.ends_at.astimezone(zone),
        summary=title(day),
        description=_description(day, joining),
        location=_location(offering, joining),
        url=settings.BASE_URL + offering.get_absolute_url(),
        canceled=offering.status == Offering.Status.CANCELED,
    )


def title(day: Activity) -> str:
    """The course; of several days also which one."""
    offering = day.offering
    is_one_of_many = len(offering.days) > 1
    return f"{offering.course.title}: {day.title}" if is_one_of_many else offering.course.title


def invitation(registration: Registration, day: Activity, method: str, sent: datetime) -> bytes:
    """What the mail to one person carries: one day.

    `sent` is when the mail was promised, so that a retried mail has the same bytes.
    """
    is_invited = method == "REQUEST"
    return ics.invitation(
        method="REQUEST" if is_invited else "CANCEL",
        organizer=(settings.MAIL_SENDER, settings.MAIL_ADDRESS),
        attendee=(registration.name, registration.email),
        events=[event(day, joining=is_invited, raise_by=registration.round)],
        sent=sent,
    )


def _location(offering: Offering, joining: bool) -> str:
    if not joining:
        return offering.place
    where = offering.joining_url if offering.is_online else offering.address
    if offering.is_online or not where:
        return where or offering.place
    return f"{where}, {offering.city}" if offering.city else where


def _description(day: Activity, joining: bool) -> str:
    offering = day.offering
    parts = [offering.cancel_reason] if offering.status == Offering.Status.CANCELED else []
    parts += [offering.course.summary, *(claim.sentence for claim in queries.claims_of([day]))]
    if joining:
        parts += [offering.joining_url, offering.joining_note]
    else:
        parts += [
            f"Details and registration: {settings.BASE_URL}{offering.get_absolute_url()}",
        ]
    return "\n\n".join(part for part in parts if part)
