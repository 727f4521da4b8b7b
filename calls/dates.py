"""What can happen to schedules and dates: one function each, safe to do twice.

Whoever is active in the series hears of each change once; calendars follow by the feed
and by the invitation in the mail.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from calls import schedule as heart
from calls.models import CallDate, CallSeries, Schedule, SignUp
from hub import outbox
from hub.ids import new_uid
from hub.models import Closure
from hub.refusal import Refused

# Rows are kept this far ahead.
AHEAD_DAYS = 550
# A single date further off is a slip of the keyboard.
FURTHEST = timedelta(days=730)


def keep_ahead(now: datetime) -> None:
    """Write the rows of each schedule up to AHEAD_DAYS from today; those there stay."""
    today = timezone.localdate(now)
    for schedule in Schedule.objects.filter(Q(until=None) | Q(until__gte=today)):
        propose(schedule, now)


def propose(schedule: Schedule, now: datetime) -> int:
    """Write the rows the rule proposes and that are not there yet; return how many."""
    today = timezone.localdate(now)
    last = today + timedelta(days=AHEAD_DAYS)
    if schedule.until:
        last = min(last, schedule.until)
    known = set(schedule.dates.values_list("original_date", flat=True))
    rows = [
        CallDate(
            schedule=schedule,
            original_date=day,
            starts_at=schedule.begins_at(day),
            ends_at=schedule.ends_at(day),
        )
        for day in heart.dates(schedule.rule, schedule.first_date, today, last)
        if day not in known
    ]
    # Another worker may have been here since the look at what is known.
    return len(CallDate.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def set_schedule(
    series: CallSeries,
    *,
    rule: heart.Rule,
    begins: date,
    start_time: time,
    minutes: int,
    zone: str,
) -> Schedule:
    """Give a series its time and rule from `begins` on, by the clock of `zone`.

    What has begun is never touched: the schedule in force ends on the day before the new
    one's first date, its later dates go, and people get the new times. One that has not
    begun is replaced. Raises heart.BadRule or Refused.
    """
    now = timezone.now()
    CallSeries.objects.select_for_update().get(pk=series.pk)
    first = heart.first_date(rule, begins)
    old = series.schedules.filter(until=None).first()
    if old and _is_same(old, first, rule, start_time, minutes, zone):
        return old
    if series.schedules.exists() and heart.instant(first, start_time, zone) <= now:
        raise Refused("Choose a first day in the future: what has been stays as it was.")
    if series.schedules.filter(until__gte=first).exists():
        raise Refused("Choose a later first day: other times are set until then.")
    if old and old.dates.filter(original_date__gte=first, starts_at__lte=now).exists():
        raise Refused("Choose a later first day: that day's call has begun.")
    if old and not old.has_begun:
        # Nobody has lived by it yet: it keeps its UID, so that calendars replace it.
        new, old = old, None
        new.dates.exclude(original_date=None).delete()
        new.sequence += 1
    else:
        new = Schedule(series=series)
    if old:
        _end(old, first - timedelta(days=1), now)
    new.recurrence = heart.to_recurrence(rule)
    new.first_date, new.start_time, new.minutes = first, start_time, minutes
    new.zone, new.changed_at = zone, now
    new.save()
    propose(new, now)
    active = active_ids(series)
    # Of a schedule replaced twice before the first mail is out, people hear the last.
    outbox.supersede("calls.new_times", new.pk)
    if old:
        outbox.promise_all("calls.old_times", [(pk, old.pk, old.sequence) for pk in active])
    outbox.promise_all("calls.new_times", [(pk, new.pk, new.sequence) for pk in active])
    return new


def _is_same(
    old: Schedule, first: date, rule: heart.Rule, start_time: time, minutes: int, zone: str
) -> bool:
    """Whether what is asked for is what holds already: a second click, a form unchanged."""
    if (old.rule, old.start_time, old.minutes, old.zone) != (rule, start_time, minutes, zone):
        return False
    if not old.has_begun:
        return old.first_date == first
    return first in heart.dates(rule, old.first_date, first, first)


@transaction.atomic
def end_schedule(schedule: Schedule, last_day: date) -> None:
    """Let a schedule end with `last_day`; its later dates go and people hear of it once."""
    locked = Schedule.objects.select_for_update().get(pk=schedule.pk)
    if locked.until == last_day:
        return
    if locked.until and last_day > locked.until:
        raise Refused("It has ended already: set new times instead.")
    if last_day < max(timezone.localdate(), locked.first_date):
        raise Refused("Choose a last day that is not past and not before the first date.")
    _end(locked, last_day, timezone.now())
    outbox.promise_all(
        "calls.old_times", [(pk, locked.pk, locked.sequence) for pk in active_ids(locked.series)]
    )


def _end(schedule: Schedule, last_day: date, now: datetime) -> None:
    schedule.until = max(last_day, schedule.first_date)
    schedule.sequence += 1
    schedule.changed_at = now
    schedule.save(update_fields=["until", "sequence", "changed_at"])
    schedule.dates.filter(original_date__gt=schedule.until, starts_at__gt=now).delete()


@transaction.atomic
def series_changed(series: CallSeries) -> None:
    """A reader sees the name or words of the series in each event: raise their SEQUENCE."""
    series.schedules.update(sequence=F("sequence") + 1, changed_at=timezone.now())


@transaction.atomic
def cancel(call_date: CallDate, reason: str) -> None:
    """Cancel one date; `reason` is public."""
    locked = _locked(call_date)
    if not reason.strip():
        raise Refused("Give a reason: everyone who signed up reads it.")
    if locked.status == CallDate.Status.CANCELED and locked.reason == reason:
        return
    locked.status, locked.reason = CallDate.Status.CANCELED, reason
    _changed(locked)


@transaction.atomic
def move(call_date: CallDate, starts_at: datetime, reason: str) -> None:
    """Move one date to another instant, keeping its length; `reason` is public."""
    locked = _locked(call_date)
    starts_at = _sensible(starts_at)
    if locked.starts_at == starts_at and locked.status == CallDate.Status.ON:
        return
    _hold(locked, starts_at, reason)


@transaction.atomic
def restore(call_date: CallDate) -> None:
    """Hold a canceled, moved or removed date after all, when the rule has it."""
    locked = _locked(call_date)
    start = locked.original_start or locked.starts_at
    if locked.status == CallDate.Status.ON and locked.starts_at == start:
        return
    if start <= timezone.now():
        raise Refused("Its time has passed.")
    _hold(locked, start, "")


@transaction.atomic
def remove(call_date: CallDate) -> None:
    """Take a date out altogether, so that pages and calendars no longer show it."""
    locked = _locked(call_date)
    if locked.status == CallDate.Status.REMOVED:
        return
    was_on = locked.status == CallDate.Status.ON
    locked.status = CallDate.Status.REMOVED
    # Of a canceled date people have heard.
    _changed(locked, tell=was_on)


@transaction.atomic
def keep(call_date: CallDate) -> None:
    """Hold a date although the office is closed that day."""
    locked = _locked(call_date)
    if locked.kept_at is None:
        locked.kept_at = timezone.now()
        locked.save(update_fields=["kept_at"])


@transaction.atomic
def annotate(call_date: CallDate, *, topic: str, speaker: str) -> None:
    """Say what a date is about and who speaks; calendars show it, nobody is mailed."""
    locked = _locked(call_date)
    if (locked.topic, locked.speaker) == (topic, speaker):
        return
    locked.topic, locked.speaker = topic, speaker
    _changed(locked, tell=False)


@transaction.atomic
def add(schedule: Schedule, starts_at: datetime, *, topic: str = "", speaker: str = "") -> CallDate:
    """An extra date beside the rule's, as long as the others; an event of its own."""
    schedule = Schedule.objects.select_for_update().get(pk=schedule.pk)
    starts_at = _sensible(starts_at)
    _refuse_clash(schedule, starts_at)
    extra = CallDate.objects.create(
        schedule=schedule,
        uid=new_uid(),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=schedule.minutes),
        topic=topic,
        speaker=speaker,
        kept_at=timezone.now(),
    )
    _tell(extra)
    return extra


def undecided(call_dates: Iterable[CallDate]) -> dict[int, str]:
    """Of these dates the ones on a closure that staff have not decided on: pk → closure."""
    open_dates = {
        row.pk: row.local_start.date()
        for row in call_dates
        if row.status == CallDate.Status.ON and row.kept_at is None
    }
    if not open_dates:
        return {}
    closed = Closure.names_between(min(open_dates.values()), max(open_dates.values()))
    return {pk: closed[day] for pk, day in open_dates.items() if day in closed}


def _locked(call_date: CallDate) -> CallDate:
    locked = (
        CallDate.objects.select_for_update(of=["self"])
        .select_related("schedule__series")
        .get(pk=call_date.pk)
    )
    if locked.starts_at <= timezone.now():
        raise Refused("This date has begun or is past; it stays as it was.")
    return locked


def _sensible(starts_at: datetime) -> datetime:
    """The instant in UTC, where adding an hour is an hour across a change of clocks."""
    now = timezone.now()
    if starts_at <= now:
        raise Refused("Choose a time in the future.")
    if starts_at > now + FURTHEST:
        raise Refused("Choose a time within the next two years.")
    return starts_at.astimezone(UTC)


def _hold(locked: CallDate, starts_at: datetime, reason: str) -> None:
    """Hold a date at an instant somebody chose, which also decides about a closure."""
    _refuse_clash(locked.schedule, starts_at, besides=locked)
    starts_at = starts_at.astimezone(UTC)
    locked.ends_at = starts_at + (locked.ends_at - locked.starts_at)
    locked.starts_at, locked.status, locked.reason = starts_at, CallDate.Status.ON, reason
    locked.kept_at = locked.kept_at or timezone.now()
    _changed(locked)


def _refuse_clash(schedule: Schedule, starts_at: datetime, besides: CallDate | None = None) -> None:
    others = CallDate.objects.filter(
        schedule__series=schedule.series_id, starts_at=starts_at, status=CallDate.Status.ON
    )
    if any(other != besides for other in others):
        raise Refused("This call has a date at that very time already.")


def _changed(call_date: CallDate, *, tell: bool = True) -> None:
    # An override's SEQUENCE must pass both its own and the one shown for its series.
    call_date.sequence = max(call_date.sequence, call_date.schedule.sequence) + 1
    call_date.changed_at = timezone.now()
    call_date.save()
    if tell:
        _tell(call_date)


def _tell(call_date: CallDate) -> None:
    outbox.supersede("calls.date", call_date.pk)
    # One a date is all there is: it must not be spent on a time that no longer holds.
    outbox.supersede("calls.reminder", call_date.pk)
    outbox.promise_all(
        "calls.date",
        [(pk, call_date.pk, call_date.sequence) for pk in active_ids(call_date.schedule.series)],
    )


def active_ids(series: CallSeries) -> list[int]:
    """The sign-ups of everyone who is in."""
    active = series.sign_ups.filter(state=SignUp.State.ACTIVE).values_list("pk", flat=True)
    return list(active)
