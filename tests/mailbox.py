"""What the worker sends, as the person who gets it reads it."""

import email
import email.policy
import re
from email.message import EmailMessage

from django.core import mail as django_mail

from hub import outbox
from hub.models import Mail


def deliver() -> list[EmailMessage]:
    """Let the worker send what is due; the messages as a mail program parses them."""
    before = len(django_mail.outbox)
    while outbox.send_due():
        pass
    failed = Mail.objects.exclude(last_error="")
    assert not failed, [(one.kind, one.last_error) for one in failed]
    return [
        email.message_from_bytes(sent.message().as_bytes(), policy=email.policy.default)
        for sent in django_mail.outbox[before:]
    ]


def text_of(message: EmailMessage) -> str:
    return message.get_body(("plain",)).get_content()


def mailed_code() -> str:
    """The code to sign in with out of the newest mail."""
    newest = str(django_mail.outbox[-1].body)
    return re.search(r"^\s*([A-Z]{4}-[A-Z]{4})$", newest, re.MULTILINE)[1]
