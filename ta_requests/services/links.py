"""The private link of a request: one live at a time, found by the hash of its token."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ta_requests.models import FollowLink, TaRequest

# A closed request can be read, and taken up again, for this long.
READABLE_AFTER_CLOSING = timedelta(days=30)
_LENGTH = 43  # of 32 random bytes in base64url


@transaction.atomic
def token_of(request: TaRequest) -> str:
    """The token of the live link; makes one where there is none."""
    TaRequest.objects.select_for_update().get(pk=request.pk)
    link = request.links.filter(revoked_at=None).first()
    if link is None:
        token = secrets.token_urlsafe(32)
        link = FollowLink.objects.create(
            request=request, token_hash=_hash(token), token=token, made_at=timezone.now()
        )
    return str(link.token)


def revoke(request: TaRequest) -> None:
    """End the live link, sealed copy included; the next mail holds a new one."""
    request.links.filter(revoked_at=None).update(revoked_at=timezone.now(), token=None)


def find(token: str, now: datetime | None = None) -> TaRequest | None:
    """The request a token opens; None alike for unknown, revoked and expired ones."""
    if len(token) != _LENGTH or not token.isascii():
        return None
    wanted = _hash(token)
    link = FollowLink.objects.select_related("request").filter(token_hash=wanted).first()
    if link is None or not hmac.compare_digest(bytes(link.token_hash), wanted):
        return None
    if link.revoked_at is not None or link.request.purged_at is not None:
        return None
    closed = link.request.closed_at
    if closed and (now or timezone.now()) > closed + READABLE_AFTER_CLOSING:
        return None
    return link.request


def _hash(token: str) -> bytes:
    return hashlib.sha256(b"ta_requests.follow|" + token.encode()).digest()
