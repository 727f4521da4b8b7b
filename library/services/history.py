"""The history of resources: one row for each change, and putting one back as it was."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from hub.models import SeedRecord, User
from hub.refusal import Refused
from library.models import Audience, Resource, Topic

VERSIONS: Any = Resource.history.model
WORDS: dict[str, type[Topic | Audience]] = {"topics": Topic, "audiences": Audience}
STALE = (
    "Somebody else changed this resource in the meantime. Nothing was written: "
    "look at what it would become now, then press the button again."
)
_BATCH = 500
# Of what a row of history says, what a resource is made from.
_FIELDS = [each.attname for each in VERSIONS.tracked_fields]


@dataclass(frozen=True)
class Snapshot:
    """How a resource was: its fields by column, its topics and audiences by their keys."""

    values: dict[str, Any]
    words: dict[str, frozenset[int]] = field(default_factory=dict)


def record(ids: Iterable[int], by: User | None, reason: str = "", kind: str = "~") -> None:
    """Write one row of history for each resource as it now stands, topics and audiences too.

    In six statements however many there are. Call it in the transaction of the change;
    `kind` is "+", "~" or "-".
    """
    ids = set(ids)
    now = timezone.now()
    made = VERSIONS.objects.bulk_create(
        [
            VERSIONS(
                history_date=now,
                history_type=kind,
                history_user=by,
                history_change_reason=reason[:100] or None,
                **{name: getattr(resource, name) for name in _FIELDS},
            )
            for resource in Resource.objects.filter(pk__in=ids).order_by("pk")
        ],
        batch_size=_BATCH,
    )
    version = {each.id: each.history_id for each in made}
    for name in WORDS:
        rows = _through(name).objects.filter(resource_id__in=ids)
        kept = getattr(VERSIONS, name).model
        kept.objects.bulk_create(
            [kept(history_id=version[each["resource_id"]], **each) for each in rows.values()],
            batch_size=2 * _BATCH,
        )


def write_words(name: str, wanted: Mapping[int, Iterable[int]]) -> set[int]:
    """Give each resource exactly these topics or audiences; returns which resources changed.

    `name` is a key of WORDS, `wanted` the words' keys by the resource's. Writes no history.
    """
    column = _column(name)
    rows = _through(name).objects.filter(resource_id__in=wanted)
    have: dict[int, dict[int, int]] = defaultdict(dict)
    for pk, resource, word in rows.values_list("pk", "resource_id", column):
        have[resource][word] = pk
    wants = {resource: set(words) for resource, words in wanted.items()}
    gone = [
        pk
        for resource, words in have.items()
        for word, pk in words.items()
        if word not in wants[resource]
    ]
    new = [
        (resource, word)
        for resource, words in wants.items()
        for word in sorted(words - have[resource].keys())
    ]
    changed = {resource for resource, words in wants.items() if words != have[resource].keys()}
    _through(name).objects.filter(pk__in=gone).delete()
    _through(name).objects.bulk_create(
        [_through(name)(resource_id=resource, **{column: word}) for resource, word in new],
        batch_size=2 * _BATCH,
    )
    return changed


def words_of(name: str, ids: Iterable[int]) -> dict[int, set[int]]:
    """The topics or audiences that each of these resources has, by their keys."""
    found: dict[int, set[int]] = {pk: set() for pk in ids}
    rows = _through(name).objects.filter(resource_id__in=found)
    for resource, word in rows.values_list("resource_id", _column(name)):
        found[resource].add(word)
    return found


def versions(resource_id: int) -> QuerySet[Any]:
    """Every row of a resource's history, the newest first."""
    rows: QuerySet[Any] = VERSIONS.objects.filter(id=resource_id)
    return rows.select_related("history_user").order_by("-history_date", "-history_id")


def deleted() -> QuerySet[Any]:
    """The last row of history of each resource that is no more, the latest deletion first."""
    last = (
        VERSIONS.objects.exclude(id__in=Resource.objects.values("pk"))
        .order_by("id", "-history_date", "-history_id")
        .distinct("id")
    )
    rows: QuerySet[Any] = VERSIONS.objects.filter(pk__in=last.values("pk"))
    return rows.select_related("history_user").order_by("-history_date", "-history_id")


def snapshots(rows: Iterable[Any]) -> dict[int, Snapshot]:
    """What each of these rows of history says, by its key, in two queries."""
    rows = list(rows)
    words: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for name in WORDS:
        kept = getattr(VERSIONS, name).model.objects.filter(history_id__in=[r.pk for r in rows])
        for version, word in kept.values_list("history_id", _column(name)):
            words[version][name].add(word)
    return {
        row.pk: Snapshot(
            {name: getattr(row, name) for name in _FIELDS},
            {name: frozenset(words[row.pk][name]) for name in WORDS},
        )
        for row in rows
    }


def present(resource: Resource) -> Snapshot:
    """How a resource is now."""
    return Snapshot(
        {name: getattr(resource, name) for name in _FIELDS},
        {name: frozenset(words_of(name, [resource.pk])[resource.pk]) for name in WORDS},
    )


def before(version: Any) -> Any | None:
    """The row of history before this one; None for the first."""
    older = versions(version.id).filter(history_date__lte=version.history_date)
    return older.exclude(history_date=version.history_date, history_id__gte=version.pk).first()


def as_it_would_be(version: Any) -> Snapshot:
    """What a resource becomes when it is put back to a row of its history.

    A topic that was merged is the one it became; one that was deleted is left out. A place
    that another resource has by now is given up for the end of the list.
    """
    # What deletes a resource takes its topics away before it writes its row.
    told = (before(version) or version) if version.history_type == "-" else version
    said = snapshots([told])[told.pk]
    values = dict(said.values)
    place = (values["placement"], values["position"])
    taken = Resource.objects.exclude(pk=version.id).filter(placement=place[0], position=place[1])
    if taken.exists():
        values["position"] = None
    return Snapshot(values, {name: _still(name, ids) for name, ids in said.words.items()})


@transaction.atomic
def restore(version_id: int, by: User, newest: int | None = None) -> Resource:
    """Write a resource as a row of its history has it, as a new change; also a deleted one.

    `newest` is the latest row of its history that `by` was shown. Raises Refused when there
    is a later one by now, or when another resource has the address of a deleted one.
    """
    version = VERSIONS.objects.get(pk=version_id)
    history = VERSIONS.objects.select_for_update().filter(id=version.id)
    last = history.order_by("-history_date", "-history_id").first()
    if newest is not None and last.pk != newest:
        raise Refused(STALE)
    resource = Resource.objects.select_for_update().filter(pk=version.id).first()
    wanted = as_it_would_be(version)
    if resource and present(resource) == wanted:
        return resource
    if resource:
        Resource.objects.filter(pk=resource.pk).update(**wanted.values)
    else:
        if Resource.objects.filter(slug=version.slug).exists():
            raise Refused(
                f"Another resource has the address “{version.slug}” by now. Change or delete "
                "that one first."
            )
        Resource.objects.bulk_create([Resource(**wanted.values)])
    for name, ids in wanted.words.items():
        write_words(name, {version.id: ids})
    then = timezone.localtime(version.history_date)
    reason = f"Put back as it was on {then:%B} {then.day}, {then.year}, {then:%H:%M}"
    record([version.id], by, reason, kind="~" if resource else "+")
    return Resource.objects.get(pk=version.id)


def named(name: str, ids: Iterable[int]) -> dict[int, str]:
    """What topics or audiences are called, those that were merged or deleted too."""
    ids = set(ids)
    names: dict[int, str] = dict(
        WORDS[name]._default_manager.filter(pk__in=ids).values_list("pk", "name")
    )
    if missing := ids - names.keys():
        was = {was_key(WORDS[name], pk): pk for pk in missing}
        for one in SeedRecord.objects.filter(key__in=was):
            names[was[one.key]] = one.values["name"]
    return {pk: names.get(pk, "a word that was deleted") for pk in ids}


def was_key(model: type[Topic] | type[Audience], pk: int) -> str:
    """Under which a topic or audience that is no more is remembered: its name, what it became."""
    return f"library:{model._meta.model_name}-was:{pk}"


def _still(name: str, ids: Iterable[int]) -> frozenset[int]:
    model = WORDS[name]
    there = set(model._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
    keys = [was_key(model, pk) for pk in set(ids) - there]
    became = SeedRecord.objects.filter(key__in=keys).values_list("object_id", flat=True)
    merged = model._default_manager.filter(pk__in=list(became)).values_list("pk", flat=True)
    return frozenset(there | set(merged))


def _through(name: str) -> Any:
    return getattr(Resource, name).through


def _column(name: str) -> str:
    return f"{WORDS[name]._meta.model_name}_id"
