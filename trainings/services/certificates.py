"""Certificates of credit and letters of attendance: issued, replaced, revoked, made again.

Each person's paper is a transaction of its own under the lock of their registration: two
clicks at once make one, and a run that was cut short is completed by the next.
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection, transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from hub import outbox
from hub.models import Mail, User
from hub.refusal import Refused
from trainings import agenda, certifying
from trainings import certificates as papers
from trainings.certifying import Day, Verdict
from trainings.models import Activity, Attendance, Certificate, Pledge, Registration
from trainings.models.people import new_code
from trainings.services import pledges

log = logging.getLogger(__name__)
HELD = "trainings.certificate_held"


@dataclass
class Report:
    """Names of people by what they are given.

    issued, letters: new papers. renewed: a paper that said something else is replaced.
    already: nothing to do. held: attorneys without a bar number. no_end: a time without an
    end is not counted yet. doubtful: their paper says more than is supported now.
    unsupported: their paper has a letter that no font has.
    """

    issued: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    no_end: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)

    @property
    def new(self) -> int:
        """How many papers are made."""
        return len(self.issued) + len(self.letters) + len(self.renewed)

    def add(self, name: str, found: Verdict, did: str) -> None:
        """did: "new", "renewed", "already", "doubtful", or "" for no paper."""
        if did == "new":
            (self.issued if found.what == "certificate" else self.letters).append(name)
        elif did:
            getattr(self, did).append(name)
        elif found.what in {"pending", "number"}:
            (self.pending if found.what == "pending" else self.held).append(name)
        else:
            self.absent.append(name)


def preview(activity: Activity) -> Report:
    """What `issue` would do now. Raises Refused like it."""
    day = _held(activity)
    report = Report()
    for person in certifying.people(activity):
        found, did, _ = _plan(day, person)
        report.add(person.name, found, did)
        _note_open(report, person)
    return report


def issue(activity: Activity, by: User) -> Report:
    """Give everybody confirmed what they earned on this day, and mail it; once, however often.

    Who has a paper that says something else than is true now gets a new revision. When the
    whole training is over its pledges are settled. Raises Refused before the day has ended
    and with an agenda that cannot be counted.
    """
    day = _held(activity)
    report = Report()
    for pk, name in list(certifying.people(activity).values_list("pk", "name")):
        with transaction.atomic():
            person = _locked(pk, activity)
            if person is None:
                continue
            found, did, unsupported = _give(day, person)
        report.add(name, found, did)
        _note_open(report, person)
        if unsupported:
            report.unsupported.append(name)
    _settle_pledges(activity)
    _note(by, activity, f"Certificates: {report.new} issued, {len(report.held)} held.")
    return report


def issue_held(registration: Registration) -> list[Certificate]:
    """After somebody set their bar numbers: what waited for them, and corrected papers.

    Only for days whose certificates staff have begun to issue.
    """
    made = revise(registration)
    for activity in registration.offering.activities.filter(ends_at__lte=timezone.now()).exclude(
        certificates__in=registration.certificates.all()
    ):
        is_begun = (
            Certificate.objects.filter(activity=activity).exists()
            or Mail.objects.filter(kind=HELD, about_id=activity.pk).exists()
        )
        if is_begun:
            made += _again(registration, activity)
    return made


def revise(registration: Registration) -> list[Certificate]:
    """After a change of name or bar number: a new revision of each paper that is now wrong.

    The code of the old one leads to the new one. A certificate never becomes a letter, and
    one that is revoked stays so.
    """
    rows = registration.certificates.filter(replaced_by=None, revoked_at=None)
    activities = [row.activity for row in rows.select_related("activity__offering__course")]
    return [one for activity in activities for one in _again(registration, activity)]


@transaction.atomic
def revoke(certificate: Certificate, reason: str, by: User) -> Certificate:
    """It is no longer valid, and its page says so; the reason is for staff only.

    Raises Refused without a reason, and for one that was replaced.
    """
    row = Certificate.objects.select_for_update(of=["self"]).get(pk=certificate.pk)
    if row.revoked_at:
        return row
    if not reason.strip():
        raise Refused("Say why this certificate is revoked.")
    if row.replaced_by_id:
        raise Refused("This certificate was replaced: revoke the newer one.")
    row.revoked_at, row.revoke_reason = timezone.now(), reason.strip()
    row.save(update_fields=["revoked_at", "revoke_reason"])
    _note(by, row, f"Revoked: {row.revoke_reason}")
    return row


def by_code(text: str) -> Certificate | None:
    """The certificate of a code, typed with or without dashes, spaces, capital letters."""
    return (
        Certificate.objects.filter(code=certifying.typed(text))
        .select_related("registration", "activity__offering__course", "replaced_by")
        .first()
    )


def newest(row: Certificate) -> Certificate:
    """The one that is in force in its place; itself when it was not replaced."""
    if row.replaced_by_id is None:
        return row
    return Certificate.objects.get(
        registration=row.registration_id, activity=row.activity_id, replaced_by=None
    )


def pdf(row: Certificate) -> bytes:
    """The paper, made again from what was certified then."""
    made = papers.render(certifying.restored(row)).pdf
    if _digest(made) != row.pdf_hash:
        log.warning("certificate %s is not the same file as when it was issued", row.pk)
    return made


def check(row: Certificate) -> str:
    """Is the paper what it was when it was issued? A sentence for staff."""
    try:
        data = certifying.restored(row)
        made = papers.render(data).pdf
    except (KeyError, TypeError, ValueError) as error:
        return f"WARNING: it cannot be made from what is stored ({type(error).__name__})."
    if papers.input_hash(data) != row.input_hash:
        return "WARNING: what is stored is not what was certified: the hashes differ."
    if _digest(made) == row.pdf_hash:
        return "The file is the same, byte for byte, as when it was issued."
    if row.template_version != papers.TEMPLATE_VERSION:
        return "WARNING: the file differs. Its layout has changed since; what it says has not."
    return "WARNING: the file differs from the one that was issued."


@dataclass(frozen=True)
class Held:
    """A day on somebody's own page: their paper, or the sentence that says what it waits for."""

    activity: Activity
    certificate: Certificate | None
    sentence: str


def held_by(registration: Registration) -> list[Held]:
    """For each day that is over what somebody holds or waits for; nothing where they were not."""
    return held_by_each([registration])[registration.pk]


def held_by_each(registrations: Sequence[Registration]) -> dict[int, list[Held]]:
    """As held_by, of each of these, in a constant number of queries."""
    days = (
        Activity.objects.filter(
            offering__in={one.offering_id for one in registrations}, ends_at__lte=timezone.now()
        )
        .select_related("offering__course")
        .prefetch_related("segments", "approvals")
    )
    prefetch_related_objects(
        registrations,
        Prefetch(
            "certificates",
            queryset=Certificate.objects.filter(replaced_by=None),
            to_attr="papers_in_force",
        ),
        Prefetch("attendance", queryset=Attendance.objects.all(), to_attr="all_attendance"),
        "bar_numbers",
    )
    found: dict[int, list[Held]] = {one.pk: [] for one in registrations}
    read: dict[int, Day | None] = {}
    for activity in days:
        for one in registrations:
            if one.offering_id == activity.offering_id:
                held = _held_on(activity, one, read)
                found[one.pk] += [held] if held else []
    return found


def _held_on(activity: Activity, person: Any, read: dict[int, Day | None]) -> Held | None:
    for paper in person.papers_in_force:
        if paper.activity_id == activity.pk:
            return Held(activity, paper, "")
    if not certifying.is_counted(person):
        return None
    if activity.pk not in read:
        read[activity.pk] = _read(activity)
    day = read[activity.pk]
    if day is None:
        return None
    person.times_there = [row for row in person.all_attendance if row.activity_id == activity.pk]
    verdict = certifying.verdict(day, person)
    return Held(activity, None, verdict.sentence) if verdict.what in {"pending", "number"} else None


def _read(activity: Activity) -> Day | None:
    """None where its agenda cannot be counted."""
    try:
        return certifying.read(activity)
    except agenda.BadAgenda:
        return None


def _held(activity: Activity) -> Day:
    if activity.ends_at > timezone.now():
        raise Refused("This day is not over yet: certificates are issued after it.")
    try:
        return certifying.read(activity)
    except agenda.BadAgenda as bad:
        raise Refused(str(bad)) from bad


def _locked(pk: int, activity: Activity) -> Any:
    """One of `certifying.people`, ours until the transaction ends; None when canceled since."""
    rows = Registration.objects.select_for_update(of=["self"]).filter(pk=pk)
    return certifying.people(activity).filter(pk=pk).first() if rows.exists() else None


def _again(registration: Registration, activity: Activity) -> list[Certificate]:
    day = _read(activity)
    if day is None:
        return []
    with transaction.atomic():
        person = _locked(registration.pk, activity)
        if person is None or _give(day, person)[1] not in {"new", "renewed"}:
            return []
        return [Certificate.objects.get(registration=person, activity=activity, replaced_by=None)]


def _plan(day: Day, person: Any) -> tuple[Verdict, str, Certificate | None]:
    """What they are given, what is to be done (see Report.add), and what they hold."""
    found = certifying.verdict(day, person)
    held: Certificate | None = next(iter(person.in_force), None)
    is_paper = found.what in {"certificate", "letter"}
    if held is None:
        return found, "new" if is_paper else "", None
    if held.revoked_at:
        return found, "already", held
    if not is_paper or (found.what == "letter" and held.kind == Certificate.Kind.MCLE):
        # A letter is true whatever is pending beside it.
        is_letter = held.kind == Certificate.Kind.LETTER and found.what != "none"
        return found, "" if is_letter else "doubtful", held
    data = certifying.values(
        day, person, found, code=held.code, revision=1, issued=certifying.today()
    )
    return found, "renewed" if certifying.differs(held, data) else "already", held


def _give(day: Day, person: Any) -> tuple[Verdict, str, bool]:
    """Do it, under the lock; the last says whether a letter of it has no font."""
    found, did, held = _plan(day, person)
    activity = day.activity
    if found.what == "number" and did == "":
        outbox.promise(HELD, person.pk, activity.pk)
    if did not in {"new", "renewed"}:
        return found, did, False
    code, revision = new_code(), held.revision + 1 if held else 1
    data = certifying.values(
        day, person, found, code=code, revision=revision, issued=certifying.today()
    )
    made = papers.render(data)
    key = _next_key()
    if held:
        # One in force at most, so the old one makes room before its successor is there; the
        # foreign key is looked at when the transaction ends.
        Certificate.objects.filter(pk=held.pk).update(replaced_by_id=key)
    is_letter = found.what == "letter"
    Certificate.objects.create(
        pk=key,
        registration=person,
        activity=activity,
        kind=Certificate.Kind.LETTER if is_letter else Certificate.Kind.MCLE,
        code=code,
        revision=revision,
        data=certifying.stored(data),
        template_version=papers.TEMPLATE_VERSION,
        input_hash=papers.input_hash(data),
        pdf_hash=_digest(made.pdf),
    )
    outbox.promise("trainings.certificate", person.pk, key)
    return found, did, bool(made.unsupported)


def _next_key() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('trainings_certificate', 'id'))")
        key: int = cursor.fetchone()[0]
    return key


def _settle_pledges(activity: Activity) -> None:
    """Once the whole training is over and every day's attendance is in.

    Without the second, who came only on a day that is not entered yet would lose the pledge.
    """
    activities = list(activity.offering.activities.select_related("offering"))
    have = set(
        Attendance.objects.filter(activity__in=activities).values_list("activity_id", flat=True)
    )
    is_over = all(one.ends_at <= timezone.now() for one in activities)
    if not is_over or have != {one.pk for one in activities}:
        return
    try:
        days = [certifying.read(one) for one in activities]
    except agenda.BadAgenda:
        return
    minutes: dict[int, tuple[int, int]] = {}
    for day in days:
        for person in certifying.people(day.activity).filter(pledge__state=Pledge.State.MADE):
            found = certifying.verdict(day, person)
            attended, scheduled = minutes.get(person.pk, (0, 0))
            minutes[person.pk] = attended + found.minutes, scheduled + found.scheduled
    for person in Registration.objects.filter(pk__in=minutes):
        pledges.after_training(person, *minutes[person.pk])


def _note_open(report: Report, person: Any) -> None:
    if any(row.ends_at is None for row in person.times_there):
        report.no_end.append(person.name)


def _note(by: User, row: Any, message: str) -> None:
    """In the history of the back office."""
    rows: Iterable[Any] = [row]
    LogEntry.objects.log_actions(by.pk, rows, CHANGE, change_message=message, single_object=True)


def _digest(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()
