"""When and where a course is held, and for how much credit: offering, activity, segment."""

import datetime
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from hub import words
from hub.ids import new_uid
from trainings.models.catalog import HIGHEST_FEE, Course
from trainings.words import REGIONS

# A room or an online meeting holds no more; a seat count above is a slip of the keys.
MOST_SEATS = 2000


class Offering(models.Model):
    """One time a course is held. Its days are Activities."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        OPEN = "open", "Registration open"
        CLOSED = "closed", "Registration closed"
        CANCELED = "canceled", "Canceled"

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="offerings")
    slug = models.SlugField("address", max_length=80, help_text="Such as: los-angeles-2027-01-29")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    zone = models.CharField("clock", max_length=40, choices=words.ZONES, default=words.PACIFIC)
    is_online = models.BooleanField("online", default=False)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField(
        max_length=30,
        choices=REGIONS,
        blank=True,
        help_text="Decides who is told of it; an online training is told to all regions.",
    )
    address = models.CharField(
        max_length=300, blank=True, help_text="Given to people with a seat only."
    )
    joining_url = models.URLField(
        "link to join", blank=True, help_text="Given to people with a seat only."
    )
    joining_note = models.CharField(max_length=300, blank=True)
    seats = models.PositiveIntegerField()
    offer_hours = models.PositiveSmallIntegerField(
        "hours a freed seat is held", default=24, help_text="For the next person on the waitlist."
    )
    pay_hours = models.PositiveSmallIntegerField("hours to pay by card", default=24)
    cancel_reason = models.CharField(max_length=300, blank=True, help_text="Public.")
    published_at = models.DateTimeField(null=True, editable=False)
    news_sent_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["course", "slug"], name="offering_address"),
            models.CheckConstraint(
                condition=Q(seats__range=(1, MOST_SEATS)),
                name="offering_seats",
                violation_error_message="Seats are a number from 1 to 2,000.",
            ),
            models.CheckConstraint(
                condition=Q(offer_hours__range=(20, 336), pay_hours__range=(20, 336)),
                name="offering_time_limits",
                violation_error_message="Give people from 20 hours to two weeks.",
            ),
            models.CheckConstraint(
                condition=~Q(status="canceled") | ~Q(cancel_reason=""),
                name="offering_canceled_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course.title}, {self.when or 'no day yet'}"

    def get_absolute_url(self) -> str:
        return reverse("trainings:offering", args=[self.course.slug, self.slug])

    @property
    def days(self) -> list["Activity"]:
        return sorted(self.activities.all(), key=lambda activity: activity.starts_at)

    @property
    def when(self) -> str:
        """Friday, January 29, 2027; of several days: the first to the last."""
        days = [words.day(activity.local_start) for activity in self.days]
        return " to ".join(dict.fromkeys([days[0], days[-1]])) if days else ""

    @property
    def place(self) -> str:
        if self.is_online:
            return "Online"
        return self.city or "Place not yet set"

    @property
    def is_over(self) -> bool:
        days = self.days
        return bool(days) and days[-1].ends_at < timezone.now()


class OfferingPrice(models.Model):
    """One way to take an offering; copied from the course, then its own."""

    class Kind(models.TextChoices):
        FREE = "free", "Free"
        PLEDGE = "pledge", "Free with a pro bono pledge"
        FEE = "fee", "Fee"

    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="prices")
    kind = models.CharField(max_length=10, choices=Kind)
    amount_cents = models.PositiveIntegerField("price in cents", default=0)
    condition = models.CharField(max_length=200, blank=True)
    covers = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["amount_cents", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["offering", "kind"],
                name="offeringprice_once",
                violation_error_message="This offering has that price option already.",
            ),
            models.CheckConstraint(
                condition=Q(kind="fee", amount_cents__range=(1, HIGHEST_FEE))
                | Q(kind__in=["free", "pledge"], amount_cents=0),
                name="offeringprice_only_a_fee_costs",
                violation_error_message="A fee is 1 cent to $10,000; free and pledge cost 0.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Activity(models.Model):
    """One approved unit of credit: usually a day of an offering."""

    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="activities")
    title = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    uid = models.CharField(max_length=200, unique=True, default=new_uid, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    uploaded_at = models.DateTimeField(
        "attendance reported to the State Bar", null=True, blank=True, editable=False
    )
    # Of the agenda as it stood when credit was approved: staff are warned when it changes.
    approved_agenda = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["starts_at"]
        verbose_name_plural = "activities"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="activity_ends_after",
                violation_error_message="The day ends after it begins.",
            ),
            models.UniqueConstraint(fields=["offering", "starts_at"], name="activity_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {words.day(self.local_start)}"

    @property
    def local_start(self) -> datetime.datetime:
        """The start by the clock of the venue."""
        return self.starts_at.astimezone(ZoneInfo(self.offering.zone))

    @property
    def times(self) -> list[tuple[str, str]]:
        return words.times(self.starts_at, self.ends_at, self.offering.zone)


class Segment(models.Model):
    """One timed line of an agenda."""

    class Kind(models.TextChoices):
        INSTRUCTION = "instruction", "Instruction"
        INTRO = "intro", "Introduction"
        BREAK = "break", "Break"

    class Category(models.TextChoices):
        GENERAL = "general", "General"
        ETHICS = "ethics", "Legal Ethics"
        BIAS = "bias", "Elimination of Bias"
        IMPLICIT_BIAS = "implicit_bias", "Implicit Bias"
        COMPETENCE = "competence", "Competence"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="segments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.INSTRUCTION)
    category = models.CharField(max_length=15, choices=Category, default=Category.GENERAL)
    title = models.CharField(max_length=200)
    speaker = models.CharField(max_length=200, blank=True)
    code = models.CharField(
        max_length=12, blank=True, help_text="Spoken during the segment, typed by people online."
    )

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="segment_ends_after",
                violation_error_message="A line of the agenda ends after it begins.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Approval(models.Model):
    """What one jurisdiction has said of an activity's credit. Integers: quarters of an hour.

    New York's halves are even numbers of quarters, so one unit serves both.
    """

    class Jurisdiction(models.TextChoices):
        CA = "CA", "California"
        NY = "NY", "New York"

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        APPROVED = "approved", "Approved"
        DENIED = "denied", "Denied"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="approvals")
    jurisdiction = models.CharField(
        max_length=2, choices=[("CA", "California"), ("NY", "New York")]
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    number = models.CharField("approval number", max_length=60, blank=True)
    total = models.PositiveSmallIntegerField("total, in quarter hours", default=0)
    ethics = models.PositiveSmallIntegerField("Legal Ethics, in quarter hours", default=0)
    bias = models.PositiveSmallIntegerField("Elimination of Bias, in quarter hours", default=0)
    implicit_bias = models.PositiveSmallIntegerField(
        "of which Implicit Bias, in quarter hours", default=0
    )
    competence = models.PositiveSmallIntegerField("Competence, in quarter hours", default=0)
    decided_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True, help_text="Two years after approval.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "jurisdiction"], name="approval_once_a_jurisdiction"
            ),
            models.CheckConstraint(
                condition=Q(total__gte=F("ethics") + F("bias") + F("competence"))
                & Q(bias__gte=F("implicit_bias")),
                name="approval_parts_within_total",
                violation_error_message="The special categories exceed the total.",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(total__gt=0, decided_on__isnull=False),
                name="approval_says_what_and_when",
                violation_error_message="An approval has a total and a date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_jurisdiction_display()}: {self.get_status_display().lower()}"
