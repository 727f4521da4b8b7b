"""Whom staff may write to about a training: who is registered, and who waits for news."""

from django.db.models import Q, QuerySet
from django.urls import reverse

from hub.announcements import About, Audience, Reader
from trainings.mails import interest as interest_mails
from trainings.mails import registration as registration_mails
from trainings.models import Course, NewsRequest, Offering, Registration
from trainings.services import interest
from trainings.words import REGIONS

STATE = Registration.State
STATES = {
    "seated": Registration.SEATED,
    "waitlisted": (STATE.WAITLISTED,),
    "all": (*Registration.SEATED, STATE.WAITLISTED),
}


def _about_offering(pk: int) -> About | None:
    offering = Offering.objects.filter(pk=pk).select_related("course").first()
    if offering is None:
        return None
    return About(
        name=str(offering),
        address=reverse("admin:trainings_offering_change", args=[pk]),
        parts=[
            ("seated", "Everyone with a seat"),
            ("waitlisted", "Everyone on the waitlist"),
            ("all", "Everyone with a seat or on the waitlist"),
        ],
        why=f"You get this email because you are registered for {offering}.",
        own_page="To see your registration, or to give it up",
    )


def _registered(pk: int, part: str) -> QuerySet[Registration]:
    rows = Registration.objects.filter(offering=pk, state__in=STATES.get(part, ()))
    # Of whom no address is kept any more.
    return rows.exclude(email__endswith=Registration.REMOVED_AT).order_by("pk")


def _registered_reader(row: Registration) -> Reader:
    return Reader(email=row.email, name=row.name, link=registration_mails.link_for(row))


# Nothing to unsubscribe from: it is about what people booked, and they can give that up.
REGISTERED = Audience(
    kind="trainings.announcement",
    permission="trainings.change_offering",
    about=_about_offering,
    people=_registered,
    reader=_registered_reader,
)


def _about_news(pk: int) -> About | None:
    course = Course.objects.filter(pk=pk).first()
    if course is None:
        return None
    return About(
        name=f"news of {course.title}",
        address=reverse("admin:trainings_course_change", args=[pk]),
        parts=[
            ("all", "Everyone who waits for news"),
            *((key, f"Who waits for news in: {region}") for key, region in REGIONS.items()),
        ],
        why="You get this email because you asked to hear of trainings.",
        own_page="To stop hearing of trainings, or to delete your address",
    )


def _waiting(pk: int, part: str) -> QuerySet[NewsRequest]:
    """Who asked for this course or for any; of a region also who would go anywhere."""
    wishes = NewsRequest.objects.filter(
        Q(course=None) | Q(course=pk), state=NewsRequest.State.ACTIVE
    )
    if part != "all":
        wishes = wishes.filter(region__in=["", part])
    return wishes.order_by("email", "pk").distinct("email")


def _waiting_reader(row: NewsRequest) -> Reader:
    return Reader(email=row.email, link=interest_mails.link_for(row), nonce=row.nonce)


WAITING_FOR_NEWS = Audience(
    kind="trainings.news_announcement",
    permission="trainings.change_course",
    about=_about_news,
    people=_waiting,
    reader=_waiting_reader,
    stop=interest.stop,
    what="news of trainings",
    after_stop="A registration for a training stays as it is, and what we write about it comes. "
    "You can ask for news again at any time.",
)
