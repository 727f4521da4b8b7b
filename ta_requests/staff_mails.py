"""The mails to TA staff: references, due times and links, and nothing of who or what.

Each is written when it is sent. None: whoever it was for is no longer TA staff or no longer
has the request, it was answered, or there is nothing to say.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from hub.models import Mail, User
from hub.outbox import Letter
from ta_requests import desk_words, queries, queue
from ta_requests.models import Cycle, TaRequest
from ta_requests.services import reminders, retention

# A mail is for a glance; the queue has them all.
_MOST = 20


@dataclass(frozen=True)
class Listed:
    """One heading of the digest."""

    title: str
    count: int
    lines: list[str]

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


def digest(mail: Mail) -> Letter | None:
    """What is late, due today, waiting or not taken; `version` is the day it is of."""
    user = queries.ta_staff().filter(pk=mail.subject_id).first()
    now = timezone.now()
    if user is None or reminders.day_of(now) != mail.version or not reminders.office_is_open(now):
        return None
    end_of_day = timezone.localtime(now).replace(hour=23, minute=59, second=59)
    lists = [
        _listed("Late", Q(due_at__lt=now)),
        _listed("Due today", Q(due_at__gte=now, due_at__lte=end_of_day)),
        _listed("Waiting", Q(due_at=None)),
        _listed("Not taken", Q(assigned_to=None, due_at__isnull=False)),
    ]
    lists = [each for each in lists if each.count]
    if not lists:
        return None
    return _letter("digest", user, "admin:ta_requests_tarequest_changelist", [], lists=lists)


def nudge(mail: Mail) -> Letter | None:
    """An answer (`subject_id` its request) is due within four office hours; never at night."""
    found = _for(mail)
    if found is None:
        return None
    user, request = found
    now = timezone.now()
    cycle = Cycle.objects.filter(request=request, ended_at=None, due_at__gte=now).first()
    if cycle is None:
        return None
    if not reminders.office_is_open(now):
        # The office closed between promise and sending: it is promised anew as it opens.
        Cycle.objects.filter(pk=cycle.pk).update(nudged_at=None)
        return None
    return _about("nudge", user, request, due_at=cycle.due_at, is_taken=bool(request.assigned_to))


def purge_soon(mail: Mail) -> Letter | None:
    """What is closed is purged in two weeks, unless it is held or taken up again."""
    found = _for(mail)
    if found is None:
        return None
    user, request = found
    if request.held or request.purge_warned_at is None:
        return None
    day = timezone.localtime(request.purge_warned_at + retention.WARN_BEFORE).date()
    return _about("purge_soon", user, request, day=day)


def _for(mail: Mail) -> tuple[User, TaRequest] | None:
    """Whom (`about_id`) a mail about a request is for, while they still are who to tell."""
    request = queue.rows().filter(pk=mail.subject_id, purged_at=None).first()
    if request is None or mail.about_id not in reminders.recipients(request):
        return None
    return User.objects.get(pk=mail.about_id), request


def _listed(title: str, which: Q) -> Listed:
    found = queue.open_rows().filter(which)
    return Listed(title, found.count(), list(_lines(found[:_MOST])))


def _lines(rows: Iterable[Any]) -> Iterable[str]:
    now = timezone.now()
    for row in rows:
        due = desk_words.moment_short(row.due_at, now) if row.due_at else "paused"
        yield f"{row.reference}: {due}"


def _about(name: str, user: User, request: TaRequest, **context: Any) -> Letter:
    return _letter(
        name,
        user,
        "admin:ta_requests_tarequest_change",
        [request.pk],
        reference=request.reference,
        **context,
    )


def _letter(name: str, user: User, page: str, args: list[int], **context: Any) -> Letter:
    link = settings.BASE_URL + reverse(page, args=args)
    return Letter(
        to=user.email, template=f"ta_requests/mail/{name}", context={"link": link, **context}
    )
