"""What calls have for staff to do, and how many people come to them."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from calls import dates, queries
from calls.models import CallAttendance, CallDate, SignUp
from hub import months
from hub.offers import Figure, Urgency, Work, urgency
from hub.words import several, weekday_month_day

AREA = "Calls"
# A call this near without a way to join is one people will miss.
JOINING_BEFORE = timedelta(days=7)


def approvals(user: Any, now: datetime) -> list[Work]:
    if not user.has_perm("calls.change_signup"):
        return []
    waiting = (
        SignUp.objects.filter(state=SignUp.State.AWAITING)
        .order_by("series__position", "series_id")
        .values_list("series_id", "series__name")
        .annotate(count=Count("pk"))
    )
    people = reverse("admin:calls_signup_changelist")
    return [
        Work(
            area=AREA,
            said=f"{several(count, 'person waits', 'people wait')} for approval: {name}",
            url=f"{people}?state__exact=awaiting&series__id__exact={pk}",
            urgency=Urgency.TODAY,
            count=count,
        )
        for pk, name, count in waiting
    ]


def on_closures(user: Any, now: datetime) -> list[Work]:
    """Dates that fall on a closure: hold, move or cancel them before people are surprised."""
    if not user.has_perm("calls.change_calldate"):
        return []
    ahead = CallDate.objects.filter(
        starts_at__gt=now, status=CallDate.Status.ON, kept_at=None
    ).select_related("schedule__series")
    rows = list(ahead.order_by("starts_at"))
    closed = dates.undecided(rows)
    if not closed:
        return []
    people = dict(
        SignUp.objects.filter(state=SignUp.State.ACTIVE)
        .order_by()
        .values_list("series_id")
        .annotate(Count("pk"))
    )
    return [
        Work(
            area=AREA,
            said=f"{weekday_month_day(row.local_start)} falls on {closed[row.pk]}: decide. "
            f"{row.schedule.series.name}, "
            f"{several(people.get(row.schedule.series_id, 0), 'person', 'people')} signed up",
            url=reverse("admin:calls_calldate_change", args=[row.pk]),
            urgency=urgency(row.starts_at, now),
            due=row.starts_at,
        )
        for row in rows
        if row.pk in closed
    ]


def joining(user: Any, now: datetime) -> list[Work]:
    if not user.has_perm("calls.change_callseries"):
        return []
    return [
        Work(
            area=AREA,
            said=f"{one.date.schedule.series.name} has no link or phone to join by",
            url=reverse("admin:calls_callseries_change", args=[one.date.schedule.series_id]),
            urgency=urgency(one.date.starts_at, now),
            due=one.date.starts_at,
        )
        for one in queries.next_of_each()
        if one.date.starts_at - now < JOINING_BEFORE and not one.date.schedule.series.joining_lines
    ]


def sign_ups(now: datetime) -> Figure:
    joined = SignUp.objects.filter(~Q(joined_at=None))
    return Figure(
        title="Sign-ups",
        label="calls",
        one="person",
        more="people",
        months=months.counted(joined, "joined_at", now),
    )


def attendance(now: datetime) -> Figure:
    """Everybody on a call, guests too, in the month of its date."""
    return Figure(
        title="Attendance",
        label="calls",
        one="person",
        more="people",
        months=months.counted(CallAttendance.objects.all(), "date__starts_at", now),
    )
