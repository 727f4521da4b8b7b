"""Rows as what a certificate says: who gets which paper for a day, and its values.

Decides nothing by itself: `credits.document` does, here it is asked for each jurisdiction.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone

from hub import words
from hub.models import Organization
from hub.text import single_line
from trainings import agenda, plain
from trainings import certificates as papers
from trainings import credits as mcle
from trainings.models import Activity, Approval, Attendance, Certificate, Registration

PROVIDER = "Coalition to Abolish Slavery & Trafficking"
CONTACT = ("Los Angeles, California", "(888) 507-0193")
BARS = {"CA": "State Bar of California", "NY": "New York"}
PROGRAMS: dict[tuple[str, ...], str] = {
    ("CA",): "California Minimum Continuing Legal Education (MCLE)",
    ("NY",): "New York Continuing Legal Education (CLE)",
}
LONGEST_CODE = 40

# "number" waits for a bar number, "pending" for the approval.
What = Literal["certificate", "letter", "pending", "number", "none"]
# What somebody can do something about comes first.
_WAITS: tuple[What, ...] = ("number", "pending")


@dataclass(frozen=True)
class Day:
    """An activity with what is approved for it: read once for all its people."""

    activity: Activity
    segments: Sequence[agenda.Segment]
    base: mcle.Rule
    claims: Sequence[tuple[Approval, mcle.Rule, mcle.Claim]]


@dataclass(frozen=True)
class Verdict:
    """What somebody is given for a day. lines: of a certificate, one a jurisdiction.

    minutes, scheduled: whole minutes of instruction, introductions included.
    """

    what: What
    sentence: str
    minutes: int
    scheduled: int
    lines: tuple[tuple[Approval, mcle.Rule, mcle.Credit], ...] = ()


def read(activity: Activity) -> Day:
    """Raises agenda.BadAgenda when its agenda cannot be counted."""
    segments = plain.segments(activity)
    if not segments:
        raise agenda.BadAgenda("This day has no agenda, so nothing can be counted.")
    if found := agenda.problems(segments):
        raise agenda.BadAgenda(found[0])
    base = plain.rule(activity, "CA")
    if base is None:
        raise agenda.BadAgenda("No rule of credit is known for this day.")
    claims = []
    for approval in sorted(activity.approvals.all(), key=lambda each: each.jurisdiction):
        rule = plain.rule(activity, approval.jurisdiction)
        if rule is not None:
            claims.append((approval, rule, plain.claim(activity, approval, rule)))
    return Day(activity, segments, base, claims)


def people(activity: Activity) -> QuerySet[Registration]:
    """Everybody confirmed, with what `verdict` reads of them."""
    in_force = Certificate.objects.filter(activity=activity, replaced_by=None)
    return (
        Registration.objects.filter(
            offering=activity.offering_id, state=Registration.State.CONFIRMED
        )
        # Whose four years are over has no paper made any more.
        .exclude(email__startswith=Registration.REMOVED, email__endswith=Registration.REMOVED_AT)
        .order_by("name", "pk")
        .prefetch_related(
            "bar_numbers",
            Prefetch(
                "attendance",
                queryset=Attendance.objects.filter(activity=activity),
                to_attr="times_there",
            ),
            Prefetch("certificates", queryset=in_force, to_attr="in_force"),
        )
    )


def is_counted(person: Registration) -> bool:
    """Whether somebody is among `people`."""
    is_removed = person.email == f"{Registration.REMOVED}{person.pk}{Registration.REMOVED_AT}"
    return person.state == Registration.State.CONFIRMED and not is_removed


def verdict(day: Day, person: Any) -> Verdict:
    """What one of `people` is given for the day.

    An attorney is certified for each state they gave a number of; with numbers of other
    states only, they get a letter that states the minutes.
    """
    times = plain.intervals(person.times_there)
    there = mcle.credit(day.segments, times, day.base)
    numbers = {one.state: one.number for one in person.bar_numbers.all()}
    lines, waits = [], {}
    for approval, rule, claim in day.claims if person.is_attorney else ():
        number = numbers.get(approval.jurisdiction, "")
        if numbers and not number:
            continue
        is_approved = claim.standing == "approved"
        approved = plain.hours(approval, rule) if is_approved else None
        earned = mcle.credit(day.segments, times, rule, approved)
        paper, sentence = mcle.document(
            claim.standing, earned, rule, attorney=True, bar_number=number
        )
        if paper == "certificate":
            lines.append((approval, rule, earned))
        elif paper == "held":
            waits["number" if is_approved else "pending"] = sentence
    if lines:
        said = " ".join(f"{mcle.said_credit(earned, rule)}." for _, rule, earned in lines)
        return Verdict("certificate", said, there.minutes, there.scheduled, tuple(lines))
    what: What
    for what in _WAITS:
        if what in waits:
            return Verdict(what, waits[what], there.minutes, there.scheduled)
    paper, sentence = mcle.document("none", there, day.base, attorney=False, bar_number="")
    what = "letter" if paper == "letter" else "none"
    return Verdict(what, sentence, there.minutes, there.scheduled)


# The values of a paper


def values(
    day: Day, person: Registration, found: Verdict, *, code: str, revision: int, issued: date
) -> papers.CertificateData | papers.LetterData:
    """Of a verdict that is a certificate or a letter."""
    activity = day.activity
    organization = Organization.objects.first()
    common: dict[str, Any] = {
        "attendee": person.name,
        "provider_name": organization.name if organization else PROVIDER,
        "provider_contact": CONTACT,
        "number": f"{activity.pk:04}-{person.pk:06}",
        "issued": issued,
        "revision": revision,
        "code": dashed(code),
        "verify_url": f"{settings.BASE_URL}{reverse('certificate', args=[dashed(code)])}",
        "signer": settings.CERTIFICATE_SIGNER,
        "signer_role": settings.CERTIFICATE_SIGNER_ROLE,
    }
    when, place = words.day(activity.local_start), activity.offering.place
    if found.what == "letter":
        attended = mcle.statement(found.minutes, found.scheduled)
        session = papers.Session(
            title=_without_credit(title(activity)),
            when=when,
            place=place,
            attended=attended.removeprefix("Attended ").rstrip("."),
        )
        return papers.LetterData(**common, organization=person.organization, sessions=(session,))
    several = len(found.lines) > 1
    numbers = {one.state: one.number for one in person.bar_numbers.all()}
    credit = tuple(
        papers.CreditLine(
            label=f"Attendance, {rule.name}" if several else "Attendance",
            total=mcle.hours(earned.total, earned.steps),
            parts=tuple(mcle.breakdown(earned, rule)),
        )
        for _, rule, earned in found.lines
    )
    states = tuple(rule.code for _, rule, _ in found.lines)
    return papers.CertificateData(
        **common,
        program=PROGRAMS.get(states, "Continuing Legal Education, California and New York"),
        provider_number=settings.MCLE_PROVIDER_NUMBER or found.lines[0][0].number,
        bar_numbers=tuple(
            papers.BarNumber(state=BARS[state], number=numbers[state]) for state in states
        ),
        activities=(papers.Activity(title=title(activity), when=when, place=place, credit=credit),),
        total="" if several else credit[0].total,
    )


def title(activity: Activity) -> str:
    """Pro Bono Attorney Training: Day 1"""
    course = activity.offering.course.title
    return course if activity.title in {"", course} else f"{course}: {activity.title}"


def _without_credit(text: str) -> str:
    """A letter has no word of credit, also where a title names it."""
    left = re.sub(r"\s*\(?\b(?:\d+[ -])?M?CLE\b(?: credits?)?\)?", "", text, flags=re.IGNORECASE)
    return " ".join(left.split()).strip(" ,:–-") or "Training"


def stored(data: papers.CertificateData | papers.LetterData) -> dict[str, Any]:
    """As JSON keeps it."""
    return asdict(data) | {"issued": data.issued.isoformat()}


def restored(row: Certificate) -> papers.CertificateData | papers.LetterData:
    """What a row was made from. Raises KeyError, TypeError or ValueError where it is none."""
    kept: dict[str, Any] = dict(row.data)
    kept["issued"] = date.fromisoformat(kept["issued"])
    kept["provider_contact"] = tuple(kept["provider_contact"])
    if row.kind == Certificate.Kind.LETTER:
        kept["sessions"] = tuple(papers.Session(**one) for one in kept["sessions"])
        return papers.LetterData(**kept)
    kept["bar_numbers"] = tuple(papers.BarNumber(**one) for one in kept["bar_numbers"])
    kept["activities"] = tuple(_activity(one) for one in kept["activities"])
    return papers.CertificateData(**kept)


def _activity(kept: dict[str, Any]) -> papers.Activity:
    lines = tuple(
        papers.CreditLine(
            label=one["label"],
            total=one["total"],
            parts=tuple((name, hours) for name, hours in one["parts"]),
        )
        for one in kept["credit"]
    )
    return papers.Activity(**kept | {"credit": lines})


def differs(row: Certificate, data: papers.CertificateData | papers.LetterData) -> bool:
    """Would it name somebody else, another number or another credit than it does?

    A title corrected later is no reason for a new paper.
    """
    now = "letter" if isinstance(data, papers.LetterData) else "mcle"
    return row.kind != now or _facts(row.data) != _facts(stored(data))


def _facts(kept: dict[str, Any]) -> str:
    days = [(one["when"], one["credit"]) for one in kept.get("activities", ())]
    sessions = [(one["when"], one["attended"]) for one in kept.get("sessions", ())]
    return repr(
        _lists(
            [
                kept.get("attendee"),
                kept.get("organization"),
                kept.get("bar_numbers"),
                days,
                sessions,
            ]
        )
    )


def _lists(value: Any) -> Any:
    """Tuples are lists once they were JSON."""
    if isinstance(value, list | tuple):
        return [_lists(one) for one in value]
    if isinstance(value, dict):
        return {name: _lists(value[name]) for name in sorted(value)}
    return value


# Codes


def dashed(code: str) -> str:
    """7KQ4-M2XD-9TBR"""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def typed(text: str) -> str:
    """A code as it is kept, however it was typed: "" when nothing of one is there."""
    plain_text = unicodedata.normalize("NFKC", single_line(text)).upper()
    kept = "".join(char for char in plain_text if char.isascii() and char.isalnum())
    return kept[:LONGEST_CODE]


def today() -> date:
    """The day of issue, Pacific."""
    return timezone.localdate()


def said_credits(kept: dict[str, Any]) -> list[str]:
    """6.00 hours; of two states each with its label. None in a letter."""
    lines = [line for one in kept.get("activities", ()) for line in one["credit"]]
    if len(lines) == 1:
        return [f"{lines[0]['total']} hours"]
    return [f"{line['label']}: {line['total']} hours" for line in lines]
