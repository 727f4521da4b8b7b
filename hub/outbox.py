"""Promised mail: a row written with what promises it, rendered and sent by the worker.

A row holds ids only. Its text, and any link in it, is made at the moment of sending, by
the function an app offers for that kind (hub.offers).
"""

import contextlib
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage as StdMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from hub.models import Mail
from hub.offers import mail_writers

log = logging.getLogger(__name__)

# How long to wait after each failed try; after the last the row is dropped and staff see it.
RETRY_AFTER = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480, 720, 1440, 1440)]

# Where the address of somebody ends who was taken out of a row that stays.
NOWHERE = "@invalid.example"

# A mail server that hangs must not keep the worker from its other work for longer.
LONGEST = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a writer returns: whom to write to and what its three templates need.

    `template` names templates/<template>.{subject.txt,txt,html}. `calendar`, if any, goes
    last in the multipart/alternative with its iTIP method (RFC 6047). `unsubscribe`, of what
    is not about something they booked: the address (hub.unsubscribe) that ends such mail at
    one click in their mail program (RFC 8058).
    """

    to: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    calendar: bytes = b""
    method: str = ""
    unsubscribe: str = ""


def promise(
    kind: str,
    subject_id: int,
    about_id: int = 0,
    version: int = 0,
    *,
    due_at: datetime | None = None,
) -> None:
    """Promise one mail, once; call it in the transaction that makes it true."""
    promise_all(kind, [(subject_id, about_id, version)], due_at=due_at)


def promise_all(
    kind: str,
    subjects: Iterable[tuple[int, int, int]],
    *,
    due_at: datetime | None = None,
    between_hundreds: timedelta = timedelta(0),
) -> None:
    """Promise one mail for each (subject_id, about_id, version) that has none yet.

    `between_hundreds`: how much later each further hundred is due than the one before.
    """
    due_at = due_at or timezone.now()
    Mail.objects.bulk_create(
        [
            Mail(
                kind=kind,
                subject_id=subject,
                about_id=about,
                version=version,
                due_at=due_at + place // 100 * between_hundreds,
            )
            for place, (subject, about, version) in enumerate(subjects)
        ],
        ignore_conflicts=True,
    )


def supersede(kind: str, about_id: int) -> int:
    """Take back what of this kind is about this row and not yet sent; returns how many."""
    waiting = Mail.objects.filter(kind=kind, about_id=about_id, sent_at=None, dropped_at=None)
    return waiting.delete()[0]


def about(kinds: Collection[str], subject_ids: Collection[int]) -> QuerySet[Mail]:
    """Every mail of these kinds about these rows, sent or not, oldest first."""
    rows = Mail.objects.filter(kind__in=kinds, subject_id__in=subject_ids)
    return rows.order_by("created_at", "pk")


def take_back(kinds: Collection[str], subject_ids: Collection[int]) -> None:
    """Send none of these any more."""
    about(kinds, subject_ids).filter(sent_at=None, dropped_at=None).delete()


def failed() -> QuerySet[Mail]:
    """What was given up after the last try. What was no longer needed has no error."""
    return Mail.objects.exclude(dropped_at=None).exclude(last_error="")


def try_again(ids: Iterable[int]) -> int:
    """Send what failed once more, with all its tries; return how many there are."""
    return failed().filter(pk__in=ids).update(dropped_at=None, due_at=timezone.now(), attempts=0)


def send_due(most: int = 200, stopping: Callable[[], bool] = lambda: False) -> int:
    """Send what is due, oldest first; return how many rows were dealt with.

    It ends early, between two mails, after LONGEST or when `stopping` says so.

    Each row is claimed, sent and marked in a transaction of its own. Killed before the
    commit, the row is simply still due; a copy can go out twice only when the process
    dies between the mail server's yes and the commit, and then with the same Message-ID.
    """
    connection = get_connection()
    until = timezone.now() + LONGEST
    done = 0
    try:
        while done < most and timezone.now() < until and not stopping() and _send_one(connection):
            done += 1
    finally:
        _close(connection)
    return done


def _send_one(connection: BaseEmailBackend) -> bool:
    with transaction.atomic():
        mail = (
            Mail.objects.select_for_update(skip_locked=True)
            .filter(sent_at=None, dropped_at=None, due_at__lte=timezone.now())
            .order_by("due_at", "pk")
            .first()
        )
        if mail is None:
            return False
        try:
            with transaction.atomic():
                letter = mail_writers()[mail.kind](mail)
                if letter is not None and letter.to.endswith(NOWHERE):
                    letter = None
                if letter is not None:
                    connection.open()
                    if not connection.send_messages([_Envelope(mail, letter)]):
                        raise SMTPException("the message was not taken")
        except Exception as error:
            _failed(mail, error, connection)
        else:
            now = timezone.now()
            if letter is None:
                mail.dropped_at = now
            else:
                mail.sent_at = now
            mail.last_error = ""
        mail.save()
    return True


def _failed(mail: Mail, error: Exception, connection: BaseEmailBackend) -> None:
    log.warning("mail %s of kind %s was not sent", mail.pk, mail.kind, exc_info=error)
    # A broken conversation with the server must not spoil the next mail's.
    _close(connection)
    mail.last_error = type(error).__name__
    if mail.attempts < len(RETRY_AFTER):
        mail.due_at = timezone.now() + RETRY_AFTER[mail.attempts]
    else:
        mail.dropped_at = timezone.now()
    mail.attempts += 1


def _close(connection: BaseEmailBackend) -> None:
    with contextlib.suppress(OSError):  # every error of smtplib is one
        connection.close()


class _Envelope(EmailMessage):
    """A letter as Django's mail backends take it, built with the standard library."""

    def __init__(self, mail: Mail, letter: Letter) -> None:
        super().__init__(from_email=settings.DEFAULT_FROM_EMAIL, to=[letter.to])
        self.mail, self.letter = mail, letter

    def message(self, *, policy: Any = None) -> Any:
        return compose(self.mail, self.letter)


class _Policy(EmailPolicy):
    def fold(self, name: str, value: str) -> str:
        return self._whole(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return self._whole(name, value).encode() or super().fold_binary(name, value)

    def _whole(self, name: str, value: str) -> str:
        # The library would encode an address too long for a line, and mail programs then
        # see none. A line may have 998 characters (RFC 5322 2.1.1).
        return f"{name}: {value}{self.linesep}" if name == "List-Unsubscribe" else ""


class _Wire(StdMessage):
    def as_bytes(self, unixfrom: bool = False, policy: Any = None, linesep: str = "\n") -> bytes:
        return super().as_bytes(unixfrom, policy or self.policy.clone(linesep=linesep))


def compose(mail: Mail, letter: Letter) -> StdMessage:
    """The whole message.

    Raises ValueError where a header would hold a line break, or an address more than one.
    """
    if not letter.to.isascii():
        raise ValueError("not a plain address")
    context = {
        "base_url": settings.BASE_URL,
        "sender": settings.MAIL_SENDER,
        **letter.context,
    }
    subject, text, html = (
        render_to_string(f"{letter.template}.{ending}", context)
        for ending in ("subject.txt", "txt", "html")
    )
    message = _Wire(policy=_Policy(linesep=SMTP.linesep))
    message["From"] = settings.DEFAULT_FROM_EMAIL
    message["To"] = letter.to
    message["Subject"] = subject.strip()
    message["Date"] = format_datetime(timezone.now())
    message["Message-ID"] = f"<{mail.uuid}@{settings.DOMAIN}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text.strip() + "\n")
    message.add_alternative(html, subtype="html")
    if letter.calendar:
        message.add_alternative(
            letter.calendar.decode(), subtype="calendar", params={"method": letter.method}
        )
    return message
