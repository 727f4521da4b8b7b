"""Who wants to hear of trainings, and who offers to host one."""

from django.db import models
from django.utils import timezone

from hub.ids import new_nonce
from trainings.models.catalog import Course
from trainings.models.offerings import Offering
from trainings.words import REGIONS


class NewsRequest(models.Model):
    """Wish to be told when a training is dated; by course and region, address proven."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", "Not confirmed"
        ACTIVE = "active", "Active"
        LEFT = "left", "Left"

    email = models.EmailField()
    # None: any course.
    course = models.ForeignKey(
        Course, null=True, on_delete=models.CASCADE, related_name="news_requests"
    )
    # "": any region.
    region = models.CharField(max_length=30, choices=REGIONS, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.UNCONFIRMED)
    nonce = models.CharField(max_length=20, default=new_nonce, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(default=timezone.now)
    asked = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email", "course", "region"],
                nulls_distinct=False,
                name="news_once",
            ),
        ]

    def __str__(self) -> str:
        return f"News request {self.pk}"


class HostOffer(models.Model):
    """An agency's offer to host a two-day training."""

    class Stage(models.TextChoices):
        NEW = "new", "New"
        CONTACTED = "contacted", "Contacted"
        SCHEDULED = "scheduled", "Scheduled"
        HELD = "held", "Held"
        DECLINED = "declined", "Declined"

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="host_offers")
    agency = models.CharField(max_length=200)
    name = models.CharField("contact", max_length=200)
    email = models.EmailField()
    phone = models.CharField(max_length=40, blank=True)
    dates = models.CharField("possible dates", max_length=300)
    city = models.CharField(max_length=100)
    state = models.CharField(max_length=2)
    room = models.CharField("room and equipment", max_length=300, blank=True)
    attorneys = models.PositiveIntegerField("expected attorneys")
    licensed_in = models.CharField("states they are licensed in", max_length=200, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.NEW)
    # What came of it: the agency is told when it is canceled.
    offering = models.ForeignKey(
        Offering, null=True, blank=True, on_delete=models.SET_NULL, related_name="hosts"
    )
    staff_note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.agency}, {self.city}"
