"""Each person's private calendar address: a random token of which only the hash is kept."""

import hashlib
import secrets
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from hub.models import PersonalFeed, User

# A calendar program that still asks for a replaced address empties itself in this time.
EMPTY_FOR = timedelta(days=31)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@transaction.atomic
def new_token(user: User) -> str:
    """Give a person a new private address, ending the old one; the token is told once."""
    User.objects.select_for_update().get(pk=user.pk)
    revoke(user)
    token = secrets.token_urlsafe(32)
    PersonalFeed.objects.create(user=user, token_hash=_hash(token))
    return token


def revoke(user: User) -> None:
    PersonalFeed.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


def find(token: str) -> PersonalFeed | None:
    """The feed of a token, live or lately revoked; None alike for all others."""
    feed = (
        PersonalFeed.objects.filter(token_hash=_hash(token), user__is_active=True)
        .select_related("user")
        .first()
    )
    if feed is None or (feed.revoked_at and timezone.now() - feed.revoked_at > EMPTY_FOR):
        return None
    return feed


def touch(user_id: int) -> None:
    """Note that a person's calendar changed; its date never goes back nor stands still."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE hub_personalfeed SET changed_at = greatest("
            "date_trunc('second', clock_timestamp()), changed_at + interval '1 second') "
            "WHERE user_id = %s AND revoked_at IS NULL",
            [user_id],
        )
