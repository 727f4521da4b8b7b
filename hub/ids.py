"""Identifiers that are made once and kept."""

import secrets
import uuid

from django.conf import settings


def new_uid() -> str:
    """A calendar UID (RFC 5545 3.8.4.7): stored once, never changed."""
    return f"{uuid.uuid4()}@{settings.DOMAIN}"


def new_nonce() -> str:
    """What a row's mailed links are bound to: another nonce ends them all."""
    return secrets.token_urlsafe(12)
