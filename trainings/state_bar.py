"""The attendance file for the State Bar of California, in the columns staff chose."""

import csv
import io
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from hub import words
from hub.text import harmless
from trainings import agenda, plain
from trainings import credits as mcle
from trainings.models import Activity, Approval, BarNumber, Registration, ReportColumn

STATE = Approval.Jurisdiction.CA
COLUMN = ReportColumn.Field
USUAL = [
    COLUMN.BAR_NUMBER,
    COLUMN.LAST_NAME,
    COLUMN.FIRST_NAME,
    COLUMN.APPROVAL,
    COLUMN.HELD_ON,
    COLUMN.TOTAL,
    COLUMN.ETHICS,
    COLUMN.BIAS,
    COLUMN.IMPLICIT_BIAS,
    COLUMN.COMPETENCE,
]


@dataclass(frozen=True)
class File:
    """name, and data as UTF-8 with a mark spreadsheets know; rows: people in it.

    notes: sentences on what staff should look at before they send it.
    """

    name: str
    data: bytes
    rows: int
    notes: list[str]
    amended: bool


def attendance_file(activity: Activity) -> File:
    """Everybody with a California bar number who earned credit, one row each.

    After the activity was marked as uploaded the file is an amended one. Without an
    approval, or with an agenda that cannot be counted, there are notes and no rows.
    """
    amended = activity.uploaded_at is not None
    rows, notes = _rows(activity, amended)
    columns = [(one.field, str(one)) for one in ReportColumn.objects.all()] or [
        (one.value, str(one.label)) for one in USUAL
    ]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([harmless(heading) for _, heading in columns])
    for row in rows:
        writer.writerow([harmless(row[code]) for code, _ in columns])
    name = f"attendance-{activity.local_start:%Y-%m-%d}-{activity.pk}"
    return File(
        name=f"{name}-amended.csv" if amended else f"{name}.csv",
        data=out.getvalue().encode("utf-8-sig"),
        rows=len(rows),
        notes=notes,
        amended=amended,
    )


def _rows(activity: Activity, amended: bool) -> tuple[list[dict[str, str]], list[str]]:
    approval = next((one for one in activity.approvals.all() if one.jurisdiction == STATE), None)
    rule = plain.rule(activity, STATE)
    if rule is None:
        return [], ["No rule of credit is known for this day."]
    try:
        claim = plain.claim(activity, approval, rule)
    except agenda.BadAgenda as bad:
        return [], [str(bad)]
    if claim.credit is None or approval is None:
        return [], [claim.note]
    segments = plain.segments(activity)
    approved = plain.hours(approval, rule)
    rows: list[dict[str, str]] = []
    notes: list[str] = []
    seen: dict[str, str] = {}
    for person in _people(activity):
        times = plain.intervals(person.times_there)
        earned = mcle.credit(segments, times, rule, approved)
        if agenda.missing_end(times):
            notes.append(f"{person.name}: a time has no end, so it is not counted.")
        if not earned.total:
            continue
        number = next((one.number for one in person.numbers), "")
        if not number:
            if person.is_attorney:
                notes.append(f"{person.name}: no California bar number, so not in the file.")
            continue
        if number in seen:
            notes.append(f"{person.name} and {seen[number]} have the same bar number, {number}.")
        seen[number] = person.name
        rows.append(_row(activity, approval, person, number, earned, amended))
    return rows, notes


def _people(activity: Activity) -> Any:
    times = activity.attendance.order_by("starts_at")
    numbers = BarNumber.objects.filter(state=STATE)
    return (
        Registration.objects.filter(
            offering=activity.offering_id, state=Registration.State.CONFIRMED
        )
        .order_by("name", "pk")
        .prefetch_related(
            Prefetch("attendance", queryset=times, to_attr="times_there"),
            Prefetch("bar_numbers", queryset=numbers, to_attr="numbers"),
        )
    )


def _row(
    activity: Activity,
    approval: Approval,
    person: Registration,
    number: str,
    earned: mcle.Credit,
    amended: bool,
) -> dict[str, str]:
    first, _, last = person.name.rpartition(" ")
    hours = {code: mcle.hours(earned.part(code), earned.steps) for code in plain.CATEGORIES}
    return {
        COLUMN.BAR_NUMBER: number,
        COLUMN.NAME: person.name,
        COLUMN.FIRST_NAME: first,
        COLUMN.LAST_NAME: last,
        COLUMN.EMAIL: "" if person.email.endswith(Registration.REMOVED_AT) else person.email,
        COLUMN.ACTIVITY: activity.title,
        COLUMN.APPROVAL: approval.number,
        COLUMN.HELD_ON: f"{activity.local_start:%m/%d/%Y}",
        COLUMN.TOTAL: mcle.hours(earned.total, earned.steps),
        COLUMN.GENERAL: mcle.hours(earned.general, earned.steps),
        **hours,
        COLUMN.MINUTES: str(earned.minutes),
        COLUMN.FORMAT: "Online" if activity.offering.is_online else "In person",
        COLUMN.AMENDED: "Yes" if amended else "No",
    }


def due(activity: Activity) -> str:
    """April 1, 2027"""
    return words.month_day_year(agenda.upload_due(activity.ends_at))
