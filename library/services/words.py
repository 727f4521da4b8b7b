"""Topics and audiences: two become one, one is deleted, and old names still lead there."""

from collections.abc import Collection, Iterable

from django.db import transaction

from hub.models import SeedRecord, User
from hub.refusal import Refused
from library.models import Audience, Topic
from library.services import history

Word = Topic | Audience


def moving(kept: Word, gone: Word) -> tuple[int, int]:
    """How many resources would get `kept` in a merge, and how many have both already."""
    having = set(gone.resources.values_list("pk", flat=True))
    both = having & set(kept.resources.values_list("pk", flat=True))
    return len(having) - len(both), len(both)


@transaction.atomic
def merge(model: type[Word], kept_id: int, gone_id: int, by: User) -> int:
    """Give what has one word the other instead, and delete the first; returns how many.

    0 when that was done already. The old address of the word leads to the one it became
    (`now_called`), for readers and for the content file.
    """
    words = {
        word.pk: word
        for word in model._default_manager.select_for_update()
        .filter(pk__in=[kept_id, gone_id])
        .order_by("pk")
    }
    kept, gone = words.get(kept_id), words.get(gone_id)
    if kept is None:
        raise Refused("What was to be kept is not there any more. Nothing was changed.")
    if gone is None:
        return 0
    if kept_id == gone_id:
        raise Refused("Choose another one to merge into this one.")
    name = _set_of(model)
    ids = list(gone.resources.order_by("pk").select_for_update().values_list("pk", flat=True))
    wanted = {pk: has | {kept_id} for pk, has in history.words_of(name, ids).items()}
    history.write_words(name, {pk: has - {gone_id} for pk, has in wanted.items()})
    _remember(gone, became=kept_id)
    gone.delete()
    history.record(ids, by, f"“{gone.name}” merged into “{kept.name}”")
    return len(ids)


@transaction.atomic
def delete(model: type[Word], ids: Iterable[int], by: User) -> None:
    """Delete topics or audiences, and write into the history of each resource that it lost one."""
    name = _set_of(model)
    for word in model._default_manager.select_for_update().filter(pk__in=ids).order_by("pk"):
        having = list(word.resources.values_list("pk", flat=True))
        SeedRecord.objects.update_or_create(
            key=history.was_key(model, word.pk),
            defaults={"object_id": word.pk, "values": {"name": word.name}},
        )
        has = history.words_of(name, having)
        history.write_words(name, {pk: words - {word.pk} for pk, words in has.items()})
        word.delete()
        history.record(having, by, f"“{word.name}” deleted")


def now_called(model: type[Word], slugs: Collection[str]) -> dict[str, str]:
    """Of addresses that merged topics or audiences had, those of what each became.

    Only of those that no topic or audience has now.
    """
    there = model._default_manager.filter(slug__in=slugs).values_list("slug", flat=True)
    slugs = set(slugs) - set(there)
    kind = f"library:{model._meta.model_name}:"
    old = dict(
        SeedRecord.objects.filter(key__in=[kind + slug for slug in slugs]).values_list(
            "key", "object_id"
        )
    )
    new = dict(model._default_manager.filter(pk__in=old.values()).values_list("pk", "slug"))
    return {key.removeprefix(kind): new[pk] for key, pk in old.items() if pk in new}


def _remember(gone: Word, became: int) -> None:
    """Let everything that names the one that goes lead to the other.

    For the content file a word is what its record says: the file then gives the other one
    to what it says has the first, and never makes the first again.
    """
    model = type(gone)
    kind = f"library:{model._meta.model_name}"
    SeedRecord.objects.filter(key__startswith=f"{kind}:", object_id=gone.pk).update(
        object_id=became
    )
    SeedRecord.objects.filter(key__startswith=f"{kind}-was:", object_id=gone.pk).update(
        object_id=became
    )
    SeedRecord.objects.update_or_create(
        key=f"{kind}:{gone.slug}",
        defaults={"object_id": became},
        create_defaults={"object_id": became, "values": {"name": gone.name}},
    )
    SeedRecord.objects.create(
        key=history.was_key(model, gone.pk), object_id=became, values={"name": gone.name}
    )
    # What the file last gave each resource: else the merge would pass for an edit of each.
    for record in SeedRecord.objects.filter(
        key__startswith="library:",
        key__endswith=f":{_set_of(model)}",
        values__items__contains=[gone.pk],
    ):
        items = {became if pk == gone.pk else pk for pk in record.values["items"]}
        record.values = {"items": sorted(items)}
        record.save(update_fields=["values"])


def _set_of(model: type[Word]) -> str:
    return next(name for name, each in history.WORDS.items() if each is model)
