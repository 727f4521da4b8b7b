"""Records are kept four years; then nothing in them says who somebody was.

What is counted stays: states, times of attendance, the ledger.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import CharField, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from hub import words
from hub.ids import new_nonce
from hub.models import User
from trainings import agenda
from trainings.models import (
    Activity,
    Attendance,
    Certificate,
    CodeTry,
    HostOffer,
    Pledge,
    Registration,
)

_PACIFIC = ZoneInfo(words.PACIFIC)

REMOVED = "Removed"
# No four years are shorter: what ended later need not be looked at.
FOUR_YEARS_AT_LEAST = timedelta(days=1460)
# Offers to host, and at least until what came of them is over.
OFFERS_FOR = timedelta(days=730)
# Attendance is entered in this time after a training (the State Bar wants it by then).
ATTENDANCE_IN = timedelta(days=60)


def anonymise(now: datetime) -> None:
    """Take the person out of each registration whose training ended over four years ago.

    Whatever became of it: canceled, lapsed and never attended ones too. Where a training
    has no day, the time runs from the registration itself.
    """
    today = _pacific(now)
    old = (
        Registration.objects.annotate(ended=Coalesce(_ended("offering"), "created_at"))
        .filter(ended__lt=now - FOUR_YEARS_AT_LEAST)
        .exclude(email=_marked(Registration.REMOVED))
    )
    for pk, ended in old.order_by("pk").values_list("pk", "ended").iterator(chunk_size=500):
        if not agenda.records_kept(_pacific(ended), today):
            anonymise_one(pk)
    # Who erased themselves before their attendance was entered, and never came.
    erased = Registration.objects.annotate(ended=_ended("offering")).filter(
        email=_marked(Registration.ERASED), attendance=None, ended__lt=now - ATTENDANCE_IN
    )
    for pk in list(erased.order_by("pk").values_list("pk", flat=True)):
        anonymise_one(pk)


def forget_offers(now: datetime) -> None:
    """Delete old offers to host, but for those whose training is not over."""
    HostOffer.objects.filter(created_at__lt=now - OFFERS_FOR).exclude(
        offering__activities__ends_at__gt=now - timedelta(days=1)
    ).delete()


def why_kept(user: User) -> str:
    """Why this person cannot be deleted yet; "" when no attendance stands against it."""
    last = (
        Attendance.objects.filter(Q(registration__user=user) | Q(registration__email=user.email))
        .annotate(ended=_ended("activity__offering"))
        .select_related("activity__offering")
        .order_by("-ended", "-starts_at")
        .first()
    )
    if last is None:
        return ""
    ended = _pacific(last.ended)
    if not agenda.records_kept(ended, _pacific(timezone.now())):
        return ""
    held = words.month_day_year(last.activity.local_start)
    until = words.month_day_year(agenda.records_until(ended))
    return f"Attendance of {held} must be kept until {until}; then it is anonymized by itself."


@transaction.atomic
def anonymise_one(pk: int) -> None:
    """Take the person out of a registration, whatever its age, and out of what hangs on it."""
    row = Registration.objects.select_for_update(of=["self"]).filter(pk=pk).first()
    if row is None:
        return
    row.name, row.user = REMOVED, None
    row.email = f"{Registration.REMOVED}{pk}{Registration.REMOVED_AT}"
    row.organization = row.pledge_name = row.waiver_code = ""
    # Links mailed before lead nowhere.
    row.nonce = new_nonce()
    row.save()
    row.bar_numbers.all().delete()
    CodeTry.objects.filter(registration=row).delete()
    row.attendance.update(reason="")
    Pledge.objects.filter(registration=row).update(signed_name=REMOVED)
    _delete_certificates(row)


@transaction.atomic
def erase_address(pk: int) -> None:
    """Of somebody who erased themselves only what must be kept: name, licenses, attendance.

    No mail reaches them any more, and links mailed before lead nowhere.
    """
    row = Registration.objects.select_for_update(of=["self"]).get(pk=pk)
    row.email, row.user = f"{Registration.ERASED}{pk}{Registration.REMOVED_AT}", None
    row.organization = row.pledge_name = row.waiver_code = ""
    row.nonce = new_nonce()
    row.save()
    CodeTry.objects.filter(registration=row).delete()


def kept_until(ended: datetime) -> date:
    """The last day, Pacific, on which the records of a training that ended then are kept."""
    return agenda.records_until(_pacific(ended))


def _delete_certificates(row: Registration) -> None:
    """The oldest first, for each protects its successor; with what their history says."""
    papers = ContentType.objects.get_for_model(Certificate)
    for paper in row.certificates.order_by("activity", "revision"):
        LogEntry.objects.filter(content_type=papers, object_id=str(paper.pk)).delete()
        paper.delete()


def _marked(prefix: str) -> Concat:
    """The address that is put in the place of each row's own."""
    return Concat(Value(prefix), Cast("pk", CharField()), Value(Registration.REMOVED_AT))


def _ended(offering: str) -> Subquery:
    """When the last day of that offering ended."""
    days: QuerySet[Activity] = Activity.objects.filter(offering=OuterRef(offering)).order_by()
    return Subquery(days.values("offering").annotate(last=Max("ends_at")).values("last"))


def _pacific(moment: datetime) -> date:
    return moment.astimezone(_PACIFIC).date()
