"""What is forgotten: a closed request is purged, staff are told two weeks before."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from hub import audit
from hub.models import Mail
from ta_requests.models import SEALED, TaRequest
from ta_requests.services import reminders

WARN_BEFORE = timedelta(days=14)
_BATCH = 200


def due_for_purge(now: datetime) -> Q:
    """Closed, not held, nothing happened for settings.TA_KEEP (days, as a timedelta)."""
    return Q(
        status=TaRequest.Status.CLOSED,
        purged_at=None,
        held=False,
        closed_at__lte=now - settings.TA_KEEP,
        active_at__lte=now - settings.TA_KEEP,
    )


@transaction.atomic
def warn(now: datetime) -> None:
    """Tell staff once of what is purged in two weeks unless they hold it or take it up."""
    soon = TaRequest.objects.select_for_update(skip_locked=True).filter(
        due_for_purge(now + WARN_BEFORE), purge_warned_at=None
    )
    for request in soon[:_BATCH]:
        request.purge_warned_at = now
        request.save(update_fields=["purge_warned_at"])
        reminders.tell("ta_requests.purge_soon", request, now)


def purge(now: datetime) -> None:
    """Empty what is due and was warned of two weeks ago; its tombstone stays."""
    due = TaRequest.objects.filter(due_for_purge(now), purge_warned_at__lte=now - WARN_BEFORE)
    for pk in list(due.values_list("pk", flat=True)[:_BATCH]):
        _purge_one(pk, now)


@transaction.atomic
def _purge_one(pk: int, now: datetime) -> None:
    request = (
        TaRequest.objects.select_for_update(skip_locked=True)
        .filter(due_for_purge(now), pk=pk)
        .first()
    )
    if request is None:
        return
    request.messages.all().delete()
    request.links.all().delete()
    # Of a digest the subject is a member of staff.
    mail = Mail.objects.filter(kind__startswith="ta_requests.", subject_id=pk)
    mail.exclude(kind="ta_requests.digest").delete()
    for name in SEALED:
        setattr(request, name, None)
    request.organization = ""
    # A court's date could lead to the case.
    request.deadline, request.deadline_type = None, ""
    request.purged_at = now
    request.save()
    audit.record(None, "purged", "tarequest", request.reference)
