"""What a closure moves, said to whoever enters it before it is saved."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from hub import words
from ta_requests import desk_words, queries, turnaround
from ta_requests.models import Cycle
from ta_requests.services import clock


def preview(days: Mapping[date, time | None], user: Any) -> list[str]:
    """Sentences; which requests are meant only TA staff are told, others how many."""
    said = [line for day, closes in days.items() for line in _of_day(day, closes)]
    moved = clock.moved_by(days)
    if not moved:
        return [*said, "No promise of an answer that is open now moves."]
    if queries.is_ta_staff(user):
        now = timezone.now()
        return [*said, *(_moves(cycle, due_at, now) for cycle, due_at in moved)]
    number = "One open promise" if len(moved) == 1 else f"{len(moved)} open promises"
    return [*said, f"{number} of an answer will be due later."]


def _of_day(day: date, closes: time | None) -> list[str]:
    policy = clock.policy_at(timezone.now())
    said = [f"{words.day(day)} has passed."] if day < timezone.localdate() else []
    if day.weekday() >= 5:
        return [*said, f"It is a {words.weekday(day)}, when the office is closed anyway."]
    if closes is not None and turnaround.closing(day, policy, {day: closes}) == policy.closes:
        return [*said, "The office closes no earlier than on other days: nothing changes."]
    return said


def _moves(cycle: Cycle, due_at: datetime | None, now: datetime) -> str:
    before, after = (
        desk_words.moment_short(at, now) if at else "stopped" for at in (cycle.due_at, due_at)
    )
    return f"{cycle.request.reference}: from {before} to {after}"
