"""A question asked in confidence, its thread, and the clock of each answer to it.

What could tell who asked about which case is encrypted (hub.encrypted). Nothing here
names an account: a request is reached by its private link alone.
"""

import uuid

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from hub.encrypted import AddressIndexField, EncryptedTextField
from hub.us_states import STATES
from ta_requests.models.offices import Area

LONGEST_QUESTION = 5000
LONGEST_LINE = 300
# What a request says of persons and of the case; empty once purged, and only then null.
SEALED = (
    "name",
    "email",
    "email_index",
    "phone",
    "supervisor_name",
    "supervisor_email",
    "more",
    "question",
)


class TaRequest(models.Model):
    """One request. When it is purged this row stays as its tombstone: what was asked about,
    where, when and how it ended, and nothing of who or what."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        WAITING = "waiting", "Waiting for the requester"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"

    class Ending(models.TextChoices):
        SOLVED = "solved", "Solved"
        WITHDRAWN = "withdrawn", "Withdrawn"
        NO_ANSWER = "no-answer", "No answer from the requester"
        REFERRED = "referred", "Referred elsewhere"
        NOT_TA = "not-ta", "Not a question for technical assistance"

    class Role(models.TextChoices):
        ATTORNEY = "attorney", "Attorney"
        REPRESENTATIVE = "representative", "Accredited representative"
        SUPERVISED = "supervised", "Paralegal, intern or graduate"
        SOCIAL = "social", "Social service provider or case manager"
        OTHER = "other", "Other"

    class Stage(models.TextChoices):
        BEFORE_FILING = "before-filing", "Before filing"
        FILED = "filed", "Filed"
        IN_COURT = "in-court", "In court"
        APPEAL = "appeal", "Appeal"
        NO_CASE = "no-case", "No case yet, or not about one"

    class DeadlineType(models.TextChoices):
        COURT = "court", "Court date"
        FILING = "filing", "Filing date"
        OTHER = "other", "Another date"

    class Channel(models.TextChoices):
        FORM = "form", "Form"
        PHONE = "phone", "Phone"

    reference = models.CharField(max_length=12, unique=True, editable=False)
    # Which showing of the form it came from, so that sent twice it is one request.
    form_id = models.UUIDField(unique=True, editable=False)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.FORM)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)

    role = models.CharField(max_length=20, choices=Role)
    us_state = models.CharField("state", max_length=2, choices=STATES)
    stage = models.CharField("stage of the case", max_length=20, choices=Stage)
    areas = models.ManyToManyField(Area, related_name="requests")
    organization = models.CharField(max_length=LONGEST_LINE, blank=True)
    deadline_type = models.CharField(max_length=10, choices=DeadlineType, blank=True)
    deadline = models.DateField("next deadline", null=True, blank=True)

    name = EncryptedTextField(max_length=LONGEST_LINE, null=True)
    email = EncryptedTextField(max_length=LONGEST_LINE, null=True)
    email_index = AddressIndexField(of="email")
    phone = EncryptedTextField(max_length=LONGEST_LINE, null=True)
    supervisor_name = EncryptedTextField(max_length=LONGEST_LINE, null=True)
    supervisor_email = EncryptedTextField(max_length=LONGEST_LINE, null=True)
    more = EncryptedTextField("what else it is about", max_length=LONGEST_LINE, null=True)
    question = EncryptedTextField(max_length=LONGEST_QUESTION, null=True)

    received_at = models.DateTimeField(help_text="When the clock began.")
    created_at = models.DateTimeField(help_text="When it was entered here.")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    active_at = models.DateTimeField(help_text="The last thing anybody did.")
    closed_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=10, choices=Ending, blank=True)
    held = models.BooleanField("kept from purge", default=False)
    purge_warned_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "request"
        ordering = ["-received_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(received_at__lte=F("created_at")), name="request_not_from_the_future"
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False) & ~Q(ending="")
                | ~Q(status="closed") & Q(closed_at=None, ending=""),
                name="request_closed_with_an_ending",
            ),
            models.CheckConstraint(
                condition=Q(deadline=None, deadline_type="")
                | Q(deadline__isnull=False) & ~Q(deadline_type=""),
                name="request_deadline_has_a_type",
            ),
            models.CheckConstraint(
                condition=Q(purged_at=None)
                | Q(
                    status="closed",
                    held=False,
                    organization="",
                    deadline=None,
                    **{f"{name}__isnull": True for name in SEALED},
                ),
                name="request_purged_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "waiting", "answered", "closed"]),
                name="request_known_status",
            ),
        ]
        indexes = [
            models.Index(
                fields=["status", "assigned_to"],
                condition=~Q(status="closed"),
                name="request_not_closed",
            ),
            # Staff search for a part of the name.
            GinIndex(
                OpClass(Upper("organization"), name="gin_trgm_ops"),
                name="request_by_organization",
            ),
            models.Index(
                fields=["closed_at"],
                condition=Q(status="closed", purged_at=None),
                name="request_to_be_purged",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Cycle(models.Model):
    """One promise of an answer: the first question, and again each follow-up.

    The rows of ta_requests.cycles.Cycle, which holds the rules. `promised_at` is what the
    requester was told and never moves; `due_at` moves with a closure that is added later and
    with each pause, and is null while the clock is paused.
    """

    class Outcome(models.TextChoices):
        ON_TIME = "on_time", "On time"
        LATE = "late", "Late"
        WITHDRAWN = "withdrawn", "Withdrawn before an answer"

    request = models.ForeignKey(TaRequest, on_delete=models.CASCADE, related_name="cycles")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    promised_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    # The policy as it was: a later one does not change what was promised.
    office_days = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()
    # {"2026-11-26": null, "2026-12-24": "12:00:00"}: those it began under, and those added.
    closures = models.JSONField(default=dict)
    nudged_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    class Meta:
        ordering = ["request", "number"]
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="cycle_counted_once"),
            models.UniqueConstraint(
                fields=["request"], condition=Q(ended_at=None), name="cycle_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="") | Q(ended_at__isnull=False) & ~Q(outcome=""),
                name="cycle_ends_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="cycle_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")), name="cycle_closes_after_opening"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(ended_at=None), name="cycle_open_by_due"),
        ]

    def __str__(self) -> str:
        return f"{self.request} {self.number}"


class Pause(models.Model):
    """The time in which an answer waits for the requester."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="pauses")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle"], condition=Q(ended_at=None), name="pause_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="pause_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"Pause of {self.cycle}"


class Message(models.Model):
    """One piece of the thread after the question itself. A note is staff's alone."""

    class Kind(models.TextChoices):
        REPLY = "reply", "Answer"
        ASK = "ask", "Question to the requester"
        FROM_REQUESTER = "from-requester", "From the requester"
        NOTE = "note", "Note among staff"

    request = models.ForeignKey(TaRequest, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=20, choices=Kind)
    # Which showing of which form it came from, so that sent twice it is one message.
    form_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField()
    text = EncryptedTextField(max_length=LONGEST_QUESTION)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["reply", "ask", "from-requester", "note"]),
                name="message_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="from-requester", by=None) | ~Q(kind="from-requester"),
                name="message_of_the_requester_names_nobody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}, {self.at:%Y-%m-%d %H:%M}"


class FollowLink(models.Model):
    """A private link: found by the hash of its token.

    The token is random. It is kept sealed beside its hash, because a mail that is tried
    twice must hold the same link, and mail programs show only one of two mails with the
    same Message-ID. The database alone opens neither.
    """

    request = models.ForeignKey(TaRequest, on_delete=models.CASCADE, related_name="links")
    token_hash = models.BinaryField(max_length=32, unique=True)
    token = EncryptedTextField(max_length=64, null=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(revoked_at=None), name="followlink_one_live"
            ),
        ]

    def __str__(self) -> str:
        return f"Link to {self.request}"
