"""The record of who opened or changed what is confidential."""

import re
from collections.abc import Iterable

from django.db import connection

from hub.models import AuditEvent, User

NAME = re.compile(r"[a-z][a-z0-9_]*( [a-z0-9_]+)*")


def record(
    actor: User | None,
    action: str,
    obj_kind: str,
    obj_reference: str,
    purpose: str = "",
    fields: Iterable[str] = (),
) -> None:
    """Write one event; call it in the transaction that reads or changes what it tells of.

    The page shows nothing unless that transaction commits, so nobody reads what was not
    written down. `action`, `obj_kind` and `fields` are names out of our own code ("open",
    "request", "narrative"), never what somebody typed: ValueError for anything else.
    RuntimeError outside of a transaction; what the database refuses is raised as it is.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an audit event belongs in the transaction of what it records")
    names = list(fields)
    if not all(NAME.fullmatch(name) for name in (action, obj_kind, *names)):
        raise ValueError("an audit event holds names, never values")
    AuditEvent.objects.create(
        actor=actor,
        action=action,
        kind=obj_kind,
        reference=obj_reference,
        purpose=purpose,
        fields=names,
    )
