"""The curated list: what a resource is, who made it, whom it is for, where it is."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from library import words


class ResourceType(models.TextChoices):
    """In code, not a table: each citation style writes each type in its own way."""

    ACADEMIC_PAPER = "academic-paper", "Academic paper"
    CASE_DATABASE = "case-database", "Case database"
    CONFERENCE_PAPER = "conference-paper", "Conference paper"
    GUIDE = "guide", "Guide"
    GUIDELINES = "guidelines", "Guidelines"
    HANDBOOK = "handbook", "Handbook"
    LISTSERV = "listserv", "Listserv"
    MANUAL = "manual", "Manual"
    ONLINE_TRAINING = "online-training", "Online training"
    ORGANIZATION = "organization", "Organization"
    POLICY_PAPERS = "policy-papers", "Policy papers"
    PRACTICE_PAPER = "practice-paper", "Practice paper"
    REPORT = "report", "Report"
    RESOURCE_LIBRARY = "resource-library", "Resource library"
    WEBSITE = "website", "Website"
    UNKNOWN = "unknown", "Not stated"


class Placement(models.TextChoices):
    """The page's two lists."""

    LEGAL = "legal", "Legal resources"
    OTHER = "other", "Other resources"


class Topic(models.Model):
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Audience(models.Model):
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Resource(models.Model):
    slug = models.SlugField(
        "address", max_length=80, unique=True, help_text="The end of the page's web address."
    )
    title = models.CharField(max_length=300, help_text="Exactly as the work itself has it.")
    authors = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    organizations = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    short_name = models.CharField(max_length=60, blank=True)
    named_part = models.CharField(
        "in particular", max_length=200, blank=True, help_text="The part that is meant."
    )
    type = models.CharField(max_length=20, choices=ResourceType, default=ResourceType.UNKNOWN)
    also_provides = ArrayField(
        models.CharField(max_length=20, choices=ResourceType), default=list, blank=True
    )
    edition = models.CharField(max_length=60, blank=True)
    series = models.CharField(max_length=200, blank=True)
    number = models.CharField(max_length=60, blank=True)
    summary = models.TextField(blank=True)
    region = models.CharField(max_length=100, blank=True)
    part_of = models.CharField(max_length=200, blank=True)
    topics = models.ManyToManyField(Topic, blank=True, related_name="resources")
    audiences = models.ManyToManyField(Audience, blank=True, related_name="resources")

    url = models.URLField(
        "link",
        max_length=500,
        null=True,
        blank=True,
        help_text="Leave empty where none is known: readers are told to ask for a copy.",
    )
    url_is_site = models.BooleanField(
        "link goes to the organization’s site only",
        default=False,
        help_text="The work itself must still be looked for there.",
    )
    link_label = models.CharField("words of the link", max_length=200, blank=True)
    reviewed_on = models.DateField("last reviewed", null=True, blank=True)

    placement = models.CharField("list", max_length=10, choices=Placement)
    position = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Place in the list. Leave empty for the end."
    )
    published = models.BooleanField(default=True)

    class Meta:
        ordering = ["placement", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[-a-zA-Z0-9_]+$"), name="resource_slug_is_address"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="resource_has_title"),
            models.CheckConstraint(
                condition=Q(type__in=ResourceType.values), name="resource_known_type"
            ),
            models.CheckConstraint(
                condition=Q(also_provides__contained_by=ResourceType.values),
                name="resource_also_known_types",
            ),
            models.CheckConstraint(
                condition=Q(placement__in=Placement.values), name="resource_known_list"
            ),
            models.CheckConstraint(
                condition=Q(url=None) | Q(url__regex=r"^https?://[^/]"),
                name="resource_link_is_web",
                violation_error_message="A link begins with https:// or http://.",
            ),
            # Deferred, so that two resources can change places in one transaction.
            models.UniqueConstraint(
                fields=["placement", "position"],
                name="resource_place_taken_once",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="Another resource has that place in the list.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("library:detail", args=[self.slug])

    @property
    def byline(self) -> str:
        return words.byline(self.authors, self.organizations)

    @property
    def host(self) -> str:
        return words.host(self.url or "")

    @property
    def also(self) -> list[str]:
        return [ResourceType(each).label for each in self.also_provides]


class Claim(models.Model):
    """A figure the page gives; shown as unproven until staff write down its source."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="claims")
    text = models.TextField(help_text="Word for word.")
    attributed_to = models.CharField(max_length=200, blank=True)
    source = models.CharField(
        max_length=500, blank=True, help_text="The work and page that prove it, once found."
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text
