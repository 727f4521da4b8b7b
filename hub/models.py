"""What every app stands on: people, the organization, closures, promised mail and work."""

import datetime
import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone


def normalize_email(email: str) -> str:
    """One address, one spelling: the form in which the hub stores and compares it."""
    return email.strip().lower()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person known by a proven address; without a password they sign in by code."""
        user = self.model(email=normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person whose address is proven: somebody who confirmed a sign-up, or staff."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_staff = models.BooleanField(
        "staff", default=False, help_text="May enter this back office, within their roles."
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="Take this away to shut a person out at once."
    )
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        permissions = [("invite_user", "Can invite staff, give roles and shut staff out")]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower"),
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        super().clean()
        self.email = normalize_email(self.email)

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.get_full_name()


class Organization(models.Model):
    """The one row that says who runs the hub."""

    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=40)
    city = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name_plural = "organization"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="organization_is_one")]

    def __str__(self) -> str:
        return self.name


class Closure(models.Model):
    """A day on which the office is closed, or closes early; local to Los Angeles."""

    date = models.DateField(unique=True)
    name = models.CharField(max_length=100)
    closes_at = models.TimeField(
        null=True, blank=True, help_text="Leave empty when the office is closed all day."
    )
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.name}, {self.date:%B} {self.date.day}, {self.date.year}"

    @classmethod
    def names_between(cls, first: datetime.date, last: datetime.date) -> dict[datetime.date, str]:
        """Whole-day closures from first to last, both included."""
        days = cls.objects.filter(date__range=(first, last), closes_at=None)
        return dict(days.values_list("date", "name"))


class PersonalFeed(models.Model):
    """The address of one person's private calendar; only the hash of its token is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="feeds")
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    # How often it changed by itself, beside what is public.
    changes = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(revoked_at=None), name="one_live_feed_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"Private calendar {self.pk}"


class ContentVersion(models.Model):
    """One row, raised by trigger in each transaction that changes something public."""

    number = models.BigIntegerField()
    changed_at = models.DateTimeField()
    transaction = models.CharField(max_length=20, default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="contentversion_is_one")]

    def __str__(self) -> str:
        return f"Version {self.number}"


class SeedRecord(models.Model):
    """What the content file last said of one object, so that staff's own edits win."""

    key = models.CharField(max_length=200, primary_key=True)
    object_id = models.BigIntegerField()
    values = models.JSONField()

    def __str__(self) -> str:
        return self.key


class Mail(models.Model):
    """One promised message. It names what it is about; its text is made when it is sent."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    about_id = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name_plural = "mail"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id", "about_id", "version"], name="mail_promised_once"
            ),
        ]
        indexes = [
            models.Index(
                F("due_at"),
                condition=Q(sent_at=None, dropped_at=None),
                name="mail_waiting",
            ),
            models.Index(fields=["kind", "about_id"], name="mail_about"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class Announcement(models.Model):
    """What staff write to everyone of an audience (hub.announcements): a draft until it is sent."""

    # A name under AUDIENCES, the row it is about, and the group of its people.
    audience = models.CharField(max_length=40)
    about_id = models.BigIntegerField()
    part = models.CharField(max_length=40)
    # Whom that was when it was written.
    to = models.CharField(max_length=300)
    subject = models.CharField(max_length=150)
    text = models.TextField()
    written_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    sent_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField(null=True)
    recipients = models.PositiveIntegerField(default=0)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_back_at=None) | Q(sent_at__isnull=False),
                name="announcement_taken_back_was_sent",
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class TimedWork(models.Model):
    """When a piece of the worker's regular work is next due."""

    name = models.CharField(max_length=60, primary_key=True)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "timed work"

    def __str__(self) -> str:
        return self.name


class RateCount(models.Model):
    """How often one visitor, known only by a keyed hash, did one thing in one window."""

    key = models.BinaryField(max_length=32)
    window = models.DateTimeField()
    hits = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "window"], name="ratecount_once_a_window"),
        ]

    def __str__(self) -> str:
        return f"{self.hits} hits"


class AuditEvent(models.Model):
    """Who did what to which confidential thing, and when; the database refuses to change it.

    Written by hub.audit only. Names of fields, never what was in them.
    """

    at = models.DateTimeField(default=timezone.now)
    # None: nobody signed in, such as the worker. Whoever is named here is never deleted.
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=40)
    kind = models.CharField("what", max_length=40)
    reference = models.CharField("which", max_length=60)
    purpose = models.CharField(max_length=200, blank=True)
    fields = ArrayField(models.CharField(max_length=60), default=list)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["kind", "reference", "at"], name="auditevent_of_thing"),
            models.Index(fields=["actor", "at"], name="auditevent_by_actor"),
            models.Index(fields=["-at", "-id"], name="auditevent_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {self.reference}"
