"""The record of staff signing in, out, and failing to. Of others nothing is written down here
(docs/decisions/sign-ins-on-record.md)."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from hub import audit
from hub.models import User

IN, OUT, ELSEWHERE = "signed in", "signed out", "signed out elsewhere"
WRONG_CODE, WRONG_SECOND_STEP = "wrong code", "wrong second step"


def record(user: Any, action: str) -> None:
    """Write one of the above down, if the account is staff's; of anybody else do nothing.

    Whose code was wrong is whose account was tried, whoever tried it.
    """
    if isinstance(user, User) and user.is_staff:
        with transaction.atomic():
            audit.record(user, action, "account", f"account {user.pk}")


def code_rejected(request: HttpRequest, user: User, **_: Any) -> None:
    """A mailed code that was wrong; of an address we do not know, allauth says nothing."""
    record(user, WRONG_CODE)
