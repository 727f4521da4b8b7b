"""What the office offers: one service, its hours, and the areas it answers questions in."""

from django.db import models
from django.db.models import F, Q

from ta_requests import words


class Service(models.Model):
    """The one row that says how to reach technical assistance and when."""

    name = models.CharField(max_length=200)
    audience_text = models.CharField("for", max_length=300)
    summary = models.TextField()
    phone = models.CharField(max_length=40, help_text="As people read it: (888) 507-0193.")
    phone_e164 = models.CharField(
        "phone to dial", max_length=16, help_text="As a phone dials it: +18885070193."
    )
    turnaround_text = models.CharField("turn-around in the page’s words", max_length=200)
    cross_promotion = models.CharField("invitation to the calls", max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "service"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="service_is_one"),
            models.CheckConstraint(
                condition=Q(phone_e164__regex=r"^\+[1-9][0-9]{6,14}$"),
                name="service_phone_can_be_dialed",
                violation_error_message="Write the phone to dial as +18885070193.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Policy(models.Model):
    """When the office is open, Monday to Friday, and how fast it answers.

    Dated: the newest that has begun is in force, and a request keeps the one it came under.
    Times are local to Los Angeles.
    """

    starts_on = models.DateField(unique=True, help_text="Requests from this day on.")
    office_days = models.PositiveSmallIntegerField(
        "office days", help_text="48 hours are two office days."
    )
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        verbose_name_plural = "policies"
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")),
                name="policy_closes_after_opening",
                violation_error_message="The office closes after it opens.",
            ),
            models.CheckConstraint(
                condition=Q(office_days__gte=1, office_days__lte=30),
                name="policy_days_are_plausible",
                violation_error_message="An answer takes between 1 and 30 office days.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hours}, answers in {self.hours_promised} hours"

    @property
    def hours(self) -> str:
        return words.hours(self.opens, self.closes)

    @property
    def hours_promised(self) -> int:
        return self.office_days * 24


class Area(models.Model):
    """An area of law or practice in which questions are answered."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=100, unique=True)
    position = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Place in the list. Leave empty for the end."
    )
    open_ended = models.BooleanField(
        default=False, help_text="Stands for everything else; one area only."
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="area_has_name"),
            models.UniqueConstraint(
                fields=["open_ended"],
                condition=Q(open_ended=True),
                name="area_one_open_ended",
                violation_error_message="Another area stands for everything else already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
