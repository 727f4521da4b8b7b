"""What `manage.py check --database default` and `migrate` ask the database."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error

from hub import rotation


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
