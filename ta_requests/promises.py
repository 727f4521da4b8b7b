"""What a requester whose deadline is near is told about the reply and the phone. Pure."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from hub import words
from ta_requests import turnaround
from ta_requests.turnaround import Closures, Policy


def comes_first(deadline: date | None, due: datetime) -> bool:
    """Whether a deadline may come before the reply: on its day, or earlier. Pacific."""
    return deadline is not None and deadline <= due.astimezone(ZoneInfo(words.PACIFIC)).date()


def when_to_call(now: datetime, policy: Policy, closures: Closures) -> str:
    """today before 5:00 pm Pacific; or: Monday, November 30, from 9:00 am Pacific"""
    zone = ZoneInfo(policy.zone)
    today = now.astimezone(zone).date()
    if turnaround.is_open(now, policy, closures):
        closes = turnaround.closing(today, policy, closures) or policy.closes
        return f"today before {words.clock(datetime.combine(today, closes))} Pacific"
    opens = turnaround.next_opening(now, policy, closures).astimezone(zone)
    day = "today" if opens.date() == today else words.weekday_month_day(opens)
    return f"{day}, from {words.clock(opens)} Pacific"
