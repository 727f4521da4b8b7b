"""Whom staff may write to about a call."""

from django.db.models import QuerySet
from django.urls import reverse

from calls import services
from calls.mails import link_for
from calls.models import CallSeries, SignUp
from hub.announcements import About, Audience, Reader


def _about(pk: int) -> About | None:
    series = CallSeries.objects.filter(pk=pk).first()
    if series is None:
        return None
    return About(
        name=series.name,
        address=reverse("admin:calls_callseries_change", args=[pk]),
        parts=[("all", "Everyone signed up")],
        why=f"You get this email because you are signed up for the {series.name}.",
        own_page="To see your sign-up, or to leave the call",
    )


def _people(pk: int, part: str) -> QuerySet[SignUp]:
    return SignUp.objects.filter(
        series=pk, state=SignUp.State.ACTIVE, wants_announcements=True
    ).order_by("pk")


def _reader(row: SignUp) -> Reader:
    return Reader(email=row.email, name=row.name, link=link_for(row), nonce=row.nonce)


SIGNED_UP = Audience(
    kind="calls.announcement",
    permission="calls.change_callseries",
    about=_about,
    people=_people,
    reader=_reader,
    stop=services.stop_announcements,
    what="announcements about this call",
    after_stop="You stay signed up for the call: reminders, and news of a date that is moved or "
    "canceled, still come. Your own page for the call brings announcements back.",
)
