"""What can happen to wishes to hear of trainings, and to agencies' offers to host one."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hub import outbox
from hub.models import Mail, normalize_email
from hub.refusal import Refused
from trainings.models import Course, HostOffer, NewsRequest, Offering, Registration

STATE = NewsRequest.State
STAGE = HostOffer.Stage

# One mail in this time however often the form is sent: a double click, an impatient reload.
ASK_AGAIN_AFTER = timedelta(minutes=10)
# Wishes nobody confirmed, and those that ended, are deleted after this; so are their links.
KEPT_FOR = timedelta(days=14)

NEXT_STAGES = {
    STAGE.NEW: (STAGE.CONTACTED, STAGE.DECLINED),
    STAGE.CONTACTED: (STAGE.SCHEDULED, STAGE.DECLINED),
    STAGE.SCHEDULED: (STAGE.HELD, STAGE.CONTACTED, STAGE.DECLINED),
    STAGE.DECLINED: (STAGE.CONTACTED,),
    STAGE.HELD: (),
}


@transaction.atomic
def ask(email: str, course: Course | None, region: str) -> None:
    """Note somebody's wish to be told, and promise the mail that proves the address.

    `course` None: any; `region` "": any. Nothing is returned, so that no caller can answer
    differently for a known address.
    """
    request, is_new = NewsRequest.objects.select_for_update().get_or_create(
        email=normalize_email(email), course=course, region=region
    )
    if not is_new:
        if timezone.now() - request.asked_at < ASK_AGAIN_AFTER:
            return
        request.asked += 1
        request.asked_at = timezone.now()
        request.save(update_fields=["asked", "asked_at"])
    outbox.promise("trainings.news_link", request.pk, version=request.asked)


@transaction.atomic
def join(request_id: int) -> NewsRequest:
    """Confirm, or come back: the bearer of a mailed link wants to be told."""
    request = NewsRequest.objects.select_for_update().get(pk=request_id)
    if request.state != STATE.ACTIVE:
        request.state = STATE.ACTIVE
        request.save(update_fields=["state"])
    return request


@transaction.atomic
def leave(request_id: int) -> NewsRequest:
    """End it. The same link brings it back until the row is deleted, KEPT_FOR from now."""
    request = NewsRequest.objects.select_for_update().get(pk=request_id)
    if request.state != STATE.LEFT:
        request.state = STATE.LEFT
        request.asked_at = timezone.now()
        request.save(update_fields=["state", "asked_at"])
    return request


@transaction.atomic
def stop(request_id: int, nonce: str) -> None:
    """The holder of a mail ends all news to its address, at one click in their mail program."""
    holder = NewsRequest.objects.filter(pk=request_id, nonce=nonce)
    NewsRequest.objects.filter(email__in=holder.values("email"), state=STATE.ACTIVE).update(
        state=STATE.LEFT, asked_at=timezone.now()
    )


@transaction.atomic
def delete_address(email: str) -> int:
    """Delete every wish of an address at once; returns how many there were."""
    found = NewsRequest.objects.filter(email=normalize_email(email))
    count = found.count()
    found.delete()
    return count


@transaction.atomic
def tell_published(offering: Offering) -> int:
    """Promise the news of an open offering to who asked for it, once; returns to how many.

    By course and region. Whoever asked in several ways gets one mail. An online offering
    is for every region.
    """
    offering = Offering.objects.select_for_update().get(pk=offering.pk)
    if offering.news_sent_at or offering.status != Offering.Status.OPEN:
        return 0
    offering.news_sent_at = timezone.now()
    offering.save(update_fields=["news_sent_at"])
    wishes = NewsRequest.objects.filter(Q(course=None) | Q(course=offering.course_id))
    if not offering.is_online:
        wishes = wishes.filter(region__in=["", offering.region])
    one_each = (
        wishes.filter(state=STATE.ACTIVE)
        .order_by("email", "pk")
        .distinct("email")
        .values_list("pk", flat=True)
    )
    ids = list(one_each)
    outbox.promise_all("trainings.news", [(pk, offering.pk, 0) for pk in ids])
    return len(ids)


@transaction.atomic
def tell_canceled(offering: Offering) -> None:
    """Promise the news of a canceled offering, once, to who was told of it and to its hosts.

    Call it after the mail to those registered is promised: whoever gets that, or hears as
    the host, is not told a second time.
    """
    offering = Offering.objects.select_for_update().get(pk=offering.pk)
    if offering.status != Offering.Status.CANCELED:
        return
    hosts = HostOffer.objects.filter(offering=offering)
    told = Mail.objects.filter(kind="trainings.news", about_id=offering.pk, dropped_at=None)
    hear_as_registered = Registration.objects.filter(
        offering=offering,
        pk__in=Mail.objects.filter(kind="trainings.offering_canceled").values("subject_id"),
    )
    wishes = (
        NewsRequest.objects.filter(state=STATE.ACTIVE, pk__in=told.values("subject_id"))
        .exclude(email__in=hear_as_registered.values("email"))
        .exclude(email__in=hosts.values("email"))
    )
    for kind, people in (("news_canceled", wishes), ("host_canceled", hosts)):
        one_each = people.order_by("email", "pk").distinct("email")
        ids = list(one_each.values_list("pk", flat=True))
        outbox.promise_all(f"trainings.{kind}", [(pk, offering.pk, 0) for pk in ids])
    outbox.supersede("trainings.news", offering.pk)


def forget(now: datetime) -> None:
    """Delete wishes that were never confirmed or have ended, after KEPT_FOR."""
    NewsRequest.objects.exclude(state=STATE.ACTIVE).filter(asked_at__lt=now - KEPT_FOR).delete()


@transaction.atomic
def offer_to_host(course: Course, **details: Any) -> HostOffer:
    """Note an agency's offer and promise the mail that says so; the same one twice is one."""
    # Two clicks at once take their turn at the course's row.
    Course.objects.select_for_update().get(pk=course.pk)
    details["email"] = normalize_email(details["email"])
    same = HostOffer.objects.filter(
        course=course, created_at__gt=timezone.now() - ASK_AGAIN_AFTER, **details
    ).first()
    if same:
        return same
    offer = HostOffer.objects.create(course=course, **details)
    outbox.promise("trainings.host_thanks", offer.pk)
    return offer


@transaction.atomic
def move_offer(offer_id: int, stage: str, note: str, offering: Offering | None = None) -> HostOffer:
    """Staff take an offer to its next stage. Raises Refused for one that does not follow.

    `offering`: what is scheduled with the agency. It stays until that is given up.
    """
    offer = HostOffer.objects.select_for_update().get(pk=offer_id)
    if stage == offer.stage:
        return offer
    if stage not in NEXT_STAGES[STAGE(offer.stage)]:
        raise Refused(
            f"An offer that is {offer.get_stage_display().lower()} does not become "
            f"{STAGE(stage).label.lower()}."
        )
    if offering:
        offer.offering = _hosted(offer, stage, offering)
    elif stage != STAGE.HELD:
        offer.offering = None
    offer.stage = stage
    if note:
        offer.staff_note = f"{offer.staff_note}\n{note}".strip()
    offer.save(update_fields=["stage", "staff_note", "offering"])
    return offer


def _hosted(offer: HostOffer, stage: str, offering: Offering) -> Offering:
    if stage != STAGE.SCHEDULED:
        raise Refused("Only an offer that becomes scheduled has an offering.")
    # The row's lock: canceled a moment later, its host is told.
    offering = Offering.objects.select_for_update().get(pk=offering.pk)
    if offering.course_id != offer.course_id:
        raise Refused("That is an offering of another training.")
    if offering.status == Offering.Status.CANCELED:
        raise Refused("That offering is canceled. Choose another, or none.")
    return offering
