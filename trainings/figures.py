"""How much trainings did in each of the last twelve months."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Count, DecimalField, OuterRef, Subquery, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone

from hub import months
from hub.offers import Figure
from trainings.models import Attendance, Certificate, Pledge, PledgeEvent, Registration

# Of a paper for two states the first one's hours: one day is not counted twice.
HOURS = KT("data__activities__0__credit__0__total")


def sign_ups(now: datetime) -> Figure:
    taken = Registration.objects.exclude(confirmed_at=None)
    return Figure(
        title="Sign-ups",
        label="trainings",
        one="person",
        more="people",
        months=months.counted(taken, "confirmed_at", now),
    )


def attendance(now: datetime) -> Figure:
    """People, once for each day they were there."""
    there = (
        Attendance.objects.filter(
            activity__starts_at__gte=months.start(now), activity__starts_at__lte=now
        )
        .order_by()
        .values_list("activity__starts_at", "activity")
        .annotate(people=Count("registration", distinct=True))
    )
    counts = ((timezone.localdate(day), people) for day, _, people in there)
    return Figure(
        title="Attendance",
        label="trainings",
        one="person",
        more="people",
        months=months.filled(counts, now),
    )


def credit(now: datetime) -> Figure:
    """Hours on the papers in force, in the month of the day they are for."""
    papers = Certificate.objects.filter(
        kind=Certificate.Kind.MCLE, replaced_by=None, revoked_at=None
    )
    hours = Sum(Cast(HOURS, DecimalField(max_digits=8, decimal_places=2)), default=Decimal())
    return Figure(
        title="Credit hours given",
        label="trainings",
        one="hour",
        more="hours",
        months=months.counted(papers, "activity__starts_at", now, hours),
    )


def pledges_made(now: datetime) -> Figure:
    return Figure(
        title="Pledges made",
        label="pledges",
        one="pledge",
        more="pledges",
        months=months.counted(Pledge.objects.all(), "made_at", now),
    )


def pledges_kept(now: datetime) -> Figure:
    last = PledgeEvent.objects.filter(pledge=OuterRef("pk")).order_by("-pk").values("at")[:1]
    # However it came about, nothing follows it.
    kept = Pledge.objects.filter(state=Pledge.State.FULFILLED).annotate(kept_at=Subquery(last))
    return Figure(
        title="Pledges kept",
        label="pledges",
        one="pledge",
        more="pledges",
        months=months.counted(kept, "kept_at", now),
    )
