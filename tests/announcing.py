"""Writing to people, for tests that are about something else."""

from hub import announcements
from hub.models import Announcement, User
from hub.offers import audiences


def draft(
    about_id: int,
    by: User,
    *,
    audience: str = "calls.series",
    part: str = "all",
    subject: str = "News",
    text: str = "There is news.",
) -> Announcement:
    about = audiences()[audience].about(about_id)
    return announcements.write(
        audience, about, about_id, part=part, subject=subject, text=text, by=by
    )


def announce(about_id: int, by: User, **values: str) -> Announcement:
    return announcements.send(draft(about_id, by, **values).pk, by)
