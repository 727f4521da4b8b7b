from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from hub import announcements, mails, own, privacy, ratelimit, retention, seeding, work
from hub.models import Closure, Organization
from hub.offers import Timed


def SEED(content: dict[str, Any]) -> None:  # noqa: N802 (an agreed name, hub.offers)
    """The organization's name, as CAST's own pages write it, and the office's closures."""
    name, _, short = content["source"]["organisation"].partition(" (")
    seeding.sync(
        Organization,
        "organization",
        {"name": name, "short_name": short.rstrip(")"), "city": "Los Angeles"},
        id=1,
    )
    closures = Path(__file__).parent / "content" / "closures.yaml"
    for closure in yaml.safe_load(closures.read_text(encoding="utf-8")):
        day = closure["date"]
        seeding.sync(Closure, f"closure:{day}", {"name": closure["name"]}, date=day)


MAILS = {
    "hub.announcement_test": announcements.test_letter,
    "hub.invited": mails.invited,
}

TIMED = [
    Timed("forget rate counts", timedelta(hours=6), ratelimit.forget),
    Timed("hub: end sessions", timedelta(hours=6), retention.end_sessions),
    Timed("hub: forget announcements", timedelta(days=1), retention.forget_announcements),
    Timed("hub: forget mail", timedelta(days=1), retention.forget_mail),
    Timed("hub: forget the log", timedelta(days=1), retention.forget_log),
    Timed("hub: forget people", timedelta(days=1), retention.forget_people),
]

DATA = [own.data]
ERASE = [own.ERASE]
PRIVACY = privacy.PRIVACY
IMPERSONAL = privacy.IMPERSONAL

WORK = [work.of_mail, work.of_closures]
