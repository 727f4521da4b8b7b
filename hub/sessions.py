"""Sessions in the database that end half an hour after their last use, or LONGEST after the
sign-in, whichever comes first: to both the row simply has run out."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

LONGEST = timedelta(hours=12)
# When the person of a session signed in: seconds since 1970, UTC.
SIGNED_IN_AT = "signed_in_at"


class SessionStore(DatabaseStore):
    def save(self, must_create: bool = False) -> None:
        if SESSION_KEY in self and SIGNED_IN_AT not in self:
            self[SIGNED_IN_AT] = int(timezone.now().timestamp())
        super().save(must_create)

    def is_empty(self) -> bool:
        """Whether there is nothing to store, also where a browser names a session that is not
        there: Django would store an empty one for each request that does."""
        self.keys()  # looks for it
        return bool(super().is_empty())

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        ends: datetime = super().get_expiry_date(**kwargs)
        since = signed_in_at(self)
        return min(ends, since + LONGEST) if since else ends


def signed_in_at(session: Any) -> datetime | None:
    """When whoever holds this session, or what one holds, signed in; None: nobody has."""
    at = session.get(SIGNED_IN_AT)
    return datetime.fromtimestamp(at, UTC) if at and SESSION_KEY in session else None
