"""Offerings and people for tests, with no more than a test says."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone

from trainings.models import (
    Activity,
    Attendance,
    BarNumber,
    Course,
    Offering,
    OfferingPrice,
    Registration,
    Segment,
)

PACIFIC = ZoneInfo("America/Los_Angeles")


def at(text: str, zone: str = "America/Los_Angeles") -> datetime:
    """A moment by the venue's clock: at("2027-01-29 09:00")"""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def course(slug="a-course", **values):
    return Course.objects.create(
        **{"slug": slug, "title": f"Course {slug}", "hours": 8, "level": "introductory"} | values
    )


def offering(of=None, *, price=True, day="2027-01-29", **values):
    """An offering of one day, 9:00 am to 5:00 pm; `day` None: without a day."""
    values = {"slug": "first", "seats": 40, "city": "Los Angeles"} | values
    values.setdefault("region", "southern-california")
    made = Offering.objects.create(course=of or course(), **values)
    if price:
        OfferingPrice.objects.create(offering=made, kind="free")
    if day:
        activity(made, f"{day} 09:00", f"{day} 17:00")
    return made


def activity(of, starts, ends, title="Day"):
    return Activity.objects.create(
        offering=of, title=title, starts_at=at(starts, of.zone), ends_at=at(ends, of.zone)
    )


def segment(of, starts, ends, title="Topic", **values):
    """One line of the agenda by wall clock: segment(day, "09:00", "10:30")"""
    day = of.local_start.date()
    zone = of.offering.zone
    return Segment.objects.create(
        activity=of,
        starts_at=at(f"{day} {starts}", zone),
        ends_at=at(f"{day} {ends}", zone),
        title=title,
        **values,
    )


def person(of, name="Bob Stone", *, email="", state="confirmed", bar="", **values):
    email = email or f"{name.split()[0].lower()}@example.org"
    since = timezone.now()
    made = Registration.objects.create(
        offering=of,
        name=name,
        email=email,
        state=state,
        price_kind="free",
        confirmed_at=since if state == "confirmed" else None,
        waitlisted_at=since if state == "waitlisted" else None,
        offered_until=since + timedelta(days=1) if state == "offered" else None,
        **values,
    )
    if bar:
        BarNumber.objects.create(registration=made, state="CA", number=bar)
    return made


def attended(registration, day, ends="17:00"):
    """Ticked from the start of the day until a clock time."""
    return Attendance.objects.create(
        registration=registration,
        activity=day,
        starts_at=day.starts_at,
        ends_at=at(f"2027-01-29 {ends}"),
        source="tick",
    )


def address(name, *args):
    """Of an admin page: address("activity_change", 7)"""
    return reverse(f"admin:trainings_{name}", args=args)
