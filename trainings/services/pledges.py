"""What becomes of a pledge of one pro bono case."""

from datetime import date
from zoneinfo import ZoneInfo

from trainings.models import Pledge, PledgeEvent, PledgeText, Registration


def make(registration: Registration, signed_name: str) -> Pledge:
    """Sign the pledge by the words the person saw; a void one comes into force again."""
    last = registration.offering.days[-1].ends_at.astimezone(ZoneInfo(registration.offering.zone))
    pledge, is_new = Pledge.objects.update_or_create(
        registration=registration,
        defaults={
            "text": registration.pledge_text or PledgeText.objects.latest("version"),
            "signed_name": signed_name,
            "state": Pledge.State.MADE,
            "due_on": _a_year_after(last.date()),
        },
    )
    PledgeEvent.objects.create(pledge=pledge, what="made" if is_new else "made again")
    return pledge


def void(registration: Registration, reason: str) -> None:
    """End a pledge that is still open; none is no error."""
    pledge = Pledge.objects.filter(registration=registration, state__in=Pledge.OPEN).first()
    if pledge is None:
        return
    pledge.state = Pledge.State.VOID
    pledge.save(update_fields=["state"])
    PledgeEvent.objects.create(pledge=pledge, what="void", reason=reason)


def _a_year_after(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if is_leap_day else day.day)
