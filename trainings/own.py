"""What trainings hold of one person: their own view of it, and all of it as data."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from hub import outbox
from hub import words as hub_words
from hub.models import User
from hub.offers import Data
from trainings import certifying, pledges, words
from trainings.mails.registration import token_for
from trainings.models import (
    Activity,
    Attendance,
    BarNumber,
    Certificate,
    Entry,
    HostOffer,
    NewsRequest,
    Pledge,
    Registration,
    RegistrationEvent,
)
from trainings.services import certificates, money, seats
from trainings.services.certificates import Held

State = Registration.State

# By what their subject is.
REGISTRATION_MAILS = (
    "trainings.link",
    "trainings.confirmed",
    "trainings.waitlisted",
    "trainings.offered",
    "trainings.lapsed",
    "trainings.awaiting_payment",
    "trainings.canceled",
    "trainings.changed",
    "trainings.offering_canceled",
    "trainings.reminder",
    "trainings.certificate",
    "trainings.certificate_held",
    "trainings.invoice",
    "trainings.payment_received",
    "trainings.payment_failed",
    "trainings.payment_bounced",
    "trainings.payment_late",
    "trainings.refund_made",
    "trainings.announcement",
)
PLEDGE_MAILS = ("trainings.pledge_made", "trainings.pledge_changed", "trainings.pledge_reminder")
NEWS_MAILS = (
    "trainings.news_link",
    "trainings.news",
    "trainings.news_canceled",
    "trainings.news_announcement",
)
HOST_MAILS = ("trainings.host_thanks", "trainings.host_canceled")


@dataclass(frozen=True, kw_only=True)
class Own:
    """A registration in the person's words; `token` opens its own pages.

    `state`: where they stand. `money`: what is to be paid, or was. `pledge`: what they
    promised and until when. Each "" where there is nothing to say.
    """

    registration: Registration
    token: str
    state: str
    money: str
    owes: bool
    pledge: str
    certificates: list[Held] = field(default_factory=list)

    @property
    def days(self) -> list[Activity]:
        return self.registration.offering.days

    @property
    def ahead(self) -> list[Activity]:
        """The days that are not over."""
        return [day for day in self.days if day.ends_at > timezone.now()]

    @property
    def is_past(self) -> bool:
        return bool(self.days) and not self.ahead

    @property
    def has_seat(self) -> bool:
        return self.registration.state == State.CONFIRMED


def of(user: User) -> QuerySet[Registration]:
    """Theirs: by their account, or by their address where no account is noted."""
    theirs = Q(user=user) | Q(user=None, email=user.email)
    return Registration.objects.filter(theirs).select_related("offering__course").order_by("pk")


def live(user: User) -> QuerySet[Registration]:
    """Those of theirs that were confirmed and not canceled, over or not."""
    return of(user).exclude(state__in=[State.UNCONFIRMED, State.CANCELED])


def current(user: User) -> list[Own]:
    """What somebody is or was registered for, in a constant number of queries."""
    rows = list(live(user).prefetch_related("offering__activities", "bar_numbers"))
    ids = [row.pk for row in rows]
    accounts = money.accounts(ids)
    places = seats.places([row.offering_id for row in rows if row.state == State.WAITLISTED])
    promised = {one.registration_id: one for one in Pledge.objects.filter(registration__in=ids)}
    held = certificates.held_by_each(rows)
    found = []
    for row in rows:
        owed, paid = accounts.get(row.pk, (0, 0))
        pledge = promised.get(row.pk)
        found.append(
            Own(
                registration=row,
                token=token_for(row),
                state=_state(row, places.get(row.pk, 0)),
                money=_money(row, owed, paid),
                owes=owed > 0,
                pledge=_pledge(pledge) if pledge else "",
                certificates=held[row.pk],
            )
        )
    return found


def licenses(user: User) -> list[BarNumber]:
    """Somebody's bar numbers, one a state: of each the one they gave last."""
    rows = BarNumber.objects.filter(registration__in=of(user).order_by().values("pk"))
    latest = {row.state: row for row in rows.order_by("registration", "pk")}
    return sorted(latest.values(), key=lambda row: row.state)


def wishes(user: User) -> QuerySet[NewsRequest]:
    """Which trainings somebody asked to hear of, and still is told."""
    rows = NewsRequest.objects.filter(email=user.email, state=NewsRequest.State.ACTIVE)
    return rows.select_related("course").order_by("pk")


def _state(row: Registration, place: int) -> str:
    if row.state == State.WAITLISTED:
        return f"You are on the waitlist, place {place}."
    if row.state == State.OFFERED and row.offered_until:
        return f"A seat is held for you until {hub_words.moment(row.offered_until)}."
    if row.state == State.AWAITING_PAYMENT and row.pay_until:
        return f"Your seat is held until {hub_words.moment(row.pay_until)}; pay by then."
    return "You were registered." if row.offering.is_over else "You have a seat."


def _money(row: Registration, owed: int, paid: int) -> str:
    if owed > 0:
        return f"To pay: {words.money(owed)}"
    if paid > 0:
        return f"Paid: {words.money(paid)}"
    waived = row.method == Registration.Method.WAIVER and row.state == State.CONFIRMED
    return "Waived by your code" if waived else ""


def _pledge(pledge: Pledge) -> str:
    due = hub_words.month_day_year(pledge.due_on)
    left = pledges.time_left(pledge.due_on, timezone.localdate())
    if pledge.state == Pledge.State.MADE:
        return f"You pledged one pro bono case by {due}; it counts once you have attended."
    if pledge.state == Pledge.State.MATCHED:
        return f"We have found a case for your pledge; accept it by {due}: {left}."
    if pledge.state in Pledge.OPEN:
        return f"You pledged to take one pro bono case by {due}: {left}."
    return {
        Pledge.State.ACCEPTED: "You accepted a case for your pledge. Thank you.",
        Pledge.State.FULFILLED: "You kept your pledge. Thank you.",
        Pledge.State.WAIVED: "Your pledge is waived.",
        Pledge.State.CONVERTED: "The fee has taken the place of your pledge.",
        Pledge.State.RELEASED: "You are released from your pledge: we had no suitable case.",
    }.get(Pledge.State(pledge.state), "")


def data(user: User) -> Data:
    """Everything that names them, and the mail about it."""
    ids = list(of(user).values_list("pk", flat=True))
    news = NewsRequest.objects.filter(email=user.email).select_related("course").order_by("pk")
    offers = HostOffer.objects.filter(email=user.email).select_related("course").order_by("pk")
    promised = _of(Pledge, ids)
    return {
        "Registrations for trainings": [_row(row) for row in of(user)],
        "What became of your registrations": [
            {"Training": _title(one), "When": one.at, "State": one.state, "Reason": one.reason}
            for one in _of(RegistrationEvent, ids)
        ],
        "Bar numbers": [
            {"Training": _title(one), "State": one.state, "Number": one.number}
            for one in _of(BarNumber, ids)
        ],
        "Payments": [
            {
                "Training": _title(one),
                "When": one.at,
                "What": one.get_kind_display(),
                "Amount": words.signed_money(one.cents),
                "Reference": one.reference,
                "Reason": one.reason,
            }
            for one in _of(Entry, ids)
        ],
        "Pledges": [
            {
                "Training": _title(one),
                "Signed": one.signed_name,
                "Made": one.made_at,
                "Due": one.due_on,
                "State": one.get_state_display(),
                "Accepted": one.accepted_at,
            }
            for one in promised
        ],
        "Attendance": [
            {
                "Training": _title(one),
                "From": one.starts_at,
                "Until": one.ends_at,
                "Source": one.get_source_display(),
                "Reason": one.reason,
            }
            for one in _of(Attendance, ids)
        ],
        "Certificates": [
            {
                "Training": _title(one),
                "Kind": one.get_kind_display(),
                "Code": certifying.dashed(one.code),
                "Issued": one.issued_at,
                "Replaced": one.replaced_by_id is not None,
                "Revoked": one.revoked_at,
                "What it says": one.data,
            }
            for one in _of(Certificate, ids)
        ],
        "Wishes to hear of trainings": [
            {
                "Email": one.email,
                "Training": one.course.title if one.course else "Any training",
                "Region": one.get_region_display() or "Anywhere",
                "State": one.get_state_display(),
                "Asked": one.asked_at,
            }
            for one in news
        ],
        "Offers to host": [_offer(one) for one in offers],
        "Email about trainings": [
            {"Kind": mail.kind.partition(".")[2], "Due": mail.due_at, "Sent": mail.sent_at}
            for kinds, subjects in (
                (REGISTRATION_MAILS, ids),
                (PLEDGE_MAILS, [one.pk for one in promised]),
                (NEWS_MAILS, [one.pk for one in news]),
                (HOST_MAILS, [one.pk for one in offers]),
            )
            for mail in outbox.about(kinds, subjects)
        ],
    }


def _of(model: Any, ids: list[int]) -> list[Any]:
    rows = model.objects.filter(registration__in=ids).order_by("registration", "pk")
    return list(rows.select_related("registration__offering__course"))


def _title(row: Any) -> str:
    title: str = row.registration.offering.course.title
    return title


def _row(row: Registration) -> dict[str, Any]:
    moments: dict[str, datetime | None] = {
        "First asked": row.created_at,
        "Last asked": row.asked_at,
        "On the waitlist since": row.waitlisted_at,
        "Confirmed": row.confirmed_at,
        "Canceled": row.canceled_at,
    }
    return {
        "Training": str(row.offering),
        "Email": row.email,
        "Name": row.name,
        "Organization": row.organization,
        "Attorney": row.is_attorney,
        "State": row.get_state_display(),
        "Price": row.get_price_kind_display(),
        "Amount": words.money(row.price_cents),
        "Way to pay": row.get_method_display(),
        "Pledge signed as": row.pledge_name,
        "Waiver code": row.waiver_code,
        **moments,
    }


def _offer(one: HostOffer) -> dict[str, Any]:
    return {
        "Training": one.course.title,
        "Agency": one.agency,
        "Name": one.name,
        "Email": one.email,
        "Phone": one.phone,
        "Possible dates": one.dates,
        "City": one.city,
        "State": one.state,
        "Room": one.room,
        "Expected attorneys": one.attorneys,
        "Licensed in": one.licensed_in,
        "Note": one.note,
        "Note of our staff": one.staff_note,
        "Stage": one.get_stage_display(),
        "Sent": one.created_at,
    }
