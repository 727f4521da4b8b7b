"""What credit a training gives, and in which words it may be said. Pure: plain values only.

Credit is counted in whole steps of a rule's hour: quarters for California ("6.00" is 24),
halves for New York ("7.0" is 14). No float ever holds minutes or credit.

California: Rules of the State Bar, 2.51(D) and 3.600(F), and the State Bar's answers to
providers. New York: 22 NYCRR 1500.4(b)(1), and the CLE Board's Regulations and
Guidelines 3(C)(1) on part attendance.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from hub import words
from trainings.agenda import Interval, Segment, months_later, present, throughout

# A category whose hours are part of another's, never beside them.
PARENT = {"implicit_bias": "bias", "detection": "competence"}

APPROVAL_MONTHS = 24

_LONGEST_BAR_NUMBER = {"CA": 6, "NY": 7}


class BadBarNumber(ValueError):
    """Not a bar number; str() is a sentence for the person who typed it."""


class BadSpeaking(ValueError):
    """Speaking time the agenda cannot hold; str() is a sentence for staff."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How one state counts credit, from valid_from to valid_until (both included).

    minutes: of instruction in a credit hour. steps: parts of an hour credit is given in.
    nearest: round to the nearest step, a half up; otherwise down.
    intro: introductory and concluding remarks count. part: so does part attendance.
    speaking: speaking time is multiplied by this; 0 where the hub does not count it.
    labels: code and name of each special category, in the order they are printed.
    """

    code: str
    name: str
    minutes: int
    steps: int
    nearest: bool
    intro: bool
    part: bool
    speaking: int = 0
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    valid_from: date
    valid_until: date | None = None

    def units(self, minutes: int) -> int:
        """Whole minutes to steps of credit, rounded this once."""
        rounding = self.minutes if self.nearest else 0
        return (2 * minutes * self.steps + rounding) // (2 * self.minutes)


RULES = (
    Rule(
        code="CA",
        name="California MCLE",
        minutes=60,
        steps=4,
        nearest=True,
        intro=True,
        part=True,
        speaking=4,
        labels={
            "ethics": "Legal Ethics",
            "bias": "Elimination of Bias",
            "implicit_bias": "Implicit Bias",
            "competence": "Competence",
            "detection": "Prevention and Detection Competence",
            "technology": "Technology in the Practice of Law",
            "civility": "Civility in the Legal Profession",
        },
        valid_from=date(2008, 1, 1),
    ),
    Rule(
        code="NY",
        name="New York CLE",
        minutes=50,
        steps=2,
        nearest=False,
        intro=False,
        part=False,
        labels={
            "ethics": "Ethics and Professionalism",
            "bias": "Diversity, Inclusion and Elimination of Bias",
            "skills": "Skills",
            "management": "Law Practice Management",
            "cybersecurity": "Cybersecurity, Privacy and Data Protection",
        },
        valid_from=date(2023, 1, 1),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Credit an authority approved, in the rule's steps.

    parts: by special category. None: the approval does not divide its hours. A category
    it divides them into and leaves out is approved for nothing.
    """

    total: int
    parts: Mapping[str, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Credit:
    """Credit in steps of 1/steps hour. general plus the parts without a parent is total.

    parts: each special category with credit; one with a PARENT is inside that one's.
    minutes: whole minutes it was counted from. scheduled: whole minutes there were.
    full: no whole minute of them was missed.
    """

    rule: str
    steps: int
    total: int
    general: int
    parts: tuple[tuple[str, int], ...]
    minutes: int
    scheduled: int
    full: bool

    def part(self, category: str) -> int:
        return dict(self.parts).get(category, 0)


def rule_for(code: str, day: date, rules: Iterable[Rule] = RULES) -> Rule | None:
    """The state's rule on the day of the activity; None: state minutes only."""
    for rule in rules:
        ended = rule.valid_until is not None and rule.valid_until < day
        if rule.code == code and rule.valid_from <= day and not ended:
            return rule
    return None


def credit(
    segments: Sequence[Segment],
    intervals: Iterable[Interval],
    rule: Rule,
    approved: Hours | None = None,
) -> Credit:
    """The credit of one activity for one person's attendance, never above `approved`.

    Seconds are summed over the activity, made whole minutes once and rounded once, so
    that segments of 52 minutes do not each lose 7. Raises BadAgenda.
    """
    heard, full = _heard(segments, intervals, rule)
    return _counted(segments, heard, rule, approved, full=full)


def scheduled(segments: Sequence[Segment], rule: Rule, approved: Hours | None = None) -> Credit:
    """The credit of somebody who never leaves: the most the agenda supports."""
    return credit(segments, throughout(segments), rule, approved)


def all_activities(activities: Sequence[Credit]) -> int:
    """Steps to claim for a whole training whose policy is to attend every activity in full.

    0 when one was missed in part; what was attended keeps its own activity's credit.
    """
    return sum(one.total for one in activities) if all(one.full for one in activities) else 0


@dataclass(frozen=True)
class Line:
    """One line of a certificate."""

    kind: Literal["speaking", "attendance"]
    credit: Credit


def speaker_lines(
    segments: Sequence[Segment],
    intervals: Iterable[Interval],
    spoken: Mapping[str, int],
    rule: Rule,
    approved: Hours | None = None,
) -> tuple[Line, ...]:
    """The lines of a speaker's certificate: speaking, then attendance; none of no credit.

    spoken: whole minutes this person spoke, by the segment's key; introducing others is
    not speaking. Speaking time counts rule.speaking times and is taken off the time of
    attendance (State Bar of California, answers to providers), and both count toward their
    segment's category. What is approved is approved for an hour's listening, so of speaking the cap
    is as many times as much. Raises BadAgenda, BadSpeaking.
    """
    lengths = {one.key: one for one in segments if one.kind != "break"}
    for key, minutes in spoken.items():
        if key not in lengths:
            raise BadSpeaking(f"Nobody can speak in “{key}”: the agenda has no such segment.")
        start, end = lengths[key].span
        if not 0 <= minutes * 60 <= end - start:
            raise BadSpeaking(
                f"“{lengths[key].name}” lasts {(end - start) // 60} minutes, "
                f"so nobody speaks {minutes} in it."
            )
    heard, full = _heard(segments, intervals, rule)
    for key in heard:
        heard[key] = max(0, heard[key] - 60 * spoken.get(key, 0))
    lines = [Line("attendance", _counted(segments, heard, rule, approved, full=full))]
    if rule.speaking:
        cap = approved and Hours(
            total=approved.total * rule.speaking,
            parts=approved.parts
            and {code: units * rule.speaking for code, units in approved.parts.items()},
        )
        talked = {key: 60 * minutes for key, minutes in spoken.items()}
        counted = _counted(segments, talked, rule, cap, full=full, times=rule.speaking)
        lines.insert(0, Line("speaking", counted))
    return tuple(line for line in lines if line.credit.total)


def _credited(segments: Iterable[Segment], rule: Rule) -> dict[str, int]:
    """The seconds of each segment that bears credit, by its key."""
    return {
        one.key: one.span[1] - one.span[0]
        for one in segments
        if one.kind == "instruction" or (one.kind == "intro" and rule.intro)
    }


def _heard(
    segments: Sequence[Segment], intervals: Iterable[Interval], rule: Rule
) -> tuple[dict[str, int], bool]:
    """Seconds of attendance the rule counts, by segment; and whether it was all of them."""
    there = present(segments, intervals)
    lengths = _credited(segments, rule)
    # A sheet signed at the door knows no seconds: under a minute is not an absence, or
    # joining a call seven seconds late would cost a New Yorker all credit.
    if sum(length - there[key] for key, length in lengths.items()) < 60:
        return lengths, True
    if not rule.part:
        return dict.fromkeys(lengths, 0), False
    return {key: there[key] for key in lengths}, False


def _counted(
    segments: Sequence[Segment],
    heard: Mapping[str, int],
    rule: Rule,
    approved: Hours | None,
    *,
    full: bool,
    times: int = 1,
) -> Credit:
    """The credit of these seconds by segment, each of them worth `times` as much."""
    lengths = _credited(segments, rule)
    of = dict.fromkeys(rule.labels, 0)
    for one in segments:
        for code in _lineage(one.category):
            if code in of and one.key in lengths:
                of[code] += heard.get(one.key, 0)
    of = {code: length // 60 * times for code, length in of.items()}
    minutes = sum(heard.get(key, 0) for key in lengths) // 60
    total = rule.units(minutes * times)
    parts = {code: rule.units(length) for code, length in of.items()}
    if approved is not None:
        total = min(total, approved.total)
        if approved.parts is not None:
            parts = {code: min(parts[code], approved.parts.get(code, 0)) for code in parts}
    tops = {code: units for code, units in parts.items() if PARENT.get(code) not in of}
    tops = _fitted(tops, of, total, rule)
    parts = {
        code: tops[code] if code in tops else min(units, tops[PARENT[code]])
        for code, units in parts.items()
    }
    return Credit(
        rule=rule.code,
        steps=rule.steps,
        total=total,
        general=total - sum(tops.values()),
        parts=tuple((code, units) for code, units in parts.items() if units),
        minutes=minutes,
        scheduled=sum(lengths.values()) // 60,
        full=full,
    )


def _fitted(
    parts: Mapping[str, int], minutes: Mapping[str, int], total: int, rule: Rule
) -> dict[str, int]:
    """The parts made to fit the total: of 8, 8 and 8 minutes not three quarters but two.

    The part that rounding favored most gives way first, of equals the one printed last.
    """
    kept = dict(parts)
    order = {code: place for place, code in enumerate(kept)}
    while sum(kept.values()) > total:
        most = max(
            (code for code, units in kept.items() if units),
            key=lambda code: (kept[code] * rule.minutes - minutes[code] * rule.steps, order[code]),
        )
        kept[most] -= 1
    return kept


def _lineage(category: str) -> tuple[str, ...]:
    parent = PARENT.get(category)
    return (category,) if parent is None else (category, parent)


# What may be claimed


Standing = Literal["approved", "pending", "none"]


@dataclass(frozen=True, kw_only=True)
class Approval:
    """An authority's answer about one activity. Raises ValueError when approved without hours.

    until: the last day on which the approved activity may be held.
    """

    state: Literal["approved", "pending", "denied"]
    hours: Hours | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.state == "approved" and self.hours is None:
            raise ValueError("an approval says how many hours are approved")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What page, flyer, mail, feed and certificate may say of an activity's credit.

    credit: None unless approved. words: "" where credit must not be mentioned at all.
    note: why so, a sentence for staff.
    """

    standing: Standing
    credit: Credit | None
    words: str
    note: str


def approved_until(granted: date) -> date:
    """The last of the two years an approval holds, when its letter names no other day."""
    return months_later(granted - timedelta(days=1), APPROVAL_MONTHS)


def claim(
    segments: Sequence[Segment], approval: Approval | None, rule: Rule, held_on: date
) -> Claim:
    """What may be claimed for an activity held on this day (of the venue's calendar).

    A number only against an approval, and never more than agenda and approval both hold.
    """
    silent = Claim(standing="none", credit=None, words="", note="")
    if approval is None:
        return _noted(silent, f"No approval for {rule.name} credit is recorded.")
    if approval.state == "denied":
        return _noted(silent, f"Approval for {rule.name} credit was denied.")
    if approval.state == "pending":
        said = f"{rule.name} credit is pending approval."
        return Claim(standing="pending", credit=None, words=said, note=said)
    if approval.until is not None and held_on > approval.until:
        ended = words.month_day_year(approval.until)
        return _noted(silent, f"Approval for {rule.name} credit expired after {ended}.")
    most = scheduled(segments, rule, approval.hours)
    return Claim(
        standing="approved",
        credit=most,
        words=f"{said_credit(most, rule)}.",
        note=f"Approved for {rule.name} credit.",
    )


def _noted(silent: Claim, note: str) -> Claim:
    return Claim(standing=silent.standing, credit=None, words="", note=note)


def refused(claimed: int, supported: Credit) -> str:
    """Why this many steps must not be claimed: a sentence, "" when they may."""
    if claimed <= supported.total:
        return ""
    return (
        f"{hours(claimed, supported.steps)} hours cannot be claimed: agenda and approval "
        f"support {hours(supported.total, supported.steps)}."
    )


Document = Literal["certificate", "letter", "held", "none"]


def document(
    standing: Standing, earned: Credit, rule: Rule, *, attorney: bool, bar_number: str
) -> tuple[Document, str]:
    """What somebody is given after an activity, and the sentence that goes with it.

    "letter" states attendance in minutes and mentions no credit. "held" becomes a
    certificate when its reason is gone. A pledge has no say in it.
    """
    if not earned.minutes:
        return "none", "No attendance is recorded."
    if not attorney or standing == "none" or (standing == "approved" and not earned.total):
        return "letter", statement(earned.minutes, earned.scheduled)
    if standing == "pending":
        return "held", f"{rule.name} credit is pending approval. Certificates follow once granted."
    if not bar_number:
        return "held", "Add your bar number to receive your certificate."
    return "certificate", f"{said_credit(earned, rule)}."


# Words


def hours(units: int, steps: int) -> str:
    """24 quarters: "6.00"; 14 halves: "7.0"."""
    whole, rest = divmod(units, steps)
    digits = {1: 0, 2: 1, 4: 2}[steps]
    return f"{whole}.{rest * 10**digits // steps:0{digits}}" if digits else str(whole)


def said_credit(earned: Credit, rule: Rule) -> str:
    """6.00 hours of California MCLE credit, including 1.00 hour of Legal Ethics"""
    text = f"{_hours(earned.total, rule.steps)} of {rule.name} credit"
    parts = [f"{_hours(units, rule.steps)} of {rule.labels[code]}" for code, units in earned.parts]
    return f"{text}, including {words.listed(parts)}" if parts else text


def breakdown(earned: Credit, rule: Rule) -> list[tuple[str, str]]:
    """(category, hours) for the table of a certificate: general first, if any, then the parts."""
    rows = [("General", hours(earned.general, rule.steps))] if earned.general else []
    for code, units in earned.parts:
        inside, name = PARENT.get(code, ""), rule.labels[code]
        if inside in rule.labels:
            name = f"{name} (within {rule.labels[inside]})"
        rows.append((name, hours(units, rule.steps)))
    return rows


def statement(minutes: int, of: int) -> str:
    """Attended 52 of 60 minutes of instruction. (for states without a rule here, and letters)"""
    return f"Attended {minutes} of {of} minutes of instruction."


def _hours(units: int, steps: int) -> str:
    return f"{hours(units, steps)} {'hour' if units <= steps else 'hours'}"


# Bar numbers


def bar_number(typed: str, state: str = "CA") -> str:
    """The number as it is kept and compared: digits without leading zeros; "" stays "".

    Raises BadBarNumber for anything but digits, spaces, hyphens and a leading #.
    """
    text = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).removeprefix("#")
    if not text:
        return ""
    if not re.fullmatch(r"[0-9]+", text):
        raise BadBarNumber("Type the bar number in digits only, such as 123456.")
    digits = text.lstrip("0")
    longest = _LONGEST_BAR_NUMBER.get(state, 10)
    if not digits:
        raise BadBarNumber("A bar number is not zero.")
    if len(digits) > longest:
        raise BadBarNumber(f"This bar number is too long: it has at most {longest} digits.")
    return digits


def masked(number: str) -> str:
    """•••• 56, for a page anybody can see; a number of under five digits is hidden whole.

    Always four dots, so that the length is not told either.
    """
    return f"•••• {number[-2:]}" if len(number) > 4 else "••••"
