"""The demo staff member of a hub on one's own machine."""

import secrets
from pathlib import Path

from django.conf import settings

STAFF = "staff@hub.localhost"


def key() -> str:
    """The secret part of the demo's sign-in address, made once."""
    path: Path = settings.DATA_DIR / "demo-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(12))
    return path.read_text()
