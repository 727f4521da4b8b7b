"""Rows as the plain values that agenda.py and credits.py reckon with."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from hub import words
from trainings import agenda
from trainings import credits as mcle
from trainings.models import Activity, Approval, Attendance, Segment

CATEGORIES = ("ethics", "bias", "implicit_bias", "competence")


class NoSuchTime(ValueError):
    """A wall clock time that its day does not have; str() is a sentence for staff."""


def instant(day: date, clock: time, zone: str) -> datetime:
    """The moment (UTC) at which the clock of a zone shows this.

    The first of two where clocks go back. Raises NoSuchTime where they go forward over it.
    """
    local = datetime.combine(day, clock, tzinfo=ZoneInfo(zone))
    moment = local.astimezone(UTC)
    if moment.astimezone(local.tzinfo).time() != clock:
        raise NoSuchTime(
            f"{words.clock(local)} does not exist on {words.month_day_year(day)}: "
            "clocks go forward over it."
        )
    return moment


def segment(row: Segment) -> agenda.Segment:
    """Raises agenda.BadAgenda for a line that ends before it starts."""
    return agenda.Segment(
        key=str(row.pk or id(row)),
        start=row.starts_at,
        end=row.ends_at,
        kind=row.kind,  # type: ignore[arg-type]
        category=row.category,
        title=row.title,
    )


def segments(activity: Activity) -> list[agenda.Segment]:
    return [segment(row) for row in activity.segments.all()]


def intervals(rows: Iterable[Attendance]) -> list[agenda.Interval]:
    return [agenda.Interval(row.starts_at, row.ends_at) for row in rows]


def rule(activity: Activity, jurisdiction: str) -> mcle.Rule | None:
    return mcle.rule_for(jurisdiction, activity.local_start.date())


def hours(row: Approval, of: mcle.Rule) -> mcle.Hours:
    """Approved hours in the rule's own steps; rows keep quarters of an hour."""
    parts = {code: _steps(getattr(row, code), of) for code in CATEGORIES if code in of.labels}
    return mcle.Hours(total=_steps(row.total, of), parts=parts)


def approval(row: Approval, of: mcle.Rule) -> mcle.Approval:
    until = row.expires_on
    if until is None and row.decided_on is not None:
        until = mcle.approved_until(row.decided_on)
    return mcle.Approval(
        state=row.status,  # type: ignore[arg-type]
        hours=hours(row, of),
        until=until,
    )


def claim(activity: Activity, row: Approval | None, of: mcle.Rule) -> mcle.Claim:
    """What may be said of an activity's credit under a rule."""
    held_on = activity.local_start.date()
    return mcle.claim(segments(activity), approval(row, of) if row else None, of, held_on)


def fingerprint(of: Iterable[agenda.Segment]) -> str:
    """Of what an approval is an approval of: content and minutes in each category.

    Moving a lunch leaves it as it is; other minutes, another category or topic does not.
    """
    lines = sorted(
        f"{one.kind}|{one.category}|{one.title}|{one.span[1] - one.span[0]}"
        for one in of
        if one.kind != "break"
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _steps(quarters: int, of: mcle.Rule) -> int:
    return quarters * of.steps // 4
