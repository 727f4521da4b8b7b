from datetime import timedelta
from typing import Any

from hub import ratelimit, seeding
from hub.models import Organization
from hub.offers import Timed


def SEED(content: dict[str, Any]) -> None:  # noqa: N802 (an agreed name, hub.offers)
    """The organization's name, as the page and CAST's other pages write it."""
    name, _, short = content["source"]["organisation"].partition(" (")
    seeding.sync(
        Organization,
        "organization",
        {"name": name, "short_name": short.rstrip(")"), "city": "Los Angeles"},
        id=1,
    )


TIMED = [Timed("forget rate counts", timedelta(hours=6), ratelimit.forget)]
