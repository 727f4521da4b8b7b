"""The calls of the content file."""

from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from calls import dates, schedule
from calls.models import CallSeries
from hub import seeding


def load(content: dict[str, Any]) -> None:
    """Load each call; its schedule only when it has none, for staff change it by verb."""
    for position, call in enumerate(content["calls"], start=1):
        series = seeding.sync(
            CallSeries,
            f"calls:{call['key']}",
            {
                "name": call["name"],
                "audience": call["audience_text"],
                "summary": call["summary"],
                "topics": "\n".join(call.get("discusses", [])),
                "cost": call["cost_text"] or "",
                "position": position,
            },
            slug=call["key"],
        )
        if series and not series.schedules.exists():
            _set_schedule(series, call["schedule"])


def _set_schedule(series: CallSeries, said: dict[str, Any]) -> None:
    start, end = time.fromisoformat(said["start_local"]), time.fromisoformat(said["end_local"])
    day = date(2000, 1, 1)
    # The page does not say when the weekly call began: the hub vouches from today on.
    begins = date.fromisoformat(said["starts_on"]) if said["starts_on"] else timezone.localdate()
    dates.set_schedule(
        series,
        rule=schedule.parse(said["rrule"]),
        begins=begins,
        start_time=start,
        minutes=(datetime.combine(day, end) - datetime.combine(day, start)).seconds // 60,
        zone=said["timezone"],
    )
