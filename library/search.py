"""Finding resources by word and facet.

What is searched is `library_search`, which the database keeps itself (migration 0003). A
search costs the same few queries whatever it finds; none is made for a single row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import caches

from hub import version
from library import reading
from library.models import Resource, ResourceType
from library.reading import Reading, rows
from library.wanted import FACETS, Wanted

PAGE_SIZE = 25
# Beyond these a list is in the library's own order: nobody reads that far, and ranking costs.
RANKED = 1000
# With fewer resources than this, such as are only close are offered too.
FEW = 3
# The most frequent of each facet, and whatever is ticked.
_CHOICES = 30
_AT_ONCE = 8
# Counting so many takes longer than to keep what was counted.
_KEPT_FROM = 1000
_KEPT_FOR = 3600

# (kind, value, label, count)
Count = tuple[str, str, str, int]
Ticked = dict[str, list[int]]


@dataclass(frozen=True)
class Choice:
    """`count`: how many resources the list would have of it, all other facets as ticked."""

    value: str
    label: str
    count: int
    ticked: bool


@dataclass(frozen=True)
class Facet:
    """`name` is the address's, `label` the reader's; the most frequent choices first."""

    name: str
    label: str
    choices: list[Choice]

    @property
    def plural(self) -> str:
        return f"{self.name}s"

    @property
    def first(self) -> list[Choice]:
        """Those to show at once, what is ticked among them."""
        return [each for at, each in enumerate(self.choices) if at < _AT_ONCE or each.ticked]

    @property
    def more(self) -> list[Choice]:
        return [each for each in self.choices[_AT_ONCE:] if not each.ticked]


@dataclass(frozen=True)
class Found:
    """One page of what was found, and what was done to find it."""

    wanted: Wanted
    resources: list[Resource] = field(default_factory=list)
    total: int = 0
    page: int = 1
    facets: list[Facet] = field(default_factory=list)
    # (word typed, word used; "" for a word that was left out)
    corrected: list[tuple[str, str]] = field(default_factory=list)
    # Resources that are only like what was asked for are among them.
    close: bool = False
    # Words that no resource has; only where they were not corrected.
    unknown: list[str] = field(default_factory=list)
    # Words too common to be searched for.
    common: list[str] = field(default_factory=list)
    # (facet, value) ticked that no resource has.
    missing: list[tuple[str, str]] = field(default_factory=list)
    # Lower-case words to mark in what is shown.
    marked: frozenset[str] = frozenset()

    # There were words, and none that can be searched for.
    nothing_to_search: bool = False

    @property
    def choices(self) -> bool:
        """There is something to narrow the list by."""
        return any(facet.choices for facet in self.facets)

    @property
    def pages(self) -> int:
        return _pages(self.total)


def find(wanted: Wanted) -> Found:
    """The page of resources that is wanted; the last one for a page beyond it."""
    read = reading.read(wanted)
    ticked, missing = _ticked(wanted)
    # Words of which none is left to look for find nothing, not everything.
    answer = _ask(wanted, read, ticked) if read.terms or not wanted.q else _Answer()
    near: list[int] = []
    if read.terms and not wanted.exact and answer.total < FEW:
        near = reading.close(wanted, read)
        if near:
            answer = _ask(wanted, read, ticked, near)
    return Found(
        wanted=wanted,
        resources=_load(answer.ids),
        total=answer.total,
        page=answer.page,
        facets=_facets(wanted, answer.counts),
        corrected=list(read.corrected),
        close=bool(answer.total and (read.corrected or near)),
        unknown=list(read.unknown),
        common=list(read.common),
        missing=missing,
        marked=read.marked,
        nothing_to_search=bool(wanted.q and not read.terms),
    )


def every(wanted: Wanted, limit: int, newest: bool = False) -> list[Resource]:
    """All that was found in the order of the pages, or the newest published first."""
    read = reading.read(wanted)
    if wanted.q and not read.terms:
        return []
    ticked, _ = _ticked(wanted)
    ids = _ids(wanted, read, ticked, (), 0, limit, newest=newest)
    if read.terms and not wanted.exact and len(ids) < min(FEW, limit):
        near = reading.close(wanted, read)
        if near:
            ids = _ids(wanted, read, ticked, near, 0, limit, newest=newest)
    return _load(ids)


def _load(ids: list[int]) -> list[Resource]:
    found = Resource.objects.prefetch_related("topics", "audiences").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _ticked(wanted: Wanted) -> tuple[Ticked, list[tuple[str, str]]]:
    """The numbers of what is ticked in each facet, and what of it no resource has."""
    asked = wanted.ticked
    if not asked:
        return {}, []
    kinds, values = zip(*asked, strict=True)
    found = rows(
        "SELECT f.kind, f.value, f.id FROM library_facet f"
        " JOIN unnest(%s::text[], %s::text[]) AS asked (kind, value) USING (kind, value)"
        " WHERE EXISTS (SELECT FROM library_search s WHERE s.facets @> ARRAY[f.id])",
        [list(kinds), list(values)],
    )
    known = {(kind, value): number for kind, value, number in found}
    ticked: Ticked = {name: [] for name, _ in asked}
    for pair, number in known.items():
        ticked[pair[0]].append(number)
    return ticked, [pair for pair in asked if pair not in known]


@dataclass(frozen=True)
class _Answer:
    ids: list[int] = field(default_factory=list)
    total: int = 0
    page: int = 1
    counts: list[Count] = field(default_factory=list)


def _ask(wanted: Wanted, read: Reading, ticked: Ticked, near: Sequence[int] = ()) -> _Answer:
    key = f"library:{version.current()[0]}:{wanted.but().query}"
    kept = caches["process"].get(key)
    if kept:
        total, counts = kept
        page = min(wanted.page, _pages(total))
        ids = _ids(wanted, read, ticked, near, (page - 1) * PAGE_SIZE, PAGE_SIZE)
        return _Answer(ids, total, page, counts)
    sql, parameters = _hits(wanted, read, ticked, near)
    own = " ".join(f"WHEN '{name}' THEN {1 << at}" for at, name in enumerate(FACETS))
    sql += f""",
facets AS (
    SELECT f.kind, f.value, f.label, sum(number) AS number, f.id = ANY(%s::int[]) AS ticked,
        row_number() OVER (PARTITION BY f.kind ORDER BY sum(number) DESC, f.id) AS at
    FROM (SELECT facet, miss, count(*) AS number
          FROM (SELECT unnest(facets) AS facet, miss FROM hits) AS one GROUP BY facet, miss) AS each
    JOIN library_facet f ON f.id = facet
    WHERE miss = 0 OR miss = CASE f.kind {own} END
    GROUP BY f.id)
SELECT (SELECT count(*) FROM hits WHERE miss = 0),
    ARRAY(SELECT resource_id FROM ranked ORDER BY at),
    (SELECT json_agg(json_build_array(kind, value, label, number) ORDER BY number DESC, label)
     FROM facets WHERE at <= {_CHOICES} OR ticked)"""  # noqa: S608 (only names and numbers of ours)
    numbers = [number for each in ticked.values() for number in each]
    ((total, first, counted),) = rows(sql, [*parameters, numbers])
    counts = [(kind, value, label, count) for kind, value, label, count in counted or []]
    if total >= _KEPT_FROM:
        caches["process"].set(key, (total, counts), _KEPT_FOR)
    page = min(wanted.page, _pages(total))
    start = (page - 1) * PAGE_SIZE
    ids = first[start : start + PAGE_SIZE]
    if start >= RANKED:
        ids = _ids(wanted, read, ticked, near, start, PAGE_SIZE)
    return _Answer(ids, total, page, counts)


def _pages(total: int) -> int:
    return max(1, -(-total // PAGE_SIZE))


def _hits(
    wanted: Wanted, read: Reading, ticked: Ticked, near: Sequence[int]
) -> tuple[str, list[Any]]:
    """CTEs: the query, what has its words, and the first of that in the order of their ranks.

    `miss` has a bit for each facet a resource does not fit: 0 is in the list, one bit still
    counts in that facet's own choices.
    """
    words, parameters = reading.query(read)
    parts = [f"(NOT s.facets && %s::int[])::int * {1 << FACETS.index(name)}" for name in ticked]
    match, rank, near_ones = "TRUE", "0", []
    if wanted.q:
        match = "s.vector @@ (SELECT query FROM asked)"
        rank = "ts_rank(s.vector, (SELECT query FROM asked))"
    if near:
        match = f"({match} OR s.resource_id = ANY(%s))"
        near_ones = [list(near)]
    # By its physical place a row is found at once; inside one statement it stays there.
    sql = f"""
WITH asked AS MATERIALIZED (SELECT {words or "''::tsquery"} AS query),
hits AS MATERIALIZED (
    SELECT * FROM (
        SELECT s.resource_id, s.ctid AS spot, s.place, s.published_at, s.facets,
            {" + ".join(parts) or "0"} AS miss
        FROM library_search s WHERE {match}) AS each
    WHERE miss & (miss - 1) = 0),
ranked AS MATERIALIZED (
    SELECT first.resource_id, row_number() OVER (
        ORDER BY {rank} DESC, array_position(%s::bigint[], first.resource_id),
            first.place, first.resource_id) AS at
    FROM (SELECT resource_id, spot, place FROM hits WHERE miss = 0
          ORDER BY place, resource_id LIMIT {RANKED}) AS first
    JOIN library_search s ON s.ctid = first.spot)"""  # noqa: S608 (only names and numbers of ours)
    return sql, [*parameters, *ticked.values(), *near_ones, list(near)]


def _ids(
    wanted: Wanted,
    read: Reading,
    ticked: Ticked,
    near: Sequence[int],
    start: int,
    count: int,
    *,
    newest: bool = False,
) -> list[int]:
    newest_first = "published_at DESC NULLS LAST, resource_id DESC"
    if not wanted.q:
        # No rank to give: straight along an index.
        fits = " AND ".join("facets && %s::int[]" for _ in ticked) or "TRUE"
        order = newest_first if newest else "place, resource_id"
        sql = f"SELECT resource_id FROM library_search WHERE {fits} ORDER BY {order}"  # noqa: S608 (only names of ours)
        parameters = list[Any](ticked.values())
    else:
        sql, parameters = _hits(wanted, read, ticked, near)
        if newest:
            sql += f" SELECT resource_id FROM hits WHERE miss = 0 ORDER BY {newest_first}"  # noqa: S608 (as above)
        elif start + count <= RANKED:
            sql += " SELECT resource_id FROM ranked ORDER BY at"
        else:
            # What was ranked was the first by place.
            sql += """ SELECT resource_id FROM (
    SELECT resource_id, 0 AS part, at FROM ranked
    UNION ALL (
        SELECT resource_id, 1, row_number() OVER (ORDER BY place, resource_id) FROM hits
        WHERE miss = 0 ORDER BY place, resource_id OFFSET (SELECT count(*) FROM ranked))) AS each
ORDER BY part, at"""
    sql += " OFFSET %s LIMIT %s"
    return [pk for (pk,) in rows(sql, [*parameters, start, count])]


def _facets(wanted: Wanted, counts: list[Count]) -> list[Facet]:
    facets = []
    for name in FACETS:
        chosen = getattr(wanted, name)
        found = {value: (label, count) for kind, value, label, count in counts if kind == name}
        found |= {value: (value, 0) for value in chosen if value not in found}
        choices = [
            Choice(value, _label(name, value, label), count, value in chosen)
            for value, (label, count) in found.items()
        ]
        facets.append(Facet(name, name.capitalize(), choices))
    return facets


def _label(name: str, value: str, label: str) -> str:
    return ResourceType(value).label if name == "type" and value in ResourceType else label
