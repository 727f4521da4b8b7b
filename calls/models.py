"""Recurring calls: the series people sign up for, its schedules, dates and sign-ups."""

import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from recurrence.fields import RecurrenceField

from calls import schedule
from hub import words
from hub.files import PDF, check_size, media_type
from hub.ids import new_nonce, new_uid
from hub.models import User


def check_pdf(file: "File[bytes]") -> None:
    """Refuse a flyer that is not a PDF of at most 25 MB."""
    check_size(file)
    if media_type(file) != PDF:
        raise ValidationError("The flyer must be a PDF file.")


class CallSeries(models.Model):
    """A call that comes again and again: its page, its people, how to join it."""

    slug = models.SlugField("address", unique=True, help_text="Last part of the page's address.")
    name = models.CharField(max_length=200)
    audience = models.CharField("for", max_length=200, blank=True)
    summary = models.TextField(blank=True)
    topics = models.TextField(
        "what the call is for", blank=True, help_text="One point a line, shown as a list."
    )
    cost = models.CharField(max_length=100, blank=True, help_text="Such as: at no cost")
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower comes first.")
    published = models.BooleanField(default=True)
    needs_approval = models.BooleanField(
        "people need approval", default=False, help_text="You decide on each sign-up."
    )
    flyer = models.FileField(
        upload_to="flyers/", blank=True, validators=[check_pdf], help_text="A PDF, up to 25 MB."
    )
    joining_url = models.URLField(
        "link to join", blank=True, help_text="Shown to people with an active sign-up only."
    )
    joining_phone = models.CharField("phone to join", max_length=100, blank=True)
    joining_passcode = models.CharField("passcode", max_length=100, blank=True)
    joining_version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["position", "name"]
        verbose_name = "call series"
        verbose_name_plural = "call series"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("calls:detail", args=[self.slug])

    @property
    def joining_lines(self) -> list[tuple[str, str]]:
        """(label, value) of each joining detail that is set."""
        lines = [
            ("Link", self.joining_url),
            ("Phone", self.joining_phone),
            ("Passcode", self.joining_passcode),
        ]
        return [line for line in lines if line[1]]


class Schedule(models.Model):
    """One stretch of a series under one rule: wall time, duration, zone, first and last day.

    Frozen once begun (a trigger holds that): another time or rule ends it and begins a
    new one, so that calendars keep what has been.
    """

    series = models.ForeignKey(CallSeries, on_delete=models.CASCADE, related_name="schedules")
    recurrence = RecurrenceField(include_dtstart=False)
    first_date = models.DateField(help_text="A date of the rule, by the clock of the zone.")
    until = models.DateField(null=True, blank=True, help_text="Last day; empty: no end.")
    start_time = models.TimeField(help_text="Wall time in the zone.")
    minutes = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(5), MaxValueValidator(720)]
    )
    zone = models.CharField(max_length=40, choices=words.ZONES, default=words.PACIFIC)
    uid = models.CharField(max_length=200, unique=True, default=new_uid, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    # Filled where rows come from calls.feeds.published().
    changed_dates: list["CallDate"]

    class Meta:
        ordering = ["first_date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=5, minutes__lte=720), name="schedule_minutes"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("first_date")), name="schedule_until"
            ),
            models.UniqueConstraint(
                fields=["series"], condition=Q(until=None), name="one_open_schedule_a_series"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sentence} from {words.month_day(self.first_date)}, {self.first_date.year}"

    @property
    def rule(self) -> schedule.Rule:
        return schedule.parse(str(RecurrenceField().get_prep_value(self.recurrence)))

    @property
    def sentence(self) -> str:
        """Every Wednesday"""
        return schedule.sentence(self.rule)

    def begins_at(self, day: datetime.date) -> datetime.datetime:
        return schedule.instant(day, self.start_time, self.zone)

    def ends_at(self, day: datetime.date) -> datetime.datetime:
        # In UTC, so that an hour is an hour across a change of daylight time.
        begins = self.begins_at(day).astimezone(datetime.UTC)
        return begins + datetime.timedelta(minutes=self.minutes)

    @property
    def has_begun(self) -> bool:
        return self.begins_at(self.first_date) <= timezone.now()

    @property
    def times(self) -> list[tuple[str, str]]:
        """The usual hours in Pacific and Eastern, as clocks stand today or on the first date."""
        day = max(self.first_date, timezone.localdate())
        return words.times(self.begins_at(day), self.ends_at(day), self.zone)

    @property
    def times_text(self) -> str:
        return words.said(self.times)


class CallDate(models.Model):
    """One date of a series. The rule proposes it; this row is the truth."""

    class Status(models.TextChoices):
        ON = "on", "On"
        CANCELED = "canceled", "Canceled"
        REMOVED = "removed", "Removed"

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="dates")
    original_date = models.DateField(null=True, help_text="The rule's own day; empty: extra.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.ON)
    reason = models.CharField(max_length=300, blank=True, help_text="Public.")
    topic = models.CharField(max_length=200, blank=True)
    speaker = models.CharField(max_length=200, blank=True)
    kept_at = models.DateTimeField(null=True, help_text="When staff decided to hold it anyway.")
    uid = models.CharField(max_length=200, blank=True, help_text="Of an extra date only.")
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["starts_at"]
        verbose_name = "date of a call"
        verbose_name_plural = "dates of calls"
        constraints = [
            models.UniqueConstraint(fields=["schedule", "original_date"], name="date_once"),
            models.UniqueConstraint(fields=["uid"], condition=~Q(uid=""), name="date_uid"),
            models.CheckConstraint(
                condition=Q(original_date=None) ^ Q(uid=""), name="date_extra_has_uid"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="date_ends_after"),
            models.CheckConstraint(
                condition=~Q(status="canceled") | ~Q(reason=""), name="date_canceled_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["starts_at"])]

    def __str__(self) -> str:
        return f"{self.schedule.series.name}, {words.day(self.local_start)}"

    @property
    def local_start(self) -> datetime.datetime:
        """The start by the clock of the call's own zone."""
        return self.starts_at.astimezone(ZoneInfo(self.schedule.zone))

    @property
    def original_start(self) -> datetime.datetime | None:
        """When the rule would have it; None for an extra date."""
        return self.schedule.begins_at(self.original_date) if self.original_date else None

    @property
    def moved_from(self) -> str:
        """Wednesday, December 23; of a move within the day: 12:00 pm Pacific"""
        was = self.original_start
        if was is None or was == self.starts_at:
            return ""
        if was.date() == self.local_start.date():
            return f"{words.clock(was)} {words.ZONES[self.schedule.zone]}"
        return words.weekday_month_day(was)

    @property
    def times(self) -> list[tuple[str, str]]:
        return words.times(self.starts_at, self.ends_at, self.schedule.zone)


class SignUp(models.Model):
    """One person's place in one series: unconfirmed → (awaiting) → active → left, and back."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", "Not confirmed"
        AWAITING = "awaiting", "Awaiting approval"
        ACTIVE = "active", "Active"
        LEFT = "left", "Left"

    class Role(models.TextChoices):
        ATTORNEY = "attorney", "Attorney"
        ACCREDITED = "accredited", "Accredited representative"
        PARALEGAL = "paralegal", "Paralegal, intern or graduate"
        SOCIAL = "social", "Social service provider or case manager"
        OTHER = "other", "Other"

    series = models.ForeignKey(CallSeries, on_delete=models.CASCADE, related_name="sign_ups")
    email = models.EmailField()
    name = models.CharField(max_length=200)
    organization = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=Role)
    state = models.CharField(max_length=12, choices=State, default=State.UNCONFIRMED)
    user = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="call_sign_ups"
    )
    nonce = models.CharField(max_length=20, default=new_nonce, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    asked = models.PositiveIntegerField(default=1, editable=False)
    joined_at = models.DateTimeField(null=True, editable=False)
    left_at = models.DateTimeField(null=True, editable=False)
    wants_announcements = models.BooleanField("gets announcements", default=True)
    # Raised at each joining and leaving, so that a calendar takes a new invitation
    # after a canceled one (RFC 5546 2.1.4).
    round = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["series", "email"], name="sign_up_once_a_series"),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(joined_at__isnull=False), name="active_has_joined"
            ),
        ]
        indexes = [models.Index(fields=["series", "state"])]

    def __str__(self) -> str:
        return f"Sign-up {self.pk}"


class CallAttendance(models.Model):
    """That one person was on one date; kept for counts and nothing else.

    Of a guest no more than that, and of a sign-up that is deleted: the count stays.
    """

    date = models.ForeignKey(CallDate, on_delete=models.PROTECT, related_name="attendance")
    sign_up = models.ForeignKey(SignUp, null=True, on_delete=models.SET_NULL, related_name="+")
    is_guest = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["date", "sign_up"], name="attended_once_a_date"),
            models.CheckConstraint(
                condition=Q(is_guest=False) | Q(sign_up=None), name="attendance_guest_is_nobody"
            ),
        ]

    def __str__(self) -> str:
        return f"Attendance {self.pk}"
