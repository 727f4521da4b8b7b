"""A mailbox of files for a hub on one's own machine: every mail is one .eml."""

import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


def folder() -> Path:
    path: Path = settings.DATA_DIR / "mail"
    path.mkdir(parents=True, exist_ok=True)
    return path


class EmlBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for email in email_messages:
            name = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{os.getpid()}.eml"
            # Written aside and renamed, so that no reader meets half a mail.
            part = folder() / f".{name}"
            part.write_bytes(email.message().as_bytes())
            part.rename(folder() / name)
        return len(email_messages)
