"""The worker: sends promised mail and does timed work, safe to kill and to run twice."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.utils import timezone

from hub import outbox
from hub.models import TimedWork
from hub.offers import Timed, timed_work

log = logging.getLogger(__name__)

HEARTBEAT = "worker"
# After this long without a sign of the worker /readyz says so.
SILENT_AFTER = timedelta(minutes=2)
RETRY_AFTER = timedelta(minutes=5)
# How long work that waits for others may keep the worker from a mail that comes meanwhile.
LONGEST_WAIT = timedelta(seconds=45)


def work_once(stopping: Callable[[], bool] = lambda: False) -> int:
    """Do all that is due now; return how many mails were dealt with."""
    now = timezone.now()
    TimedWork.objects.update_or_create(name=HEARTBEAT, defaults={"due_at": now, "done_at": now})
    for work in timed_work():
        if stopping():
            return 0
        if not work.waits:
            _do_if_due(work, now)
    sent = outbox.send_due(stopping=stopping)
    for work in timed_work():
        if work.waits and not sent and not stopping():
            _do_if_due_in_no_transaction(work, now)
    return sent


def work_forever(stopping: Callable[[], bool], pause_seconds: float = 1.0) -> None:
    """Work until `stopping` says so; a database that is away is waited for."""
    while not stopping():
        try:
            busy = work_once(stopping)
        except (OperationalError, InterfaceError):
            log.exception("the database did not answer")
            close_old_connections()
            busy = 0
        if not busy and not stopping():
            time.sleep(pause_seconds)


def last_seen() -> datetime | None:
    """When the worker last gave a sign of life (UTC), or None if it never did."""
    beat = TimedWork.objects.filter(name=HEARTBEAT).first()
    return beat.done_at if beat else None


def _do_if_due(work: Timed, now: datetime) -> None:
    TimedWork.objects.get_or_create(name=work.name, defaults={"due_at": now})
    with transaction.atomic():
        row = (
            TimedWork.objects.select_for_update(skip_locked=True)
            .filter(name=work.name, due_at__lte=now)
            .first()
        )
        if row is None:
            return
        try:
            with transaction.atomic():
                work.run(now)
            row.due_at, row.done_at = now + work.every, now
        except Exception:
            log.exception("timed work %s failed", work.name)
            row.due_at = now + min(work.every, RETRY_AFTER)
        row.save()


def _do_if_due_in_no_transaction(work: Timed, now: datetime) -> None:
    """The row is moved on first, so that nobody else begins; killed, it is done next time."""
    TimedWork.objects.get_or_create(name=work.name, defaults={"due_at": now})
    row = TimedWork.objects.filter(name=work.name)
    if not row.filter(due_at__lte=now).update(due_at=now + work.every):
        return
    try:
        work.run(now)
        row.update(done_at=now)
    except Exception:
        log.exception("timed work %s failed", work.name)
        row.update(due_at=now + min(work.every, RETRY_AFTER))
