"""What calls hold of one person: their own view of it, all of it, and its end."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from calls import queries
from calls.models import CallAttendance, SignUp
from hub import outbox
from hub.models import User
from hub.offers import Data, Erase, Erasing
from hub.retention import forget_log_of

State = SignUp.State

# Whose subject is a sign-up: all that calls send.
MAILS = (
    "calls.link",
    "calls.welcome",
    "calls.goodbye",
    "calls.extra",
    "calls.date",
    "calls.reminder",
    "calls.joining",
    "calls.announcement",
    "calls.new_times",
    "calls.old_times",
)


@dataclass(frozen=True)
class Own:
    """A sign-up with the next date of its call, if there is one."""

    sign_up: SignUp
    next: queries.Listed | None

    @property
    def is_active(self) -> bool:
        return self.sign_up.state == State.ACTIVE


def of(user: User) -> QuerySet[SignUp]:
    """Theirs: by their account, or by their address where no account is noted."""
    theirs = Q(user=user) | Q(user=None, email=user.email)
    return SignUp.objects.filter(theirs).select_related("series").order_by("pk")


def current(user: User) -> list[Own]:
    """The calls somebody is in or waits to be let in to, in a constant number of queries."""
    rows = list(of(user).filter(state__in=[State.ACTIVE, State.AWAITING]))
    following = queries.next_listed([row.series_id for row in rows])
    return [Own(row, following.get(row.series_id)) for row in rows]


@transaction.atomic
def set_details(user: User, *, name: str, organization: str) -> None:
    """Somebody's name and organization as staff see them, in every call they are in."""
    of(user).filter(state__in=[State.ACTIVE, State.AWAITING]).update(
        name=name, organization=organization
    )


def data(user: User) -> Data:
    """Every sign-up, and the mail about them."""
    rows = list(of(user))
    return {
        "Sign-ups for calls": [_row(row) for row in rows],
        "Calls you were on": [
            {"Call": one.date.schedule.series.name, "Date": one.date.starts_at}
            for one in CallAttendance.objects.filter(sign_up__in=rows)
            .select_related("date__schedule__series")
            .order_by("date__starts_at")
        ],
        "Email about calls": [
            {"Kind": mail.kind.partition(".")[2], "Due": mail.due_at, "Sent": mail.sent_at}
            for mail in outbox.about(MAILS, [row.pk for row in rows])
        ],
    }


def _row(row: SignUp) -> dict[str, Any]:
    return {
        "Call": row.series.name,
        "Email": row.email,
        "Name": row.name,
        "Organization": row.organization,
        "Role": row.get_role_display(),
        "State": row.get_state_display(),
        "First asked": row.created_at,
        "Last asked": row.asked_at,
        "Joined": row.joined_at,
        "Left": row.left_at,
        "Gets announcements": row.wants_announcements,
    }


def _plan(user: User) -> Erasing:
    rows = list(of(user))
    live = [row for row in rows if row.state in {State.ACTIVE, State.AWAITING}]
    said = [f"Your place in the call “{row.series.name}”." for row in live]
    if live:
        said.append(
            "No email follows. Invitations that are in your own calendar are yours to delete."
        )
    elif rows:
        said.append("Your sign-ups for calls, which have ended or were never confirmed.")
    return Erasing(goes=tuple(said))


def _erase(user: User) -> None:
    ids = list(of(user).values_list("pk", flat=True))
    outbox.take_back(MAILS, ids)
    forget_log_of(SignUp, ids)
    SignUp.objects.filter(pk__in=ids).delete()


ERASE = Erase(_plan, _erase)
