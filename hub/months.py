"""The last twelve months, Pacific, and how much of something each of them saw."""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

MONTHS = 12


def last_twelve(now: datetime) -> list[date]:
    """The first days of the twelve months up to this one, oldest first."""
    today = timezone.localdate(now)
    this = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(this - MONTHS + 1, this + 1)]


def start(now: datetime) -> datetime:
    """The instant at which the first of them began."""
    return timezone.make_aware(datetime.combine(last_twelve(now)[0], time()))


def filled(
    counts: Iterable[tuple[date, int | Decimal]], now: datetime
) -> list[tuple[date, int | Decimal]]:
    """Each of the twelve months with the sum of what is counted in it, 0 included."""
    found: dict[date, int | Decimal] = dict.fromkeys(last_twelve(now), 0)
    for day, number in counts:
        month = day.replace(day=1)
        if month in found:
            found[month] += number
    return list(found.items())


def counted(
    rows: QuerySet[Any], field: str, now: datetime, number: Any = None
) -> list[tuple[date, int | Decimal]]:
    """Of rows by a moment of theirs, each month in one query: how many, or another sum."""
    months = (
        rows.filter(**{f"{field}__gte": start(now), f"{field}__lte": now})
        .order_by()
        .values_list(TruncMonth(field))
        .annotate(number=number or Count("pk"))
    )
    return filled(((month.date(), count) for month, count in months), now)
