"""Resources out of a table: what it would change, then all of that or nothing."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from hub.models import User
from hub.refusal import Refused
from hub.text import single_line
from library import cells
from library.cells import Wrong
from library.models import Access, Placement, Resource, ResourceType
from library.services import history
from library.table import Table

STALE = (
    "The library has changed since this list was made, so nothing was written. Look at what "
    "the file would change now, then confirm again."
)
_WEB = URLValidator(schemes=["http", "https"])
_RESERVED = {"suggest", "reading-list"}
_YEARS = (1500, 2200)
_PLACES = (1, 32767)
_FIXED: dict[str, dict[str, str]] = {
    "type": dict(ResourceType.choices),
    "access": {"": "", **dict(Access.choices)},
    "placement": {"": "", **dict(Placement.choices)},
}
_NONE_WHEN_EMPTY = {"url", "archived_url"}
LABELS = {
    "slug": "Address",
    "url": "Link",
    "archived_url": "Archived copy",
    "placement": "List",
    "position": "Place",
    "region": "Region",
    "reviewed_on": "Last reviewed",
}


@dataclass(frozen=True)
class Change:
    column: str
    old: str
    new: str

    @property
    def label(self) -> str:
        return LABELS.get(self.column, self.column.capitalize())


@dataclass
class Line:
    """A row of the table: what it changes of which resource, and what is wrong with it."""

    number: int
    slug: str
    title: str
    pk: int | None = None
    is_new: bool = False
    changes: list[Change] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    words: dict[str, set[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    lines: list[Line]

    @property
    def wrong(self) -> list[Line]:
        return [line for line in self.lines if line.errors]

    @property
    def right(self) -> list[Line]:
        """What changes something, or should be looked at."""
        return [line for line in self.lines if not line.errors and (line.changes or line.warnings)]

    @property
    def new(self) -> list[Line]:
        return [line for line in self.lines if line.changes and line.is_new]

    @property
    def changed(self) -> list[Line]:
        return [line for line in self.lines if line.changes and not line.is_new]

    @property
    def same(self) -> int:
        return sum(not line.changes and not line.errors for line in self.lines)

    @property
    def fingerprint(self) -> str:
        """Of everything the plan would change, from what to what."""
        said = [(line.slug, line.pk, line.changes) for line in self.lines if line.changes]
        return hashlib.sha256(repr(said).encode()).hexdigest()


def plan(table: Table) -> Plan:
    """What the table would change. Reads only; the same queries for one row and thousands.

    Raises Refused when its headings are wrong.
    """
    if wrong := cells.missing(table.headings):
        raise Refused(wrong)
    return _Planner(table).plan()


@transaction.atomic
def carry_out(table: Table, fingerprint: str, by: User) -> Plan:
    """Write all that the table changes, in the history of each resource as by `by`.

    Raises Refused, with nothing written, when a row is wrong or when it would change
    something else than the plan that was shown (its `fingerprint`).
    """
    # Nobody puts anything in a place that was free a moment ago.
    list(Resource.objects.select_for_update().order_by("pk").values_list("pk"))
    made = plan(table)
    if made.fingerprint != fingerprint:
        raise Refused(STALE)
    if made.wrong:
        raise Refused("Some rows are wrong. Nothing was written.")
    created = Resource.objects.bulk_create(
        [Resource(**line.values) for line in made.new], batch_size=500
    )
    for line, resource in zip(made.new, created, strict=True):
        line.pk = resource.pk
        line.values.clear()
    touched = [line for line in made.lines if line.changes]
    for line in touched:
        if line.values:
            Resource.objects.filter(slug=line.slug).update(**line.values)
    for name in history.WORDS:
        history.write_words(
            name, {line.pk: line.words[name] for line in touched if line.pk and name in line.words}
        )
    new = {each.pk for each in created}
    history.record(new, by, "Imported", kind="+")
    history.record({line.pk for line in touched if line.pk} - new, by, "Imported")
    return made


class _Planner:
    def __init__(self, table: Table) -> None:
        self.table = table
        slugs = [self._slug(dict(zip(table.headings, row, strict=False))) for _, row in table.rows]
        self.times = Counter(slugs)
        known = Resource.objects.filter(slug__in=slugs)
        self.known = {each.slug: each for each in known}
        ids = [each.pk for each in self.known.values()]
        self.has = {name: history.words_of(name, ids) for name in history.WORDS}
        self.words: dict[str, dict[str, int]] = {}
        self.slugs: dict[str, dict[int, str]] = {}
        for name, model in history.WORDS.items():
            rows: list[Any] = list(model._default_manager.order_by("slug"))
            self.words[name] = {word.name.casefold(): word.pk for word in rows} | {
                word.slug.casefold(): word.pk for word in rows
            }
            self.slugs[name] = {word.pk: word.slug for word in rows}
        self.others = list(
            Resource.objects.exclude(slug__in=slugs).values_list(
                "slug", "title", "placement", "position"
            )
        )

    @staticmethod
    def _slug(row: dict[str, str]) -> str:
        return single_line(cells.typed(row["slug"])) if "slug" in row else ""

    def plan(self) -> Plan:
        lines = [self._line(number, row) for number, row in self.table.rows]
        self._same_titles(lines)
        self._places(lines)
        return Plan(lines)

    def _line(self, number: int, row: list[str]) -> Line:
        named = dict(zip(self.table.headings, row, strict=False))
        slug = self._slug(named)
        line = Line(number, slug, single_line(cells.typed(named.get("title", ""))))
        if len(row) != len(self.table.headings):
            line.errors.append(
                f"The row has {len(row)} cells, the headings are {len(self.table.headings)}. "
                "Is a comma without quotation marks around it?"
            )
            return line
        if self.times[slug] > 1 and slug:
            line.errors.append(f"The address “{slug}” is in the file {self.times[slug]} times.")
        old = self.known.get(slug)
        line.pk, line.is_new = (old.pk, False) if old else (None, True)
        for column, cell in named.items():
            self._cell(line, column, cell, old)
        if old is None:
            # Nothing an import brings is seen by anybody before somebody says so.
            line.values.setdefault("published", False)
        if line.values.get("placement") == "" and "position" not in named:
            line.values["position"] = None
        return line

    def _cell(self, line: Line, column: str, cell: str, old: Resource | None) -> None:
        label = LABELS.get(column, column.capitalize())
        now = self._now(column, old) if old else ""
        typed = cells.typed(cell)
        if old and typed == now:
            return
        if (line.number, column) in self.table.formulas or cell.lstrip().startswith("="):
            line.errors.append(
                f"{label}: begins with “=”, which a spreadsheet computes. Nothing is computed "
                "here: write the text itself, with an apostrophe (') before it if it begins so."
            )
            return
        if column == "published" and not typed.strip():
            return
        try:
            value = self._value(column, typed)
        except Wrong as wrong:
            line.errors.append(f"{label}: “{typed[:80]}” {wrong}.")
            return
        except ValidationError as wrong:
            line.errors.append(f"{label}: {' '.join(wrong.messages)}")
            return
        if column in history.WORDS:
            new = self._said_words(column, value)
            line.words[column] = value
        else:
            new = cells.said(value)
            line.values[column] = value
        if new != now:
            line.changes.append(Change(column, now, new))

    def _now(self, column: str, old: Resource) -> str:
        if column in history.WORDS:
            return self._said_words(column, self.has[column][old.pk])
        return cells.said(getattr(old, column))

    def _said_words(self, column: str, ids: set[int]) -> str:
        return cells.said(sorted(self.slugs[column][pk] for pk in ids))

    def _value(self, column: str, cell: str) -> Any:
        """What a cell says, checked as the database checks it. Raises Wrong, ValidationError."""
        if column in history.WORDS:
            return self._named(column, cell)
        if read := _READERS.get(column):
            return read(cell)
        if column in _FIXED:
            if column == "type" and not cell.strip():
                return ResourceType.UNKNOWN.value
            return cells.one_of(cell, _FIXED[column])
        value: Any = cells.parted(cell) if column in cells.LISTS else single_line(cell)
        if column in _NONE_WHEN_EMPTY and not value:
            return None
        return Resource._meta.get_field(column).clean(value, None)  # type: ignore[union-attr]

    def _named(self, column: str, cell: str) -> set[int]:
        known = self.words[column]
        found = set()
        for part in cells.parted(cell):
            pk = known.get(part.casefold())
            if pk is None:
                there = ", ".join(sorted(self.slugs[column].values())) or "none yet"
                raise Wrong(f"has “{part}”, which is not known. Known: {there}")
            found.add(pk)
        return found

    def _same_titles(self, lines: list[Line]) -> None:
        having = defaultdict(set)
        for slug, title, _, _ in self.others:
            having[single_line(title).casefold()].add(slug)
        for line in lines:
            having[line.title.casefold()].add(line.slug)
        for line in lines:
            twins = sorted(having[line.title.casefold()] - {line.slug})
            if line.title and twins:
                line.warnings.append(f"The same title as “{twins[0]}”. Is it the same work?")

    def _places(self, lines: list[Line]) -> None:
        """No place is given twice, counting what the file does not speak of."""
        holders: dict[tuple[Any, Any], list[str]] = defaultdict(list)
        for slug, _, *place in self.others:
            holders[place[0], place[1]].append(slug)
        places: dict[int, tuple[Any, Any]] = {}
        for line in lines:
            old = self.known.get(line.slug)
            placement, position = (
                line.values[name] if name in line.values else getattr(old, name, None)
                for name in ("placement", "position")
            )
            places[line.number] = placement, position
            holders[placement, position].append(line.slug)
        for line in lines:
            placement, position = places[line.number]
            if position is None or line.errors:
                continue
            if not placement:
                line.errors.append("Place: a place needs a list (placement).")
            elif others := [slug for slug in holders[placement, position] if slug != line.slug]:
                line.errors.append(
                    f"Place: {position} of “{Placement(placement).label}” is the place of "
                    f"“{others[0]}”. Leave it empty for the end of the list."
                )


def _slug(cell: str) -> str:
    slug = single_line(cell)
    if not slug:
        raise Wrong("is empty: each row needs an address of its own, such as t-visa-guide")
    if slug in _RESERVED:
        raise Wrong("is a page of the library’s own")
    if len(slug) > 80 or not re.fullmatch(r"[-a-zA-Z0-9_]+", slug):
        raise Wrong("is no address: letters a–z, digits, hyphens and underscores, 80 at most")
    return slug


def _title(cell: str) -> str:
    title = single_line(cell)
    if not title:
        raise Wrong("is empty")
    if len(title) > 300:
        raise Wrong(f"is {len(title)} characters long; at most 300 are possible")
    return title


def _link(cell: str) -> str | None:
    link = single_line(cell)
    if not link:
        return None
    try:
        _WEB(link)
    except ValidationError:
        raise Wrong("is not a web address that begins with https:// or http://") from None
    if len(link) > 500:
        raise Wrong("is longer than 500 characters")
    return link


def _between(limits: tuple[int, int]) -> Callable[[str], int | None]:
    def read(cell: str) -> int | None:
        value = cells.number(cell)
        if value is not None and not limits[0] <= value <= limits[1]:
            raise Wrong(f"is not between {limits[0]} and {limits[1]}")
        return value

    return read


_READERS: dict[str, Callable[[str], Any]] = {
    "slug": _slug,
    "title": _title,
    "url": _link,
    "archived_url": _link,
    "year": _between(_YEARS),
    "position": _between(_PLACES),
    "published": cells.yes,
    "reviewed_on": cells.day,
    "summary": cells.lines,
}
