"""Calls as calendar events: rule plus what the rows changed. Reads rows, writes none."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from calls import schedule as heart
from calls.models import CallDate, CallSeries, Schedule, SignUp
from hub import ics
from hub.models import User

COLOR = "darkgreen"


def published() -> QuerySet[CallSeries]:
    """Every public series with what its feed needs, in a constant number of queries."""
    changed = Prefetch("schedules__dates", queryset=_changed_dates(), to_attr="changed_dates")
    return CallSeries.objects.filter(published=True).prefetch_related(changed)


def public_events() -> list[ics.Event]:
    """Every public series, for the feed of everything."""
    return [event for series in published() for event in series_events(series)]


def series_events(series: CallSeries, *, joining: bool = False) -> list[ics.Event]:
    """All of a series, its ended schedules included, for a feed.

    `joining` adds how to join: for the private feed of somebody active, never else.
    """
    return [
        event
        for plan in series.schedules.all()
        for event in schedule_events(plan, plan.changed_dates, series, joining)
    ]


def personal_events(user: User) -> list[ics.Event]:
    """Every series this person is in, with how to join."""
    joined = published().filter(sign_ups__user=user, sign_ups__state=SignUp.State.ACTIVE)
    return [event for series in joined for event in series_events(series, joining=True)]


def schedule_events(
    plan: Schedule,
    changed: Iterable[CallDate],
    series: CallSeries,
    joining: bool,
    *,
    raise_by: int = 0,
) -> Iterator[ics.Event]:
    """One schedule: its rule, each changed date, each extra date.

    `raise_by` lifts every SEQUENCE, for a person whose invitation was canceled before.
    """
    zone = ZoneInfo(plan.zone)
    text = _Text(series, joining)
    removed, own = [], []
    for row in changed:
        row.schedule = plan
        if row.status != CallDate.Status.REMOVED:
            own.append(row)
        elif row.original_start:
            removed.append(row.original_start)
    rule = _rule_with_until(plan)
    if rule:
        yield ics.Event(
            uid=plan.uid,
            stamp=plan.changed_at,
            sequence=plan.sequence + raise_by,
            start=plan.begins_at(plan.first_date),
            end=plan.ends_at(plan.first_date).astimezone(zone),
            summary=series.name,
            description=text.describe(),
            location=text.location,
            url=text.url,
            rrule=rule,
            exdates=tuple(sorted(removed)),
        )
    for row in own:
        yield date_event(row, series, text, raise_by=raise_by)


def date_event(row: CallDate, series: CallSeries, text: "_Text", *, raise_by: int = 0) -> ics.Event:
    """One date on its own: a changed date of the rule, or an extra one."""
    plan = row.schedule
    zone = ZoneInfo(plan.zone)
    return ics.Event(
        uid=row.uid or plan.uid,
        stamp=max(row.changed_at, plan.changed_at),
        sequence=max(row.sequence, plan.sequence) + raise_by,
        start=row.starts_at.astimezone(zone),
        end=row.ends_at.astimezone(zone),
        summary=series.name,
        description=text.describe(row),
        location=text.location,
        url=text.url,
        recurrence_id=row.original_start,
        canceled=row.status != CallDate.Status.ON,
    )


def invitation(
    sign_up: SignUp, plan: Schedule, method: str, sent: datetime, row: CallDate | None = None
) -> bytes:
    """What the mail to one person carries: a whole schedule, or the one changed date.

    `sent` is when the mail was promised, so that a retried mail has the same bytes.
    """
    series = sign_up.series
    joining = method == "REQUEST"
    if row is not None:
        events = [date_event(row, series, _Text(series, joining), raise_by=sign_up.round)]
    else:
        events = [
            event
            for event in schedule_events(
                plan,
                _changed_dates().filter(schedule=plan),
                series,
                joining,
                raise_by=sign_up.round,
            )
            if event.uid == plan.uid
        ]
    return ics.invitation(
        method="CANCEL" if method == "CANCEL" else "REQUEST",
        organizer=(settings.MAIL_SENDER, settings.MAIL_ADDRESS),
        attendee=(sign_up.name, sign_up.email),
        events=events,
        sent=sent,
    )


def _changed_dates() -> QuerySet[CallDate]:
    """Dates the rule alone does not tell: changed ones and extra ones."""
    return CallDate.objects.exclude(sequence=0, uid="").order_by("pk")


def _rule_with_until(plan: Schedule) -> str:
    """The RRULE; with an end, UNTIL is the last date's start in UTC (RFC 5545 3.3.10)."""
    rule = plan.rule
    if plan.until is None:
        return str(rule)
    last = heart.last_date(rule, plan.first_date, plan.until)
    return f"{rule};UNTIL={plan.begins_at(last).astimezone(UTC):%Y%m%dT%H%M%SZ}"


class _Text:
    """The words of a series' events, made once for all its dates."""

    def __init__(self, series: CallSeries, joining: bool) -> None:
        self.url = settings.BASE_URL + series.get_absolute_url()
        self.location = series.joining_url if joining else ""
        self._parts = [series.summary]
        if joining:
            self._parts += ["\n".join(f"{name}: {value}" for name, value in series.joining_lines)]
        else:
            self._parts += [f"To join, sign up at {self.url}"]

    def describe(self, row: CallDate | None = None) -> str:
        about = []
        if row is not None:
            if row.reason:
                about.append(row.reason)
            if row.topic:
                about.append(f"Topic: {row.topic}")
            if row.speaker:
                about.append(f"Speaker: {row.speaker}")
        return "\n\n".join(part for part in ["\n".join(about), *self._parts] if part)
