"""A day that is over, with people who were there; for tests of certificates."""

from datetime import date

from tests.trainings import making
from trainings.models import Approval, Registration


def held_day(**approval):
    """January 29, 9:00 to 17:00: 9–12 general, lunch, 13–16 of which an hour ethics.

    approval: fields of California's; none without any.
    """
    day = making.offering(making.course(title="Pro Bono Attorney Training")).activities.get()
    making.segment(day, "09:00", "12:00", "Immigration benefits")
    making.segment(day, "12:00", "13:00", "Lunch", kind="break")
    making.segment(day, "13:00", "15:00", "Civil remedies")
    making.segment(day, "15:00", "16:00", "Conflicts", category="ethics", speaker="Alice Stone")
    if approval:
        approve(day, **approval)
    return day


def approve(day, status="approved", jurisdiction="CA", **more):
    """6 hours, 1 of them ethics, decided on October 1, 2026; replaces what was said before."""
    said = {"total": 24, "ethics": 4, "decided_on": date(2026, 10, 1), "number": "CA-1"}
    row, _ = Approval.objects.update_or_create(
        activity=day,
        jurisdiction=jurisdiction,
        defaults={"status": status, **(said if status == "approved" else {}), **more},
    )
    return row


def came(day, name="Bob Stone", until="17:00", **more) -> Registration:
    """Somebody confirmed who was there from 9:00; an attorney with number 123456 unless told."""
    person = making.person(day.offering, name, **{"bar": "123456", **more})
    making.attended(person, day, until)
    return person
