"""What can happen to people's sign-ups: one function each, safe to do twice.

What can happen to the calls themselves is in calls/dates.py.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from calls.dates import active_ids, undecided
from calls.models import CallDate, CallSeries, Schedule, SignUp
from calls.schedule import reminder_due
from hub import outbox, people, personal_feeds
from hub.models import normalize_email

# One mail in this time however often the form is sent: a double click, an impatient reload.
ASK_AGAIN_AFTER = timedelta(minutes=10)
# Sign-ups nobody confirmed are deleted after this, and their links end with them.
UNCONFIRMED_FOR = timedelta(days=14)


@transaction.atomic
def sign_up(series: CallSeries, *, name: str, email: str, organization: str, role: str) -> None:
    """Note somebody's wish to join and promise the mail that proves the address.

    What an unproven visitor types never changes the details of a known person, and
    nothing is returned, so that no caller can answer differently for a known address.
    """
    details = {"name": name, "organization": organization, "role": role}
    sign_up, is_new = SignUp.objects.select_for_update().get_or_create(
        series=series, email=normalize_email(email), defaults=details
    )
    if not is_new:
        if sign_up.state == SignUp.State.UNCONFIRMED:
            SignUp.objects.filter(pk=sign_up.pk).update(**details)
        if timezone.now() - sign_up.asked_at < ASK_AGAIN_AFTER:
            return
        sign_up.asked += 1
        sign_up.asked_at = timezone.now()
        sign_up.save(update_fields=["asked", "asked_at"])
    outbox.promise("calls.link", sign_up.pk, version=sign_up.asked)


@transaction.atomic
def join(sign_up_id: int) -> SignUp:
    """Confirm, or come back: the bearer of a mailed link asked to be in.

    Where the series asks for approval they wait for it, unless they were approved before.
    """
    sign_up = _locked(sign_up_id)
    if sign_up.state in {SignUp.State.ACTIVE, SignUp.State.AWAITING}:
        return sign_up
    if sign_up.user is None:
        sign_up.user = people.proven(sign_up.email, sign_up.name)
    if sign_up.series.needs_approval and sign_up.joined_at is None:
        sign_up.state = SignUp.State.AWAITING
        sign_up.save()
        return sign_up
    return _activate(sign_up)


@transaction.atomic
def approve(sign_up_id: int) -> SignUp:
    """Staff let somebody in who waits for approval."""
    sign_up = _locked(sign_up_id)
    if sign_up.state != SignUp.State.AWAITING:
        return sign_up
    return _activate(sign_up)


@transaction.atomic
def leave(sign_up_id: int) -> SignUp:
    """Take somebody out; their calendar is told, and the same link brings them back."""
    sign_up = _locked(sign_up_id)
    if sign_up.state == SignUp.State.LEFT:
        return sign_up
    was_active = sign_up.state == SignUp.State.ACTIVE
    sign_up.state = SignUp.State.LEFT
    sign_up.left_at = timezone.now()
    sign_up.round += 1
    sign_up.save()
    if was_active:
        _promise_for_schedules("calls.goodbye", sign_up)
    _touch(sign_up)
    return sign_up


def _activate(sign_up: SignUp) -> SignUp:
    sign_up.state = SignUp.State.ACTIVE
    sign_up.joined_at = timezone.now()
    sign_up.round += 1
    sign_up.save()
    _promise_for_schedules("calls.welcome", sign_up)
    _touch(sign_up)
    return sign_up


def _promise_for_schedules(kind: str, sign_up: SignUp) -> None:
    """One mail a schedule and extra date: an invitation holds one UID (RFC 5546 3.2.2)."""
    open_schedules = Schedule.objects.filter(series=sign_up.series).exclude(
        until__lt=timezone.localdate()
    )
    ids = list(open_schedules.values_list("pk", flat=True)) or [0]
    outbox.promise_all(kind, [(sign_up.pk, schedule, sign_up.round) for schedule in ids])
    extra = CallDate.objects.filter(
        schedule__series=sign_up.series,
        original_date=None,
        status=CallDate.Status.ON,
        ends_at__gt=timezone.now(),
    )
    outbox.promise_all("calls.extra", [(sign_up.pk, date.pk, sign_up.round) for date in extra])


def _touch(sign_up: SignUp) -> None:
    if sign_up.user_id:
        personal_feeds.touch(sign_up.user_id)


def _locked(sign_up_id: int) -> SignUp:
    return (
        SignUp.objects.select_for_update(of=["self"])
        .select_related("series", "user")
        .get(pk=sign_up_id)
    )


@transaction.atomic
def new_calendar_address(sign_up: SignUp) -> str:
    """A new private calendar address for an active person; any older one stops."""
    locked = _locked(sign_up.pk)
    if locked.state != SignUp.State.ACTIVE:
        raise ValueError("only an active sign-up has a private calendar")
    if locked.user is None:
        # Staff deleted the person; the sign-up stayed.
        locked.user = people.proven(locked.email, locked.name)
        locked.save(update_fields=["user"])
    return personal_feeds.new_token(locked.user)


def stop_announcements(sign_up_id: int, nonce: str) -> None:
    """The holder of a mail stops what staff write to everyone; all else about the call stays."""
    SignUp.objects.filter(pk=sign_up_id, nonce=nonce).update(wants_announcements=False)


def want_announcements(sign_up_id: int) -> None:
    SignUp.objects.filter(pk=sign_up_id).update(wants_announcements=True)


@transaction.atomic
def tell_joining_details(series: CallSeries) -> None:
    """After the joining details changed: everyone active hears the new ones, once."""
    series.joining_version += 1
    series.save(update_fields=["joining_version"])
    outbox.supersede("calls.joining", series.pk)
    outbox.promise_all(
        "calls.joining", [(pk, series.pk, series.joining_version) for pk in active_ids(series)]
    )


def remind(now: datetime) -> None:
    """Promise the reminder of each date for which it is time (9 am the day before).

    To people who joined before it was due, once a date; not for a date that is canceled,
    past, or on a closure about which staff have not decided.
    """
    soon = CallDate.objects.filter(
        status=CallDate.Status.ON, starts_at__gt=now, starts_at__lt=now + timedelta(days=2)
    ).select_related("schedule")
    open_question = undecided(soon)
    for date in soon:
        due = reminder_due(date.starts_at, date.schedule.zone)
        if due > now or date.pk in open_question:
            continue
        people_in = SignUp.objects.filter(
            series=date.schedule.series_id, state=SignUp.State.ACTIVE, joined_at__lt=due
        ).values_list("pk", flat=True)
        outbox.promise_all("calls.reminder", [(pk, date.pk, 0) for pk in people_in])


def forget_unconfirmed(now: datetime) -> None:
    """Delete sign-ups that nobody confirmed in UNCONFIRMED_FOR."""
    SignUp.objects.filter(
        state=SignUp.State.UNCONFIRMED, asked_at__lt=now - UNCONFIRMED_FOR
    ).delete()
