"""The curated list: what a resource is, who made it, whom it is for, where it is."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from hub import files
from library import citations, words


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


class Access(models.TextChoices):
    OPEN = "open", "Open to everyone"
    REQUEST = "request", "On request"
    MEMBERS = "members", "For members"


class LinkState(models.TextChoices):
    """What the link watcher last made sure of (library/link_rules.py)."""

    UNKNOWN = "unknown", "Not known"
    WORKS = "works", "Works"
    BROKEN = "broken", "Broken"


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
    year = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="When it came out. Leave empty where it is not known."
    )
    edition = models.CharField(max_length=60, blank=True)
    series = models.CharField(max_length=200, blank=True)
    number = models.CharField(max_length=60, blank=True)
    summary = models.TextField(blank=True)
    region = models.CharField("region or jurisdiction", max_length=100, blank=True)
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
    link_state = models.CharField(
        max_length=10, choices=LinkState, default=LinkState.UNKNOWN, editable=False
    )
    archived_url = models.URLField(
        "archived copy",
        max_length=500,
        null=True,
        blank=True,
        help_text="Offered to readers while the link is broken.",
    )
    file = models.FileField(
        upload_to="library/",
        blank=True,
        validators=[files.check_document],
        help_text="A PDF or Word file of ours, up to 25 MB.",
    )
    access = models.CharField(max_length=10, choices=Access, blank=True)
    reviewed_on = models.DateField("last reviewed", null=True, blank=True)

    placement = models.CharField(
        "list",
        max_length=10,
        choices=Placement,
        blank=True,
        help_text="Leave empty for what is found by search only.",
    )
    position = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Place in the list. Leave empty for the end."
    )
    published = models.BooleanField(default=True)
    published_at = models.DateTimeField(null=True, editable=False, db_index=True)

    history = HistoricalRecords(
        m2m_fields=[topics, audiences], excluded_fields=["link_state", "published_at"]
    )

    class Meta:
        ordering = ["placement", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[-a-zA-Z0-9_]+$"), name="resource_slug_is_address"
            ),
            models.CheckConstraint(
                condition=~Q(slug__in=["suggest", "reading-list"]),
                name="resource_slug_is_free",
                violation_error_message="That address is a page of the library’s own.",
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
                condition=Q(placement__in=["", *Placement.values]), name="resource_known_list"
            ),
            models.CheckConstraint(
                condition=Q(access__in=["", *Access.values]), name="resource_known_access"
            ),
            models.CheckConstraint(
                condition=Q(link_state__in=LinkState.values), name="resource_known_link_state"
            ),
            models.CheckConstraint(
                condition=~Q(placement="") | Q(position=None),
                name="resource_place_is_in_a_list",
                violation_error_message="A place needs a list.",
            ),
            models.CheckConstraint(
                condition=Q(year=None) | Q(year__gte=1500, year__lte=2200),
                name="resource_year_is_plausible",
                violation_error_message="Write the year in four digits.",
            ),
            models.CheckConstraint(
                condition=Q(url=None) | Q(url__regex=r"^https?://[^/]"),
                name="resource_link_is_web",
                violation_error_message="A link begins with https:// or http://.",
            ),
            models.CheckConstraint(
                condition=Q(archived_url=None) | Q(archived_url__regex=r"^https?://[^/]"),
                name="resource_archive_is_web",
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
    def work(self) -> citations.Work:
        """What is cited; a file of ours without another link is found on its own page here."""
        own = settings.BASE_URL + self.get_absolute_url() if self.file else ""
        pdf = reverse("library:file", args=[self.slug]) if self.file_said[:3] == "PDF" else ""
        return citations.Work(
            key=self.slug,
            title=self.title,
            authors=tuple(self.authors),
            organizations=tuple(self.organizations),
            type=self.type,
            year=self.year,
            edition=self.edition,
            series=self.series,
            number=self.number,
            part_of=self.part_of,
            short_title=self.short_name,
            summary=self.summary,
            topics=tuple(topic.name for topic in self.topics.all()),
            url=self.url or own,
            archived_url=self.archived_url or "",
            pdf_url=settings.BASE_URL + pdf if pdf else "",
            reviewed_on=self.reviewed_on,
        )

    @property
    def cited(self) -> dict[str, citations.Citation]:
        work = self.work
        return {"bluebook": citations.bluebook(work), "apa": citations.apa(work)}

    @property
    def archive_host(self) -> str:
        return words.host(self.archived_url or "")

    @property
    def file_said(self) -> str:
        """PDF, 1.2 MB; "" where there is no file."""
        return files.said(self.file)

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


class Alias(models.Model):
    """Ways to write one thing: whoever searches for one of them finds the others too."""

    terms = ArrayField(
        models.CharField(max_length=80), help_text="One a line: T visa, T nonimmigrant status."
    )

    class Meta:
        verbose_name_plural = "aliases"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(terms__len__gte=2), name="alias_has_two_terms"),
        ]

    def __str__(self) -> str:
        return " = ".join(self.terms)


class LinkHealth(models.Model):
    """What the watcher knows of a resource's link; readers see Resource.link_state only."""

    resource = models.OneToOneField(Resource, on_delete=models.CASCADE, related_name="health")
    url = models.URLField(max_length=500, help_text="The link these findings are about.")
    finding = models.CharField(max_length=200, blank=True, help_text="In a few words.")
    status = models.PositiveSmallIntegerField(null=True, help_text="The last HTTP status.")
    goes_to = models.CharField(max_length=2000, blank=True, help_text="Where it now leads.")
    failures = models.PositiveSmallIntegerField(default=0, help_text="At least a day apart each.")
    failed_at = models.DateTimeField(null=True, help_text="When the last of them was counted.")
    checked_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "link"
        ordering = ["-failures", "checked_at"]

    def __str__(self) -> str:
        return self.url


class Suggestion(models.Model):
    """What a visitor would add. Name and address go 90 days after it was dealt with."""

    class State(models.TextChoices):
        NEW = "new", "New"
        TAKEN = "taken", "Taken into the library"
        DECLINED = "declined", "Declined"

    title = models.CharField(max_length=300)
    url = models.URLField("link", max_length=500, blank=True)
    why = models.TextField("what it helps with", max_length=1000, blank=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    received_at = models.DateTimeField()
    dealt_with_at = models.DateTimeField(null=True, blank=True)
    dealt_with_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    resource = models.ForeignKey(
        Resource, on_delete=models.SET_NULL, null=True, blank=True, related_name="suggestions"
    )

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["new", "taken", "declined"]), name="suggestion_known_state"
            ),
            models.CheckConstraint(
                condition=Q(state="new", dealt_with_at=None)
                | (~Q(state="new") & Q(dealt_with_at__isnull=False)),
                name="suggestion_dealt_with_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.title
