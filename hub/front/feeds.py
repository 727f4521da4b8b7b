"""Feeds that gather from all apps."""

from django.conf import settings
from django.urls import reverse

import calls.feeds
import trainings.feeds
from hub import ics
from hub.models import PersonalFeed

COLOR = "darkgreen"


def everything() -> bytes:
    """All that is public."""
    events = [*calls.feeds.public_events(), *trainings.feeds.public_events()]
    return ics.feed(
        name="CAST calls and trainings",
        url=settings.BASE_URL + reverse("home"),
        color=COLOR,
        events=events,
    )


def personal(feed: PersonalFeed) -> bytes:
    """All that one person is in, with joining details; empty once the address is revoked."""
    events = (
        []
        if feed.revoked_at
        else [
            *calls.feeds.personal_events(feed.user),
            *trainings.feeds.personal_events(feed.user),
        ]
    )
    return ics.feed(
        name="My CAST calls and trainings",
        url=settings.BASE_URL + reverse("home"),
        color=COLOR,
        events=events,
    )
