from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

import hub
from hub import seeding
from hub.models import SeedRecord
from hub.offers import Timed
from library import files, links, privacy, reading, uploads, words, work
from library.models import Alias, Audience, Claim, Placement, Resource, ResourceType, Topic
from library.services import suggestions

TIMED = [
    Timed("library: look at links", timedelta(minutes=5), links.watch, waits=True),
    Timed("library: forget files", timedelta(days=1), files.forget),
    Timed("library: forget words", timedelta(days=1), reading.forget_words),
    Timed("library: forget who suggested", timedelta(days=1), suggestions.forget),
    Timed("library: forget unfinished imports", timedelta(days=1), uploads.forget),
]

DATA = [suggestions.data]
ERASE = [suggestions.ERASE]
PRIVACY = privacy.PRIVACY
IMPERSONAL = privacy.IMPERSONAL

WORK = [work.of_resources, work.of_suggestions]

# The file writes "organisation"; the hub's own words are US English.
_TYPES = {"organisation": ResourceType.ORGANIZATION.value}
Place = tuple[str, int | None]

# Of these a link to the site is a link to the thing itself.
_SITES = {"organisation", "website"}


def SEED(content: dict[str, Any]) -> None:  # noqa: N802 (an agreed name, hub.offers)
    """The page's two lists of resources, each in the page's order, and the aliases."""
    entries = [
        (placement, position, entry)
        for placement in Placement.values
        for position, entry in enumerate(content["resources"][placement], start=1)
    ]
    topics = _vocabulary(Topic, "topic", [each["topics"] for _, _, each in entries])
    audiences = _vocabulary(Audience, "audience", [each["audiences"] for _, _, each in entries])
    taken, moved = _places({f"library:{entry['key']}" for _, _, entry in entries})
    for placement, position, entry in entries:
        key = f"library:{entry['key']}"
        # A place that staff gave to another resource stays theirs; this one goes to the end.
        free = None if (placement, position) in taken else position
        place = moved.get(key, (placement, free))
        values = {**_values(entry), "placement": place[0], "position": place[1]}
        resource = seeding.sync(Resource, key, values, slug=entry["key"])
        if resource is None:
            continue
        _sync_set(f"{key}:topics", resource, "topics", [topics[each] for each in entry["topics"]])
        _sync_set(
            f"{key}:audiences",
            resource,
            "audiences",
            [audiences[each] for each in entry["audiences"]],
        )
        for number, claim in enumerate(entry.get("claims", []), start=1):
            said = {"text": claim["text"], "attributed_to": claim["attributed_to"] or ""}
            seeding.sync(
                Claim, f"{key}:claim:{number}", said, resource=resource, text=claim["text"]
            )
    file = Path(hub.__file__).parent / "content" / "library_aliases.yaml"
    for name, terms in yaml.safe_load(file.read_text(encoding="utf-8")).items():
        seeding.sync(Alias, f"library:alias:{name}", {"terms": terms}, terms=terms)


def _values(entry: dict[str, Any]) -> dict[str, Any]:
    kind = entry["resource_type"]
    return {
        "title": entry["title"],
        "authors": entry["authors"],
        "organizations": entry["organisations"],
        "short_name": entry.get("short_name", ""),
        "named_part": entry.get("named_part", ""),
        "type": _TYPES.get(kind, kind),
        "also_provides": [_TYPES.get(each, each) for each in entry.get("also_provides", [])],
        "edition": entry["edition"] or "",
        "series": entry["series"] or "",
        "number": entry["number"] or "",
        "summary": entry["summary"] or "",
        "region": entry.get("region", ""),
        "part_of": entry.get("part_of", ""),
        "url": entry["url"],
        "url_is_site": entry["url_status"] == "verified_home" and kind not in _SITES,
        "link_label": entry.get("link_label", ""),
    }


def _vocabulary(
    model: type[Topic] | type[Audience], kind: str, used: Iterable[list[str]]
) -> dict[str, Topic | Audience | None]:
    """Every word the entries use, by its slug; None for a word that staff deleted."""
    return {
        slug: seeding.sync(model, f"library:{kind}:{slug}", {"name": words.name(slug)}, slug=slug)
        for slug in sorted({slug for slugs in used for slug in slugs})
    }


def _places(keys: set[str]) -> tuple[set[Place], dict[str, Place]]:
    """Places that staff gave to a resource, and what the file last said of each they moved.

    A list and a place in it are one thing: whoever changes either has decided on both.
    What the file no longer names makes room at the place the file had given it.
    """
    records = {
        record.object_id: record
        for record in SeedRecord.objects.filter(
            key__startswith="library:", values__has_key="placement"
        )
    }
    taken: set[Place] = set()
    moved: dict[str, Place] = {}
    for resource in Resource.objects.only("placement", "position"):
        record = records.get(resource.pk)
        said = (record.values["placement"], record.values["position"]) if record else None
        if said != (resource.placement, resource.position):
            taken.add((resource.placement, resource.position))
            if record and said:
                moved[record.key] = said
        elif record and record.key not in keys and resource.position:
            resource.position = None
            resource.save(update_fields=["position"])
    return taken, moved


def _sync_set(
    key: str, resource: Resource, name: str, items: Iterable[Topic | Audience | None]
) -> None:
    """hub.seeding.sync for a set: written only while it is still what the file last said.

    A topic that staff deleted altogether does not count as an edit of each of its resources.
    """
    chosen = getattr(resource, name)
    new = sorted({item.pk for item in items if item})
    record = SeedRecord.objects.filter(key=key).first()
    if record is None:
        if not chosen.exists():
            chosen.set(new)
        SeedRecord.objects.create(key=key, object_id=resource.pk, values={"items": new})
        return
    known = set(
        chosen.model.objects.filter(pk__in=record.values["items"]).values_list("pk", flat=True)
    )
    if known != set(new) and known == set(chosen.values_list("pk", flat=True)):
        chosen.set(new)
    if record.values["items"] != new:
        record.values = {"items": new}
        record.save()
