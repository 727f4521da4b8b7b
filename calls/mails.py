"""The mails about calls: each function reads its rows when the mail is sent.

None means the mail is no longer needed: the person left, the date has passed, newer news
went out.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from calls import feeds
from calls.dates import undecided
from calls.models import CallDate, CallSeries, Schedule, SignUp
from calls.queries import Listed, upcoming
from hub import links
from hub.models import Mail
from hub.outbox import Letter

LINK_PURPOSE = "calls.sign-up"
# Every mail brings a fresh link, so this only ends links in old ones.
LINK_AGE = timedelta(days=180)


def link_for(sign_up: SignUp) -> str:
    """The person's own page of their sign-up; it shows and asks, and only its button acts."""
    token = links.make(LINK_PURPOSE, sign_up.pk, sign_up.nonce)
    return f"{settings.BASE_URL}{reverse('calls:sign_up', args=[token])}"


def by_link(token: str) -> SignUp | None:
    """The sign-up of a mailed link; None alike for every link that is not good."""
    found = links.read(LINK_PURPOSE, token, LINK_AGE)
    if found is None:
        return None
    return SignUp.objects.filter(pk=found[0], nonce=found[1]).select_related("series").first()


def link(mail: Mail) -> Letter | None:
    sign_up = _sign_up(mail)
    if sign_up is None:
        return None
    is_new = sign_up.state == SignUp.State.UNCONFIRMED
    return _letter("confirm" if is_new else "already", sign_up)


def welcome(mail: Mail) -> Letter | None:
    sign_up = _sign_up(mail)
    if sign_up is None or sign_up.state != SignUp.State.ACTIVE or sign_up.round != mail.version:
        return None
    plan = _schedule(mail)
    if plan is None:
        return _letter("welcome", sign_up)
    return _letter(
        "welcome",
        sign_up,
        calendar=feeds.invitation(sign_up, plan, "REQUEST", mail.created_at),
        method="REQUEST",
        plan=plan,
        next=_next(sign_up.series),
    )


def goodbye(mail: Mail) -> Letter | None:
    sign_up = _sign_up(mail)
    if sign_up is None or sign_up.state != SignUp.State.LEFT or sign_up.round != mail.version:
        return None
    plan = _schedule(mail)
    if plan is None:
        return _letter("goodbye", sign_up)
    calendar = feeds.invitation(sign_up, plan, "CANCEL", mail.created_at)
    return _letter("goodbye", sign_up, calendar=calendar, method="CANCEL", plan=plan)


def extra(mail: Mail) -> Letter | None:
    """To somebody who joins or leaves, about an extra date, which is an event of its own."""
    sign_up = _sign_up(mail)
    row = _date(mail)
    if sign_up is None or sign_up.round != mail.version:
        return None
    if row is None or row.status != CallDate.Status.ON or row.ends_at <= timezone.now():
        return None
    is_in = sign_up.state == SignUp.State.ACTIVE
    method = "REQUEST" if is_in else "CANCEL"
    calendar = feeds.invitation(sign_up, row.schedule, method, mail.created_at, row)
    return _letter(
        "date" if is_in else "goodbye", sign_up, calendar=calendar, method=method, date=row
    )


def date(mail: Mail) -> Letter | None:
    """A date was canceled, moved, taken out, restored or added."""
    sign_up = _active(mail)
    row = _date(mail)
    if sign_up is None or row is None or row.ends_at <= timezone.now():
        return None
    method = "REQUEST" if row.status == CallDate.Status.ON else "CANCEL"
    return _letter(
        "date",
        sign_up,
        calendar=feeds.invitation(sign_up, row.schedule, method, mail.created_at, row),
        method=method,
        date=row,
        changed=row.sequence > 0,
        next=_next(sign_up.series),
    )


def reminder(mail: Mail) -> Letter | None:
    sign_up = _active(mail)
    row = _date(mail)
    if sign_up is None or row is None or row.starts_at <= timezone.now():
        return None
    if row.status != CallDate.Status.ON or undecided([row]):
        return None
    zone = row.local_start.tzinfo
    ahead = (row.local_start.date() - timezone.localdate(timezone=zone)).days
    if ahead > 1:
        return None
    # After a standstill of the worker or the mail server it may be the day itself.
    return _letter("reminder", sign_up, date=row, when="tomorrow" if ahead else "today")


def joining(mail: Mail) -> Letter | None:
    sign_up = _active(mail)
    if sign_up is None or sign_up.series.joining_version != mail.version:
        return None
    plan = Schedule.objects.filter(series=sign_up.series, until=None).first()
    if plan is None:
        return _letter("joining", sign_up)
    calendar = feeds.invitation(sign_up, plan, "REQUEST", mail.created_at)
    return _letter("joining", sign_up, calendar=calendar, method="REQUEST")


def new_times(mail: Mail) -> Letter | None:
    """The call is held at new times; this brings the invitation to them."""
    sign_up = _active(mail)
    plan = _schedule(mail)
    if sign_up is None or plan is None:
        return None
    calendar = feeds.invitation(sign_up, plan, "REQUEST", mail.created_at)
    return _letter("new_times", sign_up, calendar=calendar, method="REQUEST", plan=plan)


def old_times(mail: Mail) -> Letter | None:
    """The times so far end; this lets the calendar know the last date."""
    sign_up = _active(mail)
    plan = _schedule(mail)
    if sign_up is None or plan is None or plan.until is None:
        return None
    calendar = feeds.invitation(sign_up, plan, "REQUEST", mail.created_at)
    return _letter("old_times", sign_up, calendar=calendar, method="REQUEST", plan=plan)


def _letter(
    name: str, sign_up: SignUp, *, calendar: bytes = b"", method: str = "", **context: Any
) -> Letter:
    return Letter(
        to=sign_up.email,
        template=f"calls/mail/{name}",
        context={
            "sign_up": sign_up,
            "series": sign_up.series,
            "link": link_for(sign_up),
            "series_url": settings.BASE_URL + sign_up.series.get_absolute_url(),
            **context,
        },
        calendar=calendar,
        method=method,
    )


def _sign_up(mail: Mail) -> SignUp | None:
    return SignUp.objects.filter(pk=mail.subject_id).select_related("series").first()


def _active(mail: Mail) -> SignUp | None:
    sign_up = _sign_up(mail)
    return sign_up if sign_up and sign_up.state == SignUp.State.ACTIVE else None


def _schedule(mail: Mail) -> Schedule | None:
    return Schedule.objects.filter(pk=mail.about_id).select_related("series").first()


def _date(mail: Mail) -> CallDate | None:
    return CallDate.objects.filter(pk=mail.about_id).select_related("schedule__series").first()


def _next(series: CallSeries) -> Listed | None:
    """The next date that takes place, and whether staff have yet to decide on it."""
    coming = (one for one in upcoming(series) if one.date.starts_at > timezone.now())
    return next((one for one in coming if one.date.status == CallDate.Status.ON), None)
