"""The mails about registrations: each function reads its rows when the mail is sent.

None means the mail is no longer needed: the registration went on to another state, the
day has passed, newer news went out.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from hub import links
from hub.models import Mail
from hub.outbox import Letter
from trainings import feeds, queries
from trainings.models import Activity, Offering, Registration
from trainings.services import money, seats
from trainings.words import money as dollars

State = Registration.State

LINK_PURPOSE = "trainings.registration"
# People register months ahead and every mail brings a fresh link.
LINK_AGE = timedelta(days=400)


def token_for(registration: Registration) -> str:
    """What opens the person's own pages of their registration."""
    return links.make(LINK_PURPOSE, registration.pk, registration.nonce)


def link_for(registration: Registration) -> str:
    """The person's own page of their registration; it shows and asks, and only its buttons act."""
    path = reverse("trainings:registration", args=[token_for(registration)])
    return f"{settings.BASE_URL}{path}"


def by_link(token: str) -> Registration | None:
    """The registration of a mailed link; None alike for every link that is not good."""
    found = links.read(LINK_PURPOSE, token, LINK_AGE)
    if found is None:
        return None
    return (
        Registration.objects.filter(pk=found[0], nonce=found[1])
        .select_related("offering__course")
        .first()
    )


def link(mail: Mail) -> Letter | None:
    registration = _registration(mail)
    if registration is None or registration.state == State.CANCELED:
        return None
    is_new = registration.state == State.UNCONFIRMED
    return _letter("confirm" if is_new else "already", registration)


def confirmed(mail: Mail) -> Letter | None:
    """A seat is theirs; with the invitation to one day."""
    registration = _in_state(mail, State.CONFIRMED)
    if registration is None:
        return None
    return _for_day("confirmed", mail, registration, "REQUEST")


def waitlisted(mail: Mail) -> Letter | None:
    registration = _in_state(mail, State.WAITLISTED)
    if registration is None:
        return None
    return _letter("waitlisted", registration, place=seats.place(registration))


def offered(mail: Mail) -> Letter | None:
    registration = _in_state(mail, State.OFFERED)
    if registration is None or _is_past(registration.offered_until):
        return None
    return _letter("offered", registration, until=registration.offered_until)


def lapsed(mail: Mail) -> Letter | None:
    registration = _in_state(mail, State.CANCELED)
    if registration is None:
        return None
    return _letter("lapsed", registration)


def awaiting_payment(mail: Mail) -> Letter | None:
    registration = _in_state(mail, State.AWAITING_PAYMENT)
    if registration is None or _is_past(registration.pay_until):
        return None
    return _letter("awaiting_payment", registration, until=registration.pay_until)


def canceled(mail: Mail) -> Letter | None:
    """Their place is given up; takes the days they were invited to out of their calendar."""
    registration = _in_state(mail, State.CANCELED)
    if registration is None:
        return None
    last = registration.events.last()
    reason = last.reason if last else ""
    return _for_day("canceled", mail, registration, "CANCEL", reason=reason)


def offering_canceled(mail: Mail) -> Letter | None:
    registration = _in_state(mail, State.CANCELED)
    if registration is None:
        return None
    return _for_day("offering_canceled", mail, registration, "CANCEL")


def changed(mail: Mail) -> Letter | None:
    registration, day = _registration(mail), _day(mail)
    if registration is None or registration.state != State.CONFIRMED:
        return None
    if day is None or _is_past(day.ends_at) or day.sequence != mail.version:
        return None
    return _for_day("changed", mail, registration, "REQUEST")


def reminder(mail: Mail) -> Letter | None:
    registration, day = _registration(mail), _day(mail)
    if registration is None or registration.state != State.CONFIRMED:
        return None
    if day is None or _is_past(day.starts_at):
        return None
    today = timezone.localdate(timezone=day.local_start.tzinfo)
    ahead = (day.local_start.date() - today).days
    if ahead > 1:
        return None
    # After a standstill of the worker or the mail server it may be the day itself.
    return _letter("reminder", registration, day=day, when="tomorrow" if ahead else "today")


def _for_day(
    name: str, mail: Mail, registration: Registration, method: str, **context: Any
) -> Letter | None:
    """With the calendar entry of the day the mail is about; of no day, without."""
    if mail.about_id == 0:
        return _letter(name, registration, **context)
    day = _day(mail)
    if day is None or _is_past(day.ends_at):
        return None
    calendar = feeds.invitation(registration, day, method, mail.created_at)
    context |= {"day": day, "claims": queries.claims_of([day])}
    return _letter(name, registration, calendar=calendar, method=method, **context)


def _letter(
    name: str,
    registration: Registration,
    *,
    calendar: bytes = b"",
    method: str = "",
    **context: Any,
) -> Letter:
    offering = registration.offering
    owed = money.balance(registration)
    return Letter(
        to=registration.email,
        template=f"trainings/mail/registration_{name}",
        context={
            "registration": registration,
            "offering": offering,
            "course": offering.course,
            "days": offering.days,
            "claims": queries.claims_of(offering.days),
            "owed": dollars(owed) if owed > 0 else "",
            "price": dollars(registration.price_cents),
            "link": link_for(registration),
            "is_open": offering.status == Offering.Status.OPEN and not seats.has_begun(offering),
            "offering_url": settings.BASE_URL + offering.get_absolute_url(),
            "course_url": settings.BASE_URL + offering.course.get_absolute_url(),
            **context,
        },
        calendar=calendar,
        method=method,
    )


def _registration(mail: Mail) -> Registration | None:
    return (
        Registration.objects.filter(pk=mail.subject_id).select_related("offering__course").first()
    )


def _in_state(mail: Mail, state: str) -> Registration | None:
    """The registration while it still is in the very state the mail is about."""
    found = _registration(mail)
    is_so = found and found.state == state and found.round == mail.version
    return found if is_so else None


def _day(mail: Mail) -> Activity | None:
    return Activity.objects.filter(pk=mail.about_id).select_related("offering__course").first()


def _is_past(moment: Any) -> bool:
    return moment is None or moment <= timezone.now()
