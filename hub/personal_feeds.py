"""Each person's private calendar address: a random token of which only the hash is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from hub import version
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
    live = PersonalFeed.objects.filter(user=user, revoked_at=None)
    live.update(revoked_at=timezone.now(), changes=F("changes") + 1)


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
    """Note that a person's calendar changed."""
    live = PersonalFeed.objects.filter(user=user_id, revoked_at=None)
    live.update(changes=F("changes") + 1)


def changed_at(feed: PersonalFeed) -> datetime:
    """The feed's date for HTTP: later after each change, public or personal; never earlier.

    A second for each personal change, added to the date of the content version: of two
    clocks the later one could stand still while the other moves.
    """
    _, public = version.current()
    return public + timedelta(seconds=feed.changes)
