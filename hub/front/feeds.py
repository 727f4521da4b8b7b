"""Feeds that gather from all apps."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

import calls.feeds
from hub import ics, version
from hub.models import PersonalFeed

COLOR = "darkgreen"


def everything() -> bytes:
    """All that is public."""
    events = [
        event for series in calls.feeds.published() for event in calls.feeds.series_events(series)
    ]
    return ics.feed(
        name="CAST calls and trainings",
        url=settings.BASE_URL + reverse("home"),
        color=COLOR,
        events=events,
    )


def personal(feed: PersonalFeed) -> bytes:
    """All that one person is in, with joining details; empty once the address is revoked."""
    events = [] if feed.revoked_at else calls.feeds.personal_events(feed.user)
    return ics.feed(
        name="My CAST calls and trainings",
        url=settings.BASE_URL + reverse("home"),
        color=COLOR,
        events=events,
    )


def personal_changed_at(feed: PersonalFeed) -> datetime:
    """The latest of all that a personal feed is made from; it never goes back."""
    _, changed_at = version.current()
    return max(moment for moment in (changed_at, feed.changed_at, feed.revoked_at) if moment)
