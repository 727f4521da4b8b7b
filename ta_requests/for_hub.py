from datetime import date, time, timedelta
from typing import Any

from hub import seeding
from hub.offers import OnClosures, Timed
from ta_requests import mails, on_closures, privacy, staff_mails, work
from ta_requests.models import Area, Policy, Service
from ta_requests.services import clock, reminders, retention

MAILS = {
    "ta_requests.received": mails.received,
    "ta_requests.again": mails.again,
    "ta_requests.question": mails.question,
    "ta_requests.reply": mails.reply,
    "ta_requests.digest": staff_mails.digest,
    "ta_requests.nudge": staff_mails.nudge,
    "ta_requests.purge_soon": staff_mails.purge_soon,
}

TIMED = [
    Timed("ta_requests: digest", timedelta(minutes=1), reminders.digest),
    Timed("ta_requests: nudge", timedelta(minutes=1), reminders.nudge),
    Timed("ta_requests: warn of purge", timedelta(days=1), retention.warn),
    Timed("ta_requests: purge", timedelta(days=1), retention.purge),
]

CLOSED = OnClosures(preview=on_closures.preview, apply=clock.closures_changed)

WORK = [work.requests]

# Before anything the hub can be asked about.
FIRST_DAY = date(2020, 1, 1)

PRIVACY = privacy.PRIVACY
IMPERSONAL = privacy.IMPERSONAL


def SEED(content: dict[str, Any]) -> None:  # noqa: N802 (an agreed name, hub.offers)
    """The one service, its hours and its areas, in the page's order."""
    entry = content["technical_assistance"]
    hours = entry["hours"]
    invitation = entry["cross_promotion"].removeprefix("Encourages callers to ")
    seeding.sync(
        Service,
        "ta_requests:service",
        {
            "name": entry["name"],
            "audience_text": entry["audience_text"],
            "summary": entry["summary"],
            "phone": entry["contact"]["phone"],
            "phone_e164": entry["contact"]["phone_e164"],
            "turnaround_text": entry["turnaround"]["text"],
            "cross_promotion": invitation[:1].upper() + invitation[1:],
        },
        id=1,
    )
    seeding.sync(
        Policy,
        "ta_requests:policy",
        {
            "office_days": entry["turnaround"]["hours"] // 24,
            "opens": time.fromisoformat(hours["opens_local"]),
            "closes": time.fromisoformat(hours["closes_local"]),
        },
        starts_on=FIRST_DAY,
    )
    for position, area in enumerate(entry["areas"], start=1):
        seeding.sync(
            Area,
            f"ta_requests:area:{area['slug']}",
            {
                "name": area["name"],
                "position": position,
                "open_ended": area.get("open_ended", False),
            },
            slug=area["slug"],
        )
