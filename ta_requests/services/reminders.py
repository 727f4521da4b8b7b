"""What staff are told by mail: each morning, and when an answer is nearly due."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from hub import outbox
from hub.models import Mail
from hub.words import PACIFIC
from ta_requests import queries, turnaround
from ta_requests.models import Cycle, TaRequest
from ta_requests.services import clock
from ta_requests.turnaround import Closures

DIGEST = "ta_requests.digest"
NUDGE = "ta_requests.nudge"
# For promises under another policy, whose hours differ from today's.
_SLACK = timedelta(days=3)


def recipients(request: TaRequest) -> list[int]:
    """Whom to tell about a request: who has it, else all TA staff. Ids of users."""
    everyone = list(queries.ta_staff().values_list("pk", flat=True))
    return [request.assigned_to_id] if request.assigned_to_id in everyone else everyone


def tell(kind: str, request: TaRequest, now: datetime) -> None:
    """Promise one mail about a request to each of its `recipients`."""
    version = int(now.timestamp())
    outbox.promise_all(kind, [(request.pk, user, version) for user in recipients(request)])


def office_is_open(now: datetime) -> bool:
    return turnaround.is_open(now, clock.policy_at(now), clock.closures())


def day_of(now: datetime) -> int:
    """The Pacific day as a number, which keeps one day's digest from another's."""
    return now.astimezone(ZoneInfo(PACIFIC)).toordinal()


def digest(now: datetime) -> None:
    """Promise each of the TA staff the list of this office day, from its opening on.

    After downtime only while the same day's office is open: yesterday's is of no use.
    """
    day = day_of(now)
    if office_is_open(now) and not Mail.objects.filter(kind=DIGEST, version=day).exists():
        staff = queries.ta_staff().values_list("pk", flat=True)
        outbox.promise_all(DIGEST, [(pk, 0, day) for pk in staff])


def nudge(now: datetime) -> None:
    """Promise the nudge for each answer due within four office hours, while the office is
    open; once for a due moment, and again where that has moved on meanwhile."""
    closures, policy = clock.closures(), clock.policy_at(now)
    if not turnaround.is_open(now, policy, closures):
        return
    soon = turnaround.add_office_time(now, turnaround.NUDGE, policy, closures) + _SLACK
    rows = Cycle.objects.filter(ended_at=None, due_at__gte=now, due_at__lte=soon)
    for row in rows.prefetch_related("pauses").order_by("due_at", "pk"):
        if _is_due(row, now, closures):
            _nudge_one(row.pk, now, closures)


@transaction.atomic
def _nudge_one(pk: int, now: datetime, closures: Closures) -> None:
    open_rows = Cycle.objects.select_for_update(of=("self",)).filter(ended_at=None, due_at__gte=now)
    row = open_rows.select_related("request").filter(pk=pk).first()
    if row is None or not _is_due(row, now, closures):
        return
    row.nudged_at = now
    row.save(update_fields=["nudged_at"])
    tell(NUDGE, row.request, now)


def _is_due(row: Cycle, now: datetime, closures: Closures) -> bool:
    if row.due_at is None:
        return False
    state = clock.state(row)
    counted = turnaround.stricter(state.closures, closures)
    at = turnaround.nudge_at(row.due_at, state.policy, counted)
    return at <= now and (row.nudged_at is None or row.nudged_at < at)
