"""What staff do with resources: order, publish, review, give topics and audiences."""

import datetime
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet

from hub.models import User
from hub.refusal import Refused
from library.models import Audience, Placement, Resource, Topic
from library.services import history

REVIEW_EVERY_MONTHS = 12
CHANGED = (
    "Somebody else changed this list in the meantime. Your order is kept below, with what is "
    "new at its end: look it over, then save it again."
)


def in_list(placement: str) -> list[Resource]:
    """Every resource of a list in its order, drafts too."""
    return list(Resource.objects.filter(placement=placement).order_by("position", "pk"))


@transaction.atomic
def place(placement: str, ids: Sequence[int], by: User, was: Sequence[int]) -> int:
    """Put a list in this order, at places from 1; returns how many moved.

    `was` is the order that `by` was shown. Raises Refused when the list is another by now.
    """
    rows = Resource.objects.select_for_update().filter(placement=placement)
    now = list(rows.order_by("position", "pk"))
    if [each.pk for each in now] != list(was) or sorted(ids) != sorted(was):
        raise Refused(CHANGED)
    number = {pk: index for index, pk in enumerate(ids, start=1)}
    moved = [each for each in now if each.position != number[each.pk]]
    for each in moved:
        each.position = number[each.pk]
    try:
        with transaction.atomic():
            Resource.objects.bulk_update(moved, ["position"])
            # Somebody's new resource may be about to take one of the places.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS resource_place_taken_once IMMEDIATE")
                cursor.execute("SET CONSTRAINTS resource_place_taken_once DEFERRED")
    except IntegrityError:
        raise Refused(CHANGED) from None
    history.record((each.pk for each in moved), by, f"Order of “{Placement(placement).label}”")
    return len(moved)


@transaction.atomic
def set_published(ids: Collection[int], published: bool, by: User) -> int:
    """Show resources to everybody, or make them drafts; returns how many changed."""
    rows = _locked(ids).exclude(published=published)
    return _changed(rows, by, "Published" if published else "Unpublished", published=published)


@transaction.atomic
def mark_reviewed(ids: Collection[int], day: datetime.date, by: User) -> int:
    """Note that somebody looked through resources on `day`; returns how many changed."""
    rows = _locked(ids).exclude(reviewed_on=day)
    return _changed(rows, by, "Reviewed", reviewed_on=day)


@transaction.atomic
def add_words(ids: Collection[int], name: str, words: Iterable[Topic | Audience], by: User) -> int:
    """Give resources topics or audiences beside those they have; returns how many changed.

    `name` is "topics" or "audiences".
    """
    locked = _keys(_locked(ids))
    more = {word.pk for word in words}
    wanted = {pk: has | more for pk, has in history.words_of(name, locked).items()}
    return _written(name, wanted, by)


@transaction.atomic
def remove_words(
    ids: Collection[int], name: str, words: Iterable[Topic | Audience], by: User
) -> int:
    """Take topics or audiences from resources; returns how many changed."""
    locked = _keys(_locked(ids))
    less = {word.pk for word in words}
    wanted = {pk: has - less for pk, has in history.words_of(name, locked).items()}
    return _written(name, wanted, by)


@transaction.atomic
def delete(ids: Collection[int], by: User) -> int:
    """Delete resources; their history stays. Returns how many there were.

    Figures that were noted with them are gone for good.
    """
    rows = list(_locked(ids))
    for each in rows:
        each._history_user = by  # type: ignore[attr-defined]
        each.delete()
    return len(rows)


def not_reviewed_since(today: datetime.date) -> QuerySet[Resource]:
    """What is due for a look on `today`: what never had one first, then the longest ago."""
    month = today.year * 12 + today.month - 1 - REVIEW_EVERY_MONTHS
    # The last day of a month has no like in every other.
    limit = datetime.date(month // 12, month % 12 + 1, min(today.day, 28))
    due = Resource.objects.filter(Q(reviewed_on=None) | Q(reviewed_on__lte=limit))
    return due.order_by(F("reviewed_on").asc(nulls_first=True), "title", "pk")


def _locked(ids: Collection[int]) -> QuerySet[Resource]:
    return Resource.objects.select_for_update().filter(pk__in=ids).order_by("pk")


def _keys(rows: QuerySet[Resource]) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def _changed(rows: QuerySet[Resource], by: User, reason: str, **values: Any) -> int:
    ids = _keys(rows)
    Resource.objects.filter(pk__in=ids).update(**values)
    history.record(ids, by, reason)
    return len(ids)


def _written(name: str, wanted: dict[int, set[int]], by: User) -> int:
    changed = history.write_words(name, wanted)
    history.record(changed, by, f"{name.capitalize()} of several at once")
    return len(changed)
