"""Who takes part: registrations, seats, bar numbers, attendance, certificates."""

import secrets

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from hub.ids import new_nonce
from hub.models import User
from trainings.models.offerings import Activity, Offering, OfferingPrice, Segment


def new_code() -> str:
    """A certificate's code, as people type it: no letters or digits that look alike."""
    letters = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
    return "".join(secrets.choice(letters) for _ in range(12))


class Registration(models.Model):
    """One person's place in one offering."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", "Email not confirmed"
        WAITLISTED = "waitlisted", "On the waitlist"
        OFFERED = "offered", "A seat is offered"
        AWAITING_PAYMENT = "awaiting_payment", "Awaiting payment"
        CONFIRMED = "confirmed", "Confirmed"
        CANCELED = "canceled", "Canceled"

    # Of an address in the place of somebody's own: how it begins after four years, how once
    # they erased themselves; how either ends.
    REMOVED, ERASED = "removed-", "erased-"
    REMOVED_AT = "@invalid.example"
    # What holds a seat.
    SEATED = ("offered", "awaiting_payment", "confirmed")

    class Method(models.TextChoices):
        CARD = "card", "Card"
        INVOICE = "invoice", "Check, against an invoice"
        WAIVER = "waiver", "Waiver code"

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="registrations")
    email = models.EmailField()
    name = models.CharField(max_length=200)
    organization = models.CharField(max_length=200, blank=True)
    is_attorney = models.BooleanField(default=True)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="trainings")
    state = models.CharField(max_length=16, choices=State, default=State.UNCONFIRMED)
    nonce = models.CharField(max_length=20, default=new_nonce, editable=False)
    # The price as it was when the person chose: later changes do not touch it.
    price_kind = models.CharField(max_length=10, choices=OfferingPrice.Kind)
    price_cents = models.PositiveIntegerField(default=0)
    method = models.CharField(max_length=10, choices=Method, blank=True)
    pledge_name = models.CharField("pledge signed as", max_length=200, blank=True)
    # The words that were on the page when the name was typed.
    pledge_text = models.ForeignKey(
        "trainings.PledgeText", null=True, on_delete=models.PROTECT, related_name="+"
    )
    # As typed; the code is used up only when the person gets a seat.
    waiver_code = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    asked = models.PositiveIntegerField(default=1, editable=False)
    waitlisted_at = models.DateTimeField(null=True, editable=False)
    offered_until = models.DateTimeField(null=True, editable=False)
    pay_until = models.DateTimeField(null=True, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    canceled_at = models.DateTimeField(null=True, editable=False)
    round = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["offering", "email"],
                condition=~Q(state="canceled"),
                name="one_live_registration",
            ),
            models.CheckConstraint(
                condition=~Q(state="waitlisted") | Q(waitlisted_at__isnull=False),
                name="waitlisted_since_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(offered_until__isnull=False),
                name="offered_until_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False),
                name="confirmed_since_when",
            ),
            models.CheckConstraint(
                condition=Q(price_kind="fee", price_cents__gt=0) | Q(price_cents=0),
                name="registration_only_a_fee_costs",
            ),
        ]
        indexes = [models.Index(fields=["offering", "state"])]

    def __str__(self) -> str:
        return f"Registration {self.pk}"


class RegistrationEvent(models.Model):
    """What became of a registration, step by step; rows are only ever added."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=16)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.state


class BarNumber(models.Model):
    """A license to practice: one number a state and registration."""

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="bar_numbers"
    )
    state = models.CharField(max_length=2)
    number = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "state"], name="barnumber_once_a_state"
            ),
            models.CheckConstraint(
                condition=Q(number__regex=r"^[0-9]{1,12}$"), name="barnumber_is_digits"
            ),
        ]

    def __str__(self) -> str:
        return f"Bar number {self.pk}"


class Attendance(models.Model):
    """One stretch of time somebody was there; without an end it gives no credit yet."""

    class Source(models.TextChoices):
        TICK = "tick", "Ticked off by staff"
        ZOOM = "zoom", "Zoom participants file"
        CODE = "code", "Spoken code"
        STAFF = "staff", "Entered by staff"

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="attendance"
    )
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="attendance")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=5, choices=Source)
    reason = models.CharField(max_length=300, blank=True)
    segment = models.ForeignKey(
        Segment, null=True, on_delete=models.PROTECT, related_name="attendance"
    )
    created_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name_plural = "attendance"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="attendance_ends_after",
            ),
            models.UniqueConstraint(
                fields=["registration", "activity", "starts_at", "source"],
                name="attendance_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Attendance {self.pk}"


class CodeTry(models.Model):
    """A spoken code somebody typed: right ones count, five wrong ones lock for 10 minutes."""

    class Outcome(models.TextChoices):
        RIGHT = "right", "Right"
        WRONG = "wrong", "Wrong"
        LATE = "late", "After its window"
        EARLY = "early", "Before its window"

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="code_tries"
    )
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE)
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(
        max_length=6,
        choices=[("right", "Right"), ("wrong", "Wrong"), ("late", "Late"), ("early", "Early")],
    )
    segment = models.ForeignKey(Segment, null=True, on_delete=models.CASCADE)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["registration", "at"])]

    def __str__(self) -> str:
        return self.outcome


class Certificate(models.Model):
    """What was certified, as it was then: `data` is the text of the document."""

    class Kind(models.TextChoices):
        MCLE = "mcle", "Certificate of attendance (MCLE)"
        LETTER = "letter", "Letter of attendance"

    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="certificates"
    )
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="certificates")
    kind = models.CharField(max_length=6, choices=Kind)
    code = models.CharField(max_length=12, unique=True, default=new_code)
    revision = models.PositiveSmallIntegerField(default=1)
    data = models.JSONField()
    template_version = models.CharField(max_length=20)
    input_hash = models.CharField(max_length=64)
    pdf_hash = models.CharField(max_length=64)
    issued_at = models.DateTimeField(default=timezone.now)
    replaced_by = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="replaces"
    )
    revoked_at = models.DateTimeField(null=True)
    revoke_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "activity"],
                condition=Q(replaced_by=None),
                name="one_certificate_in_force",
            ),
            models.UniqueConstraint(
                fields=["registration", "activity", "revision"], name="certificate_revision_once"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ReportColumn(models.Model):
    """One column of the State Bar's attendance file; without any the usual ones are made."""

    class Field(models.TextChoices):
        BAR_NUMBER = "bar_number", "Bar number"
        NAME = "name", "Full name"
        FIRST_NAME = "first_name", "First name"
        LAST_NAME = "last_name", "Last name"
        EMAIL = "email", "Email"
        ACTIVITY = "activity", "Activity"
        APPROVAL = "approval", "Approval number"
        HELD_ON = "held_on", "Date"
        TOTAL = "total", "Total hours"
        GENERAL = "general", "General hours"
        ETHICS = "ethics", "Legal Ethics hours"
        BIAS = "bias", "Elimination of Bias hours"
        IMPLICIT_BIAS = "implicit_bias", "Implicit Bias hours"
        COMPETENCE = "competence", "Competence hours"
        MINUTES = "minutes", "Minutes attended"
        FORMAT = "format", "In person or online"
        AMENDED = "amended", "Amended: yes or no"

    position = models.PositiveSmallIntegerField(unique=True, help_text="1 is the first column.")
    field = models.CharField("what it holds", max_length=15, choices=Field)
    heading = models.CharField(
        max_length=60, blank=True, help_text="Leave empty for the name of what it holds."
    )

    class Meta:
        ordering = ["position"]
        verbose_name = "column of the State Bar file"
        verbose_name_plural = "columns of the State Bar file"

    def __str__(self) -> str:
        return self.heading or self.get_field_display()
