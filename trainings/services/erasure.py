"""Erasing a person from trainings: what goes at once, and what the law makes us keep."""

from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from hub import outbox, words
from hub.models import User
from hub.offers import Erase, Erasing
from hub.retention import forget_log_of
from trainings import own
from trainings import words as training_words
from trainings.models import (
    CheckoutSession,
    HostOffer,
    NewsRequest,
    Pledge,
    Refund,
    Registration,
)
from trainings.services import money, registration, retention, seats

State = Registration.State
CALL = "Call (888) 507-0193, weekdays 9:00 am–5:00 pm Pacific."


def _plan(user: User) -> Erasing:
    goes, stays, hindered = [], [], []
    for row in own.of(user).prefetch_related("offering__activities"):
        title = f"{row.offering.course.title}, {row.offering.when or 'without a date'}"
        if why := _open_money(row, title):
            hindered.append(why)
        if until := _kept_until(row):
            stays.append(_said(row, title, until))
        elif row.state not in {State.UNCONFIRMED, State.CANCELED}:
            goes.append(_goes(row, title))
    if own.of(user).filter(state__in=[State.UNCONFIRMED, State.CANCELED]).exists():
        goes.append("Registrations that were canceled or never confirmed.")
    if NewsRequest.objects.filter(email=user.email).exists():
        goes.append("Your wish to hear of trainings.")
    if HostOffer.objects.filter(email=user.email).exists():
        goes.append("Your offer to host a training, with your name, email address and phone.")
    return Erasing(tuple(goes), tuple(stays), tuple(hindered))


def _erase(user: User) -> None:
    rows = list(own.of(user))
    ids = [row.pk for row in rows]
    for row in rows:
        if row.state == State.UNCONFIRMED:
            row.delete()
            continue
        if row.state != State.CANCELED and not seats.has_begun(row.offering):
            registration.leave(row.pk)
            row.refresh_from_db()
        if _kept_until(row):
            retention.erase_address(row.pk)
        else:
            retention.anonymise_one(row.pk)
    promised = Pledge.objects.filter(registration__in=ids).values_list("pk", flat=True)
    outbox.take_back(own.REGISTRATION_MAILS, ids)
    outbox.take_back(own.PLEDGE_MAILS, list(promised))
    forget_log_of(Registration, ids)
    for model, kinds in ((NewsRequest, own.NEWS_MAILS), (HostOffer, own.HOST_MAILS)):
        found = model._default_manager.filter(email=user.email)
        pks = list(found.values_list("pk", flat=True))
        outbox.take_back(kinds, pks)
        forget_log_of(model, pks)
        found.delete()


ERASE = Erase(_plan, _erase)


def _kept_until(row: Registration) -> datetime | None:
    """When the training ended of which records are kept; None where nothing has to be.

    Of somebody with a seat also before attendance is entered.
    """
    ended: datetime | None = row.offering.activities.aggregate(last=Max("ends_at"))["last"]
    if ended is None:
        return None
    if row.attendance.exists():
        return ended
    may_come = ended + retention.ATTENDANCE_IN > timezone.now()
    had_seat = row.state == State.CONFIRMED and seats.has_begun(row.offering)
    return ended if had_seat and may_come else None


def _said(row: Registration, title: str, ended: datetime) -> str:
    until = words.month_day_year(retention.kept_until(ended))
    kept = (
        f"{title}: your name, bar numbers, attendance and certificates, until {until}. The State "
        "Bar of California asks us to keep them for four years; then they are anonymized, and "
        "you need do nothing."
    )
    if not row.attendance.exists():
        entered = words.month_day_year(
            timezone.localdate(ended + retention.ATTENDANCE_IN + timedelta(days=1))
        )
        kept += f" If no attendance of yours is entered, already on {entered}."
    if Pledge.objects.filter(registration=row, state__in=Pledge.OPEN).exists():
        kept += " Your pledge stays with it, and we can no longer write to you about it."
    return kept


def _goes(row: Registration, title: str) -> str:
    if seats.has_begun(row.offering):
        return f"Your registration for {title}."
    if row.state == State.WAITLISTED:
        return f"Your place on the waitlist of {title}."
    if money.received(row) > 0:
        return f"Your seat in {title}. What you paid goes back to your card."
    return f"Your seat in {title}; it is offered to the next person at once."


def _open_money(row: Registration, title: str) -> str:
    """What has to be settled first, for which we need to know who somebody is."""
    refunds = Refund.objects.filter(entry__registration=row).exclude(state=Refund.State.MADE)
    if refunds.filter(state=Refund.State.WAITING).exists():
        return f"We still owe you a refund for {title}. Once it is on its way you can go on. {CALL}"
    paid = money.received(row)
    by_card = sum(
        row.checkouts.filter(state=CheckoutSession.State.PAID).values_list(
            "amount_cents", flat=True
        )
    )
    is_live = row.state not in {State.UNCONFIRMED, State.CANCELED}
    if row.state == State.CANCELED and paid > 0:
        return f"We still have {training_words.money(paid)} of yours for {title}. {CALL}"
    if not is_live:
        return ""
    if not seats.has_begun(row.offering):
        if paid > by_card:
            return (
                f"You paid for {title} by check. Cancel your registration first; once our check "
                f"is on its way you can go on. {CALL}"
            )
        return ""
    if (owed := money.balance(row)) > 0:
        return f"{training_words.money(owed)} is to be paid for {title}. {CALL}"
    return ""
