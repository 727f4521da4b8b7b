"""What `manage.py check --database default` and `migrate` ask the database."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004
from django.db import connection

from hub import rotation

# The client writes values into its statements, which PostgreSQL logs with each error, as it
# logs the row a constraint refused. Whatever else is logged of a session is below "fatal".
QUIET = {"log_min_messages": {"fatal", "panic"}, "log_min_error_statement": {"panic"}}


def field_keys(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Every stored text can be opened with the keys that are set."""
    if not databases:
        return []
    return [
        Error(
            f'Stored texts need the key "{key_id}", which HUB_FIELD_KEYS does not have.',
            hint="Put it back, run `manage.py rotate_field_keys`, and only then take it out.",
            id="hub.E001",
        )
        for key_id in rotation.missing_keys()
    ]


def quiet_server(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """The PostgreSQL server writes no value into its log."""
    if not databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", [[*QUIET]])
        loud = [name for name, setting in cursor.fetchall() if setting not in QUIET[name]]
    if not loud:
        return []
    return [
        Warning(
            "PostgreSQL writes what people typed into its log when a statement fails.",
            hint="Let a superuser set for the hub's role, as in docs/operations.md: "
            + ", ".join(loud),
            id="hub.W001",
        )
    ]
