"""What pages ask of courses and offerings, each in a constant number of queries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from hub import words as hub_words
from trainings import claims, words
from trainings.models import (
    Activity,
    Course,
    Offering,
    PledgeText,
    Registration,
    Segment,
    WaiverCode,
)


def courses() -> QuerySet[Course]:
    """What visitors may see, in the page's order; `price` and `credit` cost no query."""
    return Course.objects.filter(published=True).prefetch_related("options")


def offerings() -> QuerySet[Offering]:
    """What visitors may see of the offerings, with days, approvals and prices at hand."""
    return (
        Offering.objects.filter(course__published=True, published_at__isnull=False)
        .exclude(status=Offering.Status.DRAFT)
        .select_related("course")
        .prefetch_related("activities__approvals", "prices")
        .order_by("pk")
    )


def ahead(course: Course) -> QuerySet[Offering]:
    """Every offering of a course that is neither over nor canceled, drafts too."""
    to_come = Q(activities=None) | Q(activities__ends_at__gte=timezone.now())
    found = Offering.objects.filter(to_come, course=course).distinct()
    found = found.exclude(status=Offering.Status.CANCELED)
    return found.select_related("course").prefetch_related("activities")


def with_agenda() -> QuerySet[Offering]:
    """As offerings(), with the lines of each day's agenda too."""
    return offerings().prefetch_related(
        Prefetch("activities__segments", queryset=Segment.objects.order_by("starts_at", "pk"))
    )


@dataclass(frozen=True)
class Listed:
    """An offering as a page shows it; `taken` and `waiting` are people."""

    offering: Offering
    taken: int
    waiting: int

    @property
    def seats_left(self) -> int:
        """Seats a newcomer can get: those who wait come first."""
        return 0 if self.waiting else max(self.offering.seats - self.taken, 0)

    @property
    def seats_words(self) -> str:
        """12 of 40 open; Full, 3 people wait"""
        if self.seats_left:
            return f"{self.seats_left} of {self.offering.seats} open"
        if not self.waiting:
            return "Full"
        return f"Full, {self.waiting} {'person waits' if self.waiting == 1 else 'people wait'}"

    @property
    def price(self) -> str:
        return words.price((price.kind, price.amount_cents) for price in self.offering.prices.all())

    @property
    def fee(self) -> str:
        """$300, where there is a fee"""
        cents = [price.amount_cents for price in self.offering.prices.all() if price.amount_cents]
        return words.money(cents[0]) if cents else ""

    @property
    def has_begun(self) -> bool:
        days = self.offering.days
        return bool(days) and days[0].starts_at <= timezone.now()

    @property
    def takes_registrations(self) -> bool:
        days = self.offering.days
        return self.offering.status == Offering.Status.OPEN and bool(days) and not self.has_begun

    @property
    def claims(self) -> list[claims.Claim]:
        return claims_of(self.offering.days)


def listed(found: Iterable[Offering]) -> list[Listed]:
    """With how many people are in and wait, in one query for all."""
    rows = list(found)
    counts: dict[int, dict[str, int]] = {}
    if rows:
        people = Registration.objects.filter(offering__in=rows).order_by()
        for offering, state, number in people.values_list("offering_id", "state").annotate(
            number=Count("pk")
        ):
            counts.setdefault(offering, {})[state] = number
    return [
        Listed(
            row,
            sum(counts.get(row.pk, {}).get(state, 0) for state in Registration.SEATED),
            counts.get(row.pk, {}).get(Registration.State.WAITLISTED, 0),
        )
        for row in rows
    ]


def upcoming(course: Course | None = None) -> list[Listed]:
    """Offerings that are not over, canceled ones among them, soonest first."""
    now = timezone.now()
    found = offerings().filter(activities__ends_at__gt=now).distinct()
    if course is not None:
        found = found.filter(course=course)
    return sorted(listed(found), key=lambda one: (one.offering.days[0].starts_at, one.offering.pk))


def claims_of(days: Iterable[Activity]) -> list[claims.Claim]:
    """What may be said of the credit of these days."""
    return claims.claims([list(_said(day)) for day in days])


def _said(day: Activity) -> Iterator[claims.Said]:
    for approval in day.approvals.all():
        yield claims.Said(
            jurisdiction=approval.jurisdiction,
            status=approval.status,
            day=day.local_start.date(),
            expires_on=approval.expires_on,
            total=approval.total,
            ethics=approval.ethics,
            bias=approval.bias,
            competence=approval.competence,
        )


@dataclass(frozen=True)
class Line:
    """One line of an agenda; `start` by the clock of the venue."""

    start: datetime
    segment: Segment

    @property
    def is_break(self) -> bool:
        return self.segment.kind == Segment.Kind.BREAK

    @property
    def minutes(self) -> int:
        return int((self.segment.ends_at - self.segment.starts_at).total_seconds()) // 60


@dataclass(frozen=True)
class Agenda:
    """A day with the lines of its agenda; breaks are not counted."""

    day: Activity

    @cached_property
    def lines(self) -> list[Line]:
        zone = self.day.local_start.tzinfo
        return [
            Line(segment.starts_at.astimezone(zone), segment) for segment in self.day.segments.all()
        ]

    @property
    def minutes(self) -> int:
        return sum(line.minutes for line in self.lines if not line.is_break)

    @property
    def zone_word(self) -> str:
        return hub_words.ZONES[self.day.offering.zone]

    @property
    def claims(self) -> list[claims.Claim]:
        return claims_of([self.day])


def pledge_text() -> PledgeText | None:
    """The words people pledge by now."""
    return PledgeText.objects.filter(in_force_from__lte=timezone.now()).first()


def waiver_works(offering: Offering, code: str) -> str | None:
    """The code as it was given out, when it can still be used here."""
    return (
        WaiverCode.objects.filter(
            offering=offering, code__iexact=code, used_at=None, expires_at__gt=timezone.now()
        )
        .values_list("code", flat=True)
        .first()
    )
