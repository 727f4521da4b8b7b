"""What pages read of calls, each in a constant number of queries."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils import timezone

from calls.dates import undecided
from calls.models import CallAttendance, CallDate, CallSeries, Schedule
from hub import files
from hub.offers import Paper
from hub.words import PACIFIC


@dataclass(frozen=True)
class Listed:
    """A date as a page shows it; `closure` names the closure staff have not decided on."""

    date: CallDate
    closure: str


def published() -> list[CallSeries]:
    """The public series in order, their schedules at hand."""
    return list(CallSeries.objects.filter(published=True).prefetch_related("schedules"))


def papers() -> list[Paper]:
    """The flyers of the public series that have one."""
    rows = CallSeries.objects.filter(published=True).exclude(flyer="")
    return [
        Paper(one.name, reverse("calls:flyer", args=[one.slug]), f"Flyer ({said})")
        for one in rows
        if (said := files.said(one.flyer))
    ]


def current_schedule(series: CallSeries) -> Schedule | None:
    """The schedule in force today, else the next to begin, else the last that was."""
    plans = sorted(series.schedules.all(), key=lambda plan: plan.first_date)
    today = timezone.localdate()
    going = [plan for plan in plans if plan.until is None or plan.until >= today]
    return next(iter(going or plans[-1:]), None)


def upcoming(series: CallSeries, most: int | None = None) -> list[Listed]:
    """Dates that are not over, canceled ones among them, in order."""
    rows = _open_dates().filter(schedule__series=series)
    return _listed(list(rows[:most]))


def last_day(series: CallSeries) -> date | None:
    """The last day known so far, by the call's own clock."""
    last = _open_dates().filter(schedule__series=series).last()
    return last.local_start.date() if last else None


def next_of_each() -> list[Listed]:
    """The next date that takes place of each public series, soonest first."""
    rows = _next_of_each().filter(schedule__series__published=True)
    return sorted(_listed(list(rows)), key=lambda listed: listed.date.starts_at)


def next_dates(series_ids: list[int]) -> dict[int, CallDate]:
    """The next date that takes place of each of these series: pk → date."""
    rows = _next_of_each().filter(schedule__series__in=series_ids)
    return {row.schedule.series_id: row for row in rows}


def next_listed(series_ids: list[int]) -> dict[int, Listed]:
    """As next_dates, with the closure staff have not decided on."""
    rows = _next_of_each().filter(schedule__series__in=series_ids)
    return {one.date.schedule.series_id: one for one in _listed(list(rows))}


@dataclass(frozen=True)
class Attended:
    """How many were on a call's dates in one month (by its first day, Pacific).

    `dates`: of how many dates attendance is noted; what is not noted is not counted.
    """

    month: date
    series: str
    people: int
    dates: int


def attendance_by_month(first: date, last: date) -> list[Attended]:
    """Attendance from the day `first` to the day `last` (Pacific), both included, by call."""
    zone = ZoneInfo(PACIFIC)
    begins = datetime.combine(first, time(), zone)
    ends = datetime.combine(last + timedelta(days=1), time(), zone)
    rows = (
        CallAttendance.objects.filter(date__starts_at__gte=begins, date__starts_at__lt=ends)
        .annotate(month=TruncMonth("date__starts_at", tzinfo=zone))
        .values_list("month", "date__schedule__series__name")
        .annotate(people=Count("pk"), dates=Count("date", distinct=True))
        .order_by("month", "date__schedule__series__position", "date__schedule__series__name")
    )
    return [Attended(month.date(), *rest) for month, *rest in rows]


def _next_of_each() -> QuerySet[CallDate]:
    return (
        _open_dates()
        .filter(status=CallDate.Status.ON)
        .order_by("schedule__series_id", "starts_at")
        .distinct("schedule__series_id")
    )


def _open_dates() -> QuerySet[CallDate]:
    return (
        CallDate.objects.exclude(status=CallDate.Status.REMOVED)
        .filter(ends_at__gt=timezone.now())
        .select_related("schedule__series")
        .order_by("starts_at")
    )


def _listed(rows: list[CallDate]) -> list[Listed]:
    closures = undecided(rows)
    return [Listed(row, closures.get(row.pk, "")) for row in rows]
