"""What pages ask of the service; the home page as well as its own."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from hub.words import PACIFIC
from ta_requests.models import Area, Policy, Service


def service() -> Service | None:
    """How to reach technical assistance and when; None before the content is loaded."""
    return Service.objects.first()


def policy(at: datetime | None = None) -> Policy | None:
    """The hours and the promise in force at an instant (now); None before the content is
    loaded."""
    day = (at or timezone.now()).astimezone(ZoneInfo(PACIFIC)).date()
    return Policy.objects.filter(starts_on__lte=day).first()


def areas() -> QuerySet[Area]:
    """The areas in the page's order; the open-ended one says "and More…"."""
    return Area.objects.all()
