"""What pages ask of the service; the home page as well as its own."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from hub.models import User
from hub.words import PACIFIC
from ta_requests.models import Area, Policy, Service

# The group a migration makes.
TA_STAFF = "TA staff"


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


def ta_staff() -> QuerySet[User]:
    """Who may read what was asked: active staff in the group "TA staff", and nobody else."""
    return User.objects.filter(is_active=True, is_staff=True, groups__name=TA_STAFF).order_by("pk")


def is_ta_staff(user: Any) -> bool:
    """Whether somebody is one of them. To be a superuser is not enough."""
    return bool(user.is_authenticated) and ta_staff().filter(pk=user.pk).exists()


def is_manager(user: Any) -> bool:
    """Who answers for the hours, the closures and the report; never for what was asked."""
    return bool(user.is_active and user.has_perm("ta_requests.change_policy"))
