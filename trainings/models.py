"""What is taught, for how much credit and at what price. Dates come with the offerings."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from trainings import words

# Above any real fee: a price typed with the cents twice is refused.
HIGHEST_FEE = 1_000_000


class Course(models.Model):
    class Level(models.TextChoices):
        INTRODUCTORY = "introductory"
        COMPREHENSIVE = "comprehensive"
        THOROUGH_OVERVIEW = "thorough-overview", "Thorough overview"

    slug = models.SlugField(
        "address", max_length=80, unique=True, help_text="The end of the page's web address."
    )
    title = models.CharField(max_length=200)
    level = models.CharField(max_length=20, choices=Level)
    hours = models.DecimalField("length in hours", max_digits=5, decimal_places=2)
    days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Leave empty where it is not stated."
    )
    summary = models.TextField()
    audience_text = models.CharField("for", max_length=300)
    region = models.CharField(max_length=100, blank=True)
    practice_areas = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    topics = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        help_text="Separated by commas.",
    )

    mcle_text = models.TextField(
        "credit in the page's words", blank=True, help_text="Shown exactly as written here."
    )
    mcle_max_hours = models.DecimalField(
        "MCLE credits", max_digits=5, decimal_places=2, null=True, blank=True
    )
    mcle_up_to = models.BooleanField(
        "up to", default=False, help_text="The credits are the most one can earn."
    )
    mcle_condition = models.CharField("credit is for those who", max_length=200, blank=True)
    mcle_special = models.CharField(
        "including", max_length=200, blank=True, help_text="Special categories: Legal Ethics."
    )
    price_text = models.TextField(
        "price in the page's words", blank=True, help_text="Shown exactly as written here."
    )

    sponsors_wanted = models.BooleanField("looking for sponsor agencies", default=False)
    sponsor_role = models.CharField("what hosts are called", max_length=100, blank=True)
    sponsor_where = models.CharField("where", max_length=200, blank=True)
    sponsor_what = models.CharField("what hosts do", max_length=200, blank=True)
    sponsor_how = models.CharField("how to offer", max_length=300, blank=True)

    position = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Place in the list. Leave empty for the end."
    )
    published = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[-a-zA-Z0-9_]+$"), name="course_slug_is_address"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="course_has_title"),
            models.CheckConstraint(
                condition=Q(hours__gt=0),
                name="course_hours_positive",
                violation_error_message="A training takes more than 0 hours.",
            ),
            models.CheckConstraint(
                condition=Q(days=None) | Q(days__gt=0),
                name="course_days_positive",
                violation_error_message="A training takes 1 day or more.",
            ),
            models.CheckConstraint(
                condition=Q(mcle_max_hours=None) | Q(mcle_max_hours__gt=0),
                name="course_credit_positive",
                violation_error_message="Leave the credits empty rather than 0.",
            ),
            models.CheckConstraint(
                condition=Q(mcle_up_to=False) | Q(mcle_max_hours__isnull=False),
                name="course_up_to_what",
                violation_error_message="Say up to how many credits.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("trainings:detail", args=[self.slug])

    @property
    def price(self) -> str:
        return words.price((option.kind, option.amount_cents) for option in self.options.all())

    @property
    def credit(self) -> str:
        return words.credit(self.mcle_max_hours, self.mcle_up_to, self.mcle_special)

    @property
    def credit_figure(self) -> str:
        if self.mcle_max_hours is None:
            return words.UNSET
        return words.credit_figure(self.mcle_max_hours, self.mcle_up_to)

    @property
    def length(self) -> str:
        return words.length(self.hours, self.days)


class PriceOption(models.Model):
    """One way to take a course. A course without any has no price yet."""

    class Kind(models.TextChoices):
        FREE = "free", "Free"
        PLEDGE = "pledge", "Free with a pro bono pledge"
        FEE = "fee", "Fee"

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="options")
    kind = models.CharField(max_length=10, choices=Kind)
    amount_cents = models.PositiveIntegerField(
        "price in cents", default=0, help_text="$300 is 30000."
    )
    condition = models.CharField(
        max_length=200,
        blank=True,
        help_text="Goes on from “If …”: you are unable to take on a case.",
    )
    covers = models.CharField(max_length=200, blank=True)

    class Meta:
        # The order in which the page offers them: what costs nothing first.
        ordering = ["amount_cents", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "kind"],
                name="priceoption_once_a_course",
                violation_error_message="This course has that price option already.",
            ),
            models.CheckConstraint(
                condition=Q(kind="fee", amount_cents__range=(1, HIGHEST_FEE))
                | Q(kind__in=["free", "pledge"], amount_cents=0),
                name="priceoption_only_a_fee_costs",
                violation_error_message="A fee is 1 cent to $10,000; free and pledge cost 0.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount}"

    @property
    def amount(self) -> str:
        return words.money(self.amount_cents) if self.amount_cents else "Free"
