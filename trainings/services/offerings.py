"""What can happen to offerings, their days, agendas and waiver codes."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from hub.refusal import Refused
from trainings import plain, queries
from trainings.models import (
    Activity,
    Approval,
    Offering,
    OfferingPrice,
    WaiverCode,
)

STATUS = Offering.Status
MOST_WAIVERS = 200
# As typed by people: no letters or digits that look alike.
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


@transaction.atomic
def copy_prices(offering: Offering) -> int:
    """Give an offering without prices those of its course; returns how many it has then."""
    if not offering.prices.exists():
        OfferingPrice.objects.bulk_create(
            OfferingPrice(
                offering=offering,
                kind=option.kind,
                amount_cents=option.amount_cents,
                condition=option.condition,
                covers=option.covers,
            )
            for option in offering.course.options.all()
        )
    return offering.prices.count()


def missing(offering: Offering) -> list[str]:
    """Why registration cannot open: sentences, none when it can."""
    if offering.status == STATUS.CANCELED:
        return ["This offering is canceled, and people were told. Make a new one."]
    wrong = []
    kinds = set(offering.prices.values_list("kind", flat=True))
    days = offering.days
    if not kinds:
        wrong.append("Set a price first: free, a pledge or a fee. It is unstated so far.")
    if "pledge" in kinds and queries.pledge_text() is None:
        wrong.append("Write the text of the pledge first.")
    if not days:
        wrong.append("Add the day or days first.")
    elif days[0].starts_at <= timezone.now():
        wrong.append("Its first day has begun.")
    if not offering.is_online and not (offering.city and offering.region):
        wrong.append("Enter the city and choose the region, or mark it as online.")
    if not offering.course.published:
        wrong.append("Publish the course first: the offering is on its page.")
    return wrong


@transaction.atomic
def move_agenda(activity: Activity, before: date) -> None:
    """After an activity moved from another day: its agenda goes along, by the wall clock.

    Raises plain.NoSuchTime where the new day's clocks go forward over a line.
    """
    zone = activity.offering.zone
    days = activity.local_start.date() - before
    if not days:
        return
    for row in activity.segments.all():
        for name in ("starts_at", "ends_at"):
            local = getattr(row, name).astimezone(ZoneInfo(zone))
            setattr(row, name, plain.instant(local.date() + days, local.time(), zone))
        row.save(update_fields=["starts_at", "ends_at"])


@transaction.atomic
def note_approved(activity: Activity) -> None:
    """Keep what the agenda is as its credit is approved, to warn when it changes later."""
    activity.approved_agenda = plain.fingerprint(plain.segments(activity))
    activity.save(update_fields=["approved_agenda"])


def changed_since_approval(activity: Activity) -> bool:
    """Is the agenda another than the one whose credit was approved?"""
    if not activity.approved_agenda:
        return False
    approved = any(row.status == Approval.Status.APPROVED for row in activity.approvals.all())
    return approved and activity.approved_agenda != plain.fingerprint(plain.segments(activity))


@transaction.atomic
def make_waivers(offering: Offering, count: int, last_day: date) -> list[WaiverCode]:
    """New waiver codes, good through the end of a day by the venue's clock.

    Raises Refused for none or too many, or a day that is over.
    """
    if not 1 <= count <= MOST_WAIVERS:
        raise Refused(f"Make from 1 to {MOST_WAIVERS} codes at a time.")
    # The first moment of the next day: midnight itself may be skipped in no US zone.
    expires_at = plain.instant(last_day + timedelta(days=1), time(), offering.zone)
    if expires_at <= timezone.now():
        raise Refused("That day is over. Choose a later one.")
    return WaiverCode.objects.bulk_create(
        WaiverCode(
            offering=offering,
            code="".join(secrets.choice(_LETTERS) for _ in range(10)),
            expires_at=expires_at,
        )
        for _ in range(count)
    )


@transaction.atomic
def mark_uploaded(activity_ids: Iterable[int], now: datetime) -> int:
    """The attendance of these ended activities was reported to the State Bar just now."""
    return Activity.objects.filter(pk__in=activity_ids, ends_at__lt=now).update(uploaded_at=now)
