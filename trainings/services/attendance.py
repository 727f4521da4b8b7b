"""Who was there: ticked by staff, from Zoom's file, by spoken codes, or entered by hand.

Attendance is a set of intervals from several sources; agenda.py unites them. No verb here
touches what another source said.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import BinaryIO
from zoneinfo import ZoneInfo

from django.db import transaction

from hub import words, zoom
from hub.models import User
from hub.refusal import Refused
from hub.text import single_line
from trainings import agenda
from trainings.models import Activity, Attendance, CodeTry, Registration, Segment

SOURCE = Attendance.Source
OUTCOME = CodeTry.Outcome
# A code spoken as a session ends can still be typed for so long.
GRACE = timedelta(minutes=10)


def spoken(text: str) -> str:
    """A code as it is kept and compared: capital letters and digits only."""
    return "".join(char for char in single_line(text).upper() if char.isalnum())


@transaction.atomic
def tick(
    activity: Activity,
    registration_ids: Iterable[int],
    by: User,
    *,
    was: Iterable[int] | None = None,
) -> tuple[int, int]:
    """Make the ticks of a day these; returns how many were added and taken away.

    `was`: who was ticked on the page as it was shown, so that of two people with the list
    in hand neither undoes the other's ticks. A tick stands for the whole activity.
    Raises Refused, naming them, for people without a confirmed place.
    """
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    ticks = Attendance.objects.filter(activity=activity, source=SOURCE.TICK)
    there = set(ticks.values_list("registration_id", flat=True))
    wanted = set(registration_ids)
    before = there if was is None else set(was)
    add, remove = wanted - before - there, (before - wanted) & there
    _only_confirmed(activity, add)
    Attendance.objects.bulk_create(
        Attendance(
            registration_id=pk,
            activity=activity,
            starts_at=activity.starts_at,
            ends_at=activity.ends_at,
            source=SOURCE.TICK,
            by=by,
        )
        for pk in sorted(add)
    )
    ticks.filter(registration_id__in=remove).delete()
    return len(add), len(remove)


def _only_confirmed(activity: Activity, ids: set[int]) -> None:
    confirmed = Registration.objects.filter(
        pk__in=ids, offering=activity.offering_id, state=Registration.State.CONFIRMED
    )
    if others := ids - set(confirmed.values_list("pk", flat=True)):
        names = Registration.objects.filter(pk__in=others).values_list("name", flat=True)
        said = words.listed(sorted(names)) or "Somebody"
        raise Refused(f"{said}: not confirmed for this training, so not ticked. Reload the list.")


@transaction.atomic
def add_interval(
    registration: Registration,
    activity: Activity,
    start: datetime,
    end: datetime,
    reason: str,
    by: User,
) -> Attendance:
    """Staff enter a time of attendance, saying why. Raises Refused with a sentence."""
    if registration.offering_id != activity.offering_id:
        raise Refused(f"{registration.name} is registered for another training.")
    if registration.state != Registration.State.CONFIRMED:
        raise Refused(f"{registration.name} has no confirmed place in this training.")
    _check_times(activity, start, end, reason)
    row, is_new = Attendance.objects.get_or_create(
        registration=registration,
        activity=activity,
        starts_at=start,
        source=SOURCE.STAFF,
        defaults={"ends_at": end, "reason": reason, "by": by},
    )
    if not is_new and row.ends_at != end:
        raise Refused("A time that begins then is entered already: change its end instead.")
    return row


@transaction.atomic
def set_end(attendance_id: int, end: datetime, reason: str, by: User) -> Attendance:
    """Staff set when somebody left, saying why; without it the time gives no credit."""
    row = (
        Attendance.objects.select_for_update(of=["self"])
        .select_related("activity")
        .get(pk=attendance_id)
    )
    _check_times(row.activity, row.starts_at, end, reason)
    row.ends_at, row.reason, row.by = end, reason, by
    row.save(update_fields=["ends_at", "reason", "by"])
    return row


def _check_times(activity: Activity, start: datetime, end: datetime, reason: str) -> None:
    if not reason.strip():
        raise Refused("Say why this time is entered by hand.")
    if agenda.seconds(end) <= agenda.seconds(start):
        raise Refused("The time of leaving is not after the time of joining.")
    if end <= activity.starts_at or start >= activity.ends_at:
        raise Refused("That is outside the hours of this day.")


# Zoom


@dataclass(frozen=True)
class Problem:
    """A row of the file that is not in; `start` and `end` are instants where known."""

    row: int
    name: str
    email: str
    sentence: str
    start: datetime | None = None
    end: datetime | None = None


@dataclass
class Report:
    """What became of a file: rows by what was done, and what staff must look at."""

    added: int = 0
    changed: int = 0
    known: int = 0
    waiting: int = 0
    people: int = 0
    no_end: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def import_zoom(activity: Activity, file: BinaryIO, by: User) -> Report:
    """Take in Zoom's participants file; the same file twice changes nothing.

    Rows are matched by email, then by a full name that only one person has. Rows that fit
    nobody come back as problems and the others are in. Raises zoom.BadFile.
    """
    size = getattr(file, "size", None)
    if size is not None and size > zoom.MOST_BYTES:
        raise zoom.BadFile("The file is larger than 5 MB. A participants file never is.")
    return _take_in(activity, zoom.read(file.read(zoom.MOST_BYTES + 1)), by)


@transaction.atomic
def _take_in(activity: Activity, rows: list[zoom.Row], by: User) -> Report:
    # Two imports at once take their turn.
    Activity.objects.select_for_update().get(pk=activity.pk)
    zone = activity.offering.zone
    people = _People(activity)
    report = Report()
    stays: dict[tuple[int, datetime], datetime | None] = {}
    names: dict[int, str] = {}
    for row in rows:
        if row.waiting:
            report.waiting += 1
            continue
        start, end, wrong = _instants(row, zone)
        if start and not wrong and _outside(activity, start, end):
            wrong = f"This is not within {words.day(activity.local_start)} and its hours."
        person = people.find(row)
        if person is None and not wrong:
            wrong = people.why_not(row)
        if wrong or start is None or person is None:
            report.problems.append(Problem(row.number, row.name, row.email, wrong, start, end))
            continue
        key = person.pk, start
        # Two devices joined in the same second: the longer stay holds the other.
        stays[key] = max(filter(None, [stays.get(key), end]), default=None)
        names[person.pk] = person.name
    _save(activity, stays, report, by)
    report.people = len(names)
    report.no_end = sorted({names[pk] for (pk, _), end in stays.items() if end is None})
    return report


def _save(
    activity: Activity,
    stays: dict[tuple[int, datetime], datetime | None],
    report: Report,
    by: User,
) -> None:
    rows = Attendance.objects.filter(activity=activity, source=SOURCE.ZOOM)
    known = {(row.registration_id, row.starts_at): row for row in rows}
    new, changed = [], []
    for (pk, start), end in stays.items():
        row = known.get((pk, start))
        if row is None:
            new.append(
                Attendance(
                    registration_id=pk,
                    activity=activity,
                    starts_at=start,
                    ends_at=end,
                    source=SOURCE.ZOOM,
                    by=by,
                )
            )
        elif row.ends_at == end or row.reason:
            # With a reason staff set its end by hand, and that stays.
            report.known += 1
        else:
            row.ends_at = end
            changed.append(row)
    Attendance.objects.bulk_create(new)
    Attendance.objects.bulk_update(changed, ["ends_at"])
    report.added, report.changed = len(new), len(changed)


class _People:
    """The confirmed people of an activity's offering, to be found by what Zoom knows."""

    def __init__(self, activity: Activity) -> None:
        rows = list(
            Registration.objects.filter(
                offering=activity.offering_id, state=Registration.State.CONFIRMED
            ).select_related("user")
        )
        self.by_email = {row.email: row for row in rows}
        for row in rows:
            if row.user:
                self.by_email.setdefault(row.user.email, row)
        self.by_name: dict[str, list[Registration]] = {}
        for row in rows:
            self.by_name.setdefault(_name(row.name), []).append(row)

    def find(self, row: zoom.Row) -> Registration | None:
        if row.email in self.by_email:
            return self.by_email[row.email]
        found = {one.pk: one for name in _names(row.name) for one in self.by_name.get(name, [])}
        return next(iter(found.values())) if len(found) == 1 else None

    def why_not(self, row: zoom.Row) -> str:
        if any(len(self.by_name.get(name, [])) > 1 for name in _names(row.name)):
            return "Several people are registered by this name. Put the email in the file."
        if row.email or row.name:
            return "Nobody with this email or name has a confirmed place."
        return "The row has neither a name nor an email."


def _name(text: str) -> str:
    return single_line(text).casefold()


def _names(text: str) -> list[str]:
    """Bob S. (Robert Stone): as a whole, without, and only what is in parentheses."""
    outside, _, inside = text.partition("(")
    said = [_name(text), _name(outside), _name(inside.rstrip(") "))]
    return [name for name in dict.fromkeys(said) if name]


def _instants(row: zoom.Row, zone: str) -> tuple[datetime | None, datetime | None, str]:
    """Start and end (UTC) of a stay and what is wrong with it.

    Of the hour that clocks go back over, the file's own duration tells which was meant.
    """
    if row.wrong or row.join is None:
        return None, None, row.wrong
    starts, ends = _meant(row.join, zone), _meant(row.leave, zone) if row.leave else [None]
    if not starts or not ends:
        return None, None, "Clocks go forward over this time: it does not exist."
    pairs = [(a, b) for a, b in product(starts, ends) if b is None or b >= a]
    if not pairs:
        return starts[0], None, "The time of leaving is before the time of joining."
    if row.minutes is not None:
        pairs.sort(key=lambda pair: abs(_minutes(*pair) - (row.minutes or 0)))
    start, end = pairs[0]
    # Somebody who leaves in the second of joining was not there, but is no mistake either.
    if end == start:
        return start, None, "Joined and left in the same second."
    return start, end, ""


def _minutes(start: datetime, end: datetime | None) -> float:
    return (end - start).total_seconds() / 60 if end else 0


def _meant(local: datetime, zone: str) -> list[datetime]:
    """The instants (UTC) at which a clock of the zone shows this: one, two, or none."""
    found = []
    for fold in (0, 1):
        moment = local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
        if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local:
            found.append(moment)
    return list(dict.fromkeys(found))


def _outside(activity: Activity, start: datetime, end: datetime | None) -> bool:
    return start >= activity.ends_at or (end or start) < activity.starts_at - timedelta(hours=12)


# Spoken codes


@dataclass(frozen=True)
class Answer:
    """What became of a typed code, and the session it belongs to where it may be told."""

    result: agenda.CodeResult
    segment: Segment | None = None


@transaction.atomic
def enter_code(registration: Registration, text: str, now: datetime) -> Answer:
    """Somebody typed a code: within its window the whole session counts as attended.

    Raises Refused where there is nothing to type. A right code counts once however often
    it is typed; a late one waits for staff (see accept_code).
    """
    registration = Registration.objects.select_for_update().get(pk=registration.pk)
    if registration.state != Registration.State.CONFIRMED:
        raise Refused("Your place in this training is not confirmed.")
    coded = list(
        Segment.objects.filter(activity__offering=registration.offering_id)
        .exclude(code="")
        .exclude(kind=Segment.Kind.BREAK)
        .select_related("activity")
    )
    if not coded:
        raise Refused("This training has no codes to type.")
    typed = spoken(text)
    meant = next((one for one in coded if one.code == typed), None)
    opens = _opens(coded, meant, now)
    tries = CodeTry.objects.filter(registration=registration)
    result = agenda.code_result(
        right=meant is not None,
        now=now,
        opens=opens,
        closes=meant.ends_at + GRACE if meant else now,
        wrong=tries.filter(outcome=OUTCOME.WRONG).values_list("at", flat=True),
    )
    if meant and result in {"accepted", "queued"} and now < meant.starts_at:
        result = "early"
    activity = meant.activity if meant else coded[0].activity
    if result == "locked":
        return Answer(result)
    if result == "early":
        CodeTry.objects.create(
            registration=registration, activity=activity, at=now, outcome=OUTCOME.EARLY
        )
        return Answer(result)
    if meant is None:
        CodeTry.objects.create(
            registration=registration, activity=activity, at=now, outcome=OUTCOME.WRONG
        )
        return Answer(result)
    if tries.filter(segment=meant, outcome=OUTCOME.RIGHT).exists():
        return Answer("accepted", meant)
    outcome = OUTCOME.RIGHT if result == "accepted" else OUTCOME.LATE
    if not tries.filter(segment=meant, outcome=outcome).exists():
        CodeTry.objects.create(
            registration=registration, activity=activity, at=now, outcome=outcome, segment=meant
        )
    if result == "accepted":
        _attended(registration, meant)
    return Answer(result, meant)


def _opens(coded: list[Segment], meant: Segment | None, now: datetime) -> datetime:
    """When the first session with a code began, on the day this try belongs to."""
    if meant:
        day = meant.activity
    else:
        activities = sorted({one.activity for one in coded}, key=lambda one: one.starts_at)
        begun = [one for one in activities if one.starts_at <= now]
        day = begun[-1] if begun else activities[0]
    return min(one.starts_at for one in coded if one.activity_id == day.pk)


def _attended(
    registration: Registration, segment: Segment, reason: str = "", by: User | None = None
) -> None:
    Attendance.objects.get_or_create(
        registration=registration,
        activity=segment.activity,
        starts_at=segment.starts_at,
        source=SOURCE.CODE,
        defaults={"ends_at": segment.ends_at, "segment": segment, "reason": reason, "by": by},
    )


@transaction.atomic
def accept_code(try_id: int, by: User, now: datetime) -> CodeTry:
    """Staff let a right code count that was typed after its window."""
    row = _late(try_id)
    if row.decided_at is None and row.segment:
        _attended(row.registration, row.segment, "Code typed late, accepted by staff.", by)
        row.decided_at = now
        row.save(update_fields=["decided_at"])
    return row


@transaction.atomic
def decline_code(try_id: int, now: datetime) -> CodeTry:
    """Staff leave a late code uncounted."""
    row = _late(try_id)
    if row.decided_at is None:
        row.decided_at = now
        row.save(update_fields=["decided_at"])
    return row


def _late(try_id: int) -> CodeTry:
    row = (
        CodeTry.objects.select_for_update(of=["self"])
        .select_related("registration", "segment__activity")
        .get(pk=try_id)
    )
    if row.outcome != OUTCOME.LATE:
        raise Refused("Only a code typed after its window is decided by staff.")
    return row
