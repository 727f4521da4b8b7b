"""Finding resources by word and facet.

What is searched is `library_search`, which the database keeps itself (migration 0003). A
search costs the same few queries whatever it finds; none is made for a single row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from library.models import Alias, Resource, ResourceType
from library.terms import Term, nearest, split, terms
from library.wanted import FACETS, Wanted

PAGE_SIZE = 25
# Beyond these a list is in the library's own order: nobody reads that far, and ranking costs.
RANKED = 1000
FEW = 3
_CHOICES = 30


@dataclass(frozen=True)
class Choice:
    """`count`: how many resources the list would have of it, all other facets as ticked."""

    value: str
    label: str
    count: int
    ticked: bool


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    choices: list[Choice]


_LABELS = {
    "topic": "Topic",
    "audience": "Audience",
    "type": "Type",
    "organization": "Organization",
}


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
    # How many there are of each of the page's lists, "" those in none.
    lists: dict[str, int] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True)
class _Reading:
    """What the words of a search came to."""

    terms: list[Term]
    prefixes: frozenset[str] = frozenset()
    corrected: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    marked: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        """No word is left to look for."""
        return not self.terms


def find(wanted: Wanted) -> Found:
    """The page of resources that is wanted; the last one for a page beyond it."""
    reading = _read(wanted)
    ticked, missing = _ticked(wanted)
    answer = _Answer() if wanted.q and reading.empty else _ask(wanted, reading, ticked)
    close: list[int] = []
    if wanted.q and not wanted.exact and answer.total < FEW and split(wanted.q):
        close = _close(wanted.q)
        if close:
            answer = _ask(wanted, reading, ticked, close)
    return Found(
        wanted=wanted,
        resources=_load(answer.ids),
        total=answer.total,
        page=answer.page,
        facets=_facets(wanted, ticked, answer.counts),
        corrected=list(reading.corrected),
        close=bool(answer.total and (reading.corrected or close)),
        unknown=list(reading.unknown),
        common=list(reading.common),
        missing=missing,
        marked=reading.marked,
        lists={value: count for kind, value, _, count in answer.counts if kind == "list"},
    )


def every(wanted: Wanted, limit: int, newest: bool = False) -> list[Resource]:
    """All that was found in the order of the pages, or the newest published first."""
    reading = _read(wanted)
    ticked, _ = _ticked(wanted)
    ids: list[int] = []
    if not (wanted.q and reading.empty):
        ids = _ids(wanted, reading, ticked, limit, newest)
    if wanted.q and not wanted.exact and len(ids) < min(FEW, limit) and split(wanted.q):
        close = _close(wanted.q)
        if close:
            ids = _ids(wanted, reading, ticked, limit, newest, close)
    return _load(ids)


def _load(ids: list[int]) -> list[Resource]:
    found = Resource.objects.prefetch_related("topics", "audiences").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


# For each word: is it an English stop word, is it an acronym of the library's, which words of
# the library have its stem, and does any at least begin with it.
_VOCABULARY = """
SELECT asked.word,
    stem.found = '{}',
    EXISTS (SELECT FROM library_word w WHERE w.word = folded.word),
    ARRAY(SELECT w.word FROM library_word w
          WHERE w.stem = coalesce(stem.found[1], folded.word) LIMIT 50),
    ARRAY(SELECT w.word FROM library_word w
          WHERE length(folded.word) > 2 AND w.word LIKE folded.word || '%%' LIMIT 50)
FROM unnest(%s) AS asked (word)
CROSS JOIN LATERAL (SELECT library_folded(asked.word)) AS folded (word)
CROSS JOIN LATERAL (SELECT ts_lexize('english_stem', folded.word)) AS stem (found)
"""

# The library's own words nearest to each, only such as a published resource still has.
_CORRECTIONS = """
SELECT asked.word, close.word
FROM unnest(%s) AS asked (word)
CROSS JOIN LATERAL library_close_words(library_folded(asked.word)) AS close
WHERE EXISTS (SELECT FROM library_search s WHERE s.vector @@ library_query(close.word))
"""


def _read(wanted: Wanted, *, correct: bool = True) -> _Reading:
    words = split(wanted.q)
    if not words:
        return _Reading([])
    aliases = list(Alias.objects.values_list("terms", flat=True))
    vocabulary = {
        word: (stop, known, forms, longer)
        for word, stop, known, forms, longer in _rows(
            _VOCABULARY, [list(dict.fromkeys(each.lower() for each in words))]
        )
    }
    meant = terms(words, aliases)
    plain = [term.typed[0].lower() for term in meant if not term.is_alias]
    stops = {word for word in plain if vocabulary[word][0]}
    # Nothing but stop words: then "who" is the organization.
    only_stops = len(stops) == len(set(plain)) and not any(term.is_alias for term in meant)
    kept: list[Term] = []
    common: list[str] = []
    unknown: list[str] = []
    prefixes: set[str] = set()
    marked: set[str] = set()
    for term in meant:
        if term.is_alias:
            kept.append(term)
            marked.update(word.lower() for way in term.ways for word in way if len(word) > 2)
            continue
        word = term.typed[0]
        stop, known, forms, longer = vocabulary[word.lower()]
        if stop:
            if known and (only_stops or word.isupper()):
                kept.append(Term(term.typed, ((word.upper(),),)))
                marked.add(word.lower())
            else:
                common.append(word)
            continue
        kept.append(Term(term.typed, ((word.lower(),),)))
        marked.update([word.lower(), *forms])
        if not forms and longer and not wanted.exact:
            prefixes.add(word.lower())
            marked.update(longer)
        elif not forms and not any(char.isdigit() for char in word):
            unknown.append(word)
    reading = _Reading(
        kept, frozenset(prefixes), (), tuple(unknown), tuple(common), frozenset(marked)
    )
    if unknown and correct and not wanted.exact:
        return _corrected(wanted, reading)
    return reading


def _corrected(wanted: Wanted, reading: _Reading) -> _Reading:
    candidates: dict[str, list[str]] = {}
    lower = list(dict.fromkeys(word.lower() for word in reading.unknown))
    for word, candidate in _rows(_CORRECTIONS, [lower]):
        candidates.setdefault(word, []).append(candidate)
    chosen = {word: nearest(word, candidates.get(word, [])) or "" for word in lower}
    q = " ".join(chosen.get(word.lower(), word) for word in split(wanted.q))
    again = _read(wanted.but(q=q), correct=False)
    corrected = tuple((word, chosen[word.lower()]) for word in dict.fromkeys(reading.unknown))
    if again.empty:
        return replace(again, unknown=reading.unknown, common=reading.common)
    return replace(again, corrected=corrected, unknown=())


def _query(reading: _Reading) -> tuple[str, list[str]]:
    """SQL for the tsquery, and its parameters."""
    parameters: list[str] = []
    parts = []
    for term in reading.terms:
        ways = []
        for way in term.ways:
            words = []
            for word in way:
                if word in reading.prefixes:
                    words.append("to_tsquery('simple', library_folded(%s) || ':*')")
                else:
                    words.append("library_query(%s)")
                parameters.append(word)
            ways.append(" && ".join(words))
        parts.append("(" + " || ".join(f"({way})" for way in ways) + ")")
    return " && ".join(parts) or "''::tsquery", parameters


def _ticked(wanted: Wanted) -> tuple[dict[str, list[int]], list[tuple[str, str]]]:
    """The numbers of what is ticked in each facet, and what of it no resource has."""
    asked = [(name, value) for name in FACETS for value in getattr(wanted, name)]
    if not asked:
        return {}, []
    kinds, values = zip(*asked, strict=True)
    known = {
        (kind, value): number
        for kind, value, number in _rows(
            "SELECT f.kind, f.value, f.id FROM library_facet f"
            " JOIN unnest(%s, %s) AS asked (kind, value) USING (kind, value)"
            " WHERE EXISTS (SELECT FROM library_search s WHERE s.facets @> ARRAY[f.id])",
            [list(kinds), list(values)],
        )
    }
    ticked: dict[str, list[int]] = {}
    for name, value in asked:
        ticked.setdefault(name, [])
        if (name, value) in known:
            ticked[name].append(known[name, value])
    return ticked, [each for each in asked if each not in known]


@dataclass(frozen=True)
class _Answer:
    ids: list[int] = field(default_factory=list)
    total: int = 0
    page: int = 1
    # (kind, value, label, count)
    counts: list[tuple[str, str, str, int]] = field(default_factory=list)


def _hits(
    wanted: Wanted, reading: _Reading, ticked: dict[str, list[int]], close: list[int]
) -> tuple[str, list[Any]]:
    """Three CTEs: the query, what has the words, and the first of it with their ranks.

    `miss` has a bit for each facet a resource does not fit: 0 is in the list, one bit still
    counts in that facet's own choices.
    """
    query, parameters = _query(reading)
    bits = {name: 1 << at for at, name in enumerate(FACETS)}
    parts = [f"(NOT s.facets && %s::int[])::int * {bits[name]}" for name in ticked]
    miss = " + ".join(parts) or "0"
    sql_parameters: list[Any] = [*parameters, *ticked.values()]
    match = "TRUE"
    if wanted.q:
        match = "s.vector @@ (SELECT query FROM asked)"
        if close:
            match = f"({match} OR s.resource_id = ANY(%s))"
            sql_parameters.append(close)
    sql = f"""
WITH asked AS MATERIALIZED (SELECT {query} AS query),
hits AS MATERIALIZED (
    SELECT * FROM (
        SELECT s.resource_id, s.place, s.published_at, s.facets, {miss} AS miss
        FROM library_search s WHERE {match}) AS each
    WHERE miss & (miss - 1) = 0),
ranked AS MATERIALIZED (
    SELECT first.*, {"ts_rank(s.vector, (SELECT query FROM asked))" if wanted.q else "0"} AS rank
    FROM (SELECT resource_id, place FROM hits WHERE miss = 0
          ORDER BY place, resource_id LIMIT {RANKED}) AS first
    JOIN library_search s USING (resource_id))"""  # noqa: S608 (only names and numbers of ours)
    return sql, sql_parameters


def _ask(
    wanted: Wanted,
    reading: _Reading,
    ticked: dict[str, list[int]],
    close: Sequence[int] = (),
) -> _Answer:
    sql, parameters = _hits(wanted, reading, ticked, list(close))
    own = " ".join(f"WHEN '{name}' THEN {1 << at}" for at, name in enumerate(FACETS))
    sql += f""",
counted AS (
    SELECT count(*) AS total,
        greatest(least(%s, (count(*) - 1) / {PAGE_SIZE} + 1), 1) AS page
    FROM hits WHERE miss = 0),
shown AS (
    (SELECT resource_id, row_number() OVER (
            ORDER BY rank DESC, array_position(%s::bigint[], resource_id), place, resource_id) AS at
     FROM ranked WHERE (SELECT page FROM counted) <= {RANKED // PAGE_SIZE})
    UNION ALL
    (SELECT resource_id, row_number() OVER (ORDER BY place, resource_id) AS at
     FROM hits WHERE miss = 0 AND (SELECT page FROM counted) > {RANKED // PAGE_SIZE})),
facets AS (
    SELECT f.kind, f.value, f.label, sum(number) AS number,
        row_number() OVER (PARTITION BY f.kind ORDER BY sum(number) DESC, f.label) AS at,
        f.id = ANY(%s::int[]) AS ticked
    FROM (SELECT facet, miss, count(*) AS number FROM hits, unnest(facets) AS facet
          GROUP BY facet, miss) AS each
    JOIN library_facet f ON f.id = facet
    WHERE miss = 0 OR miss = CASE f.kind {own} END
    GROUP BY f.id)
SELECT (SELECT total FROM counted), (SELECT page FROM counted),
    ARRAY(SELECT resource_id FROM shown, counted
          WHERE at > (page - 1) * {PAGE_SIZE} AND at <= page * {PAGE_SIZE} ORDER BY at),
    (SELECT json_agg(json_build_array(kind, value, label, number) ORDER BY number DESC, label)
     FROM facets WHERE at <= {_CHOICES} OR ticked)"""  # noqa: S608 (only numbers of ours)
    parameters += [wanted.page, list(close), [each for ids in ticked.values() for each in ids]]
    ((total, page, ids, counts),) = _rows(sql, parameters)
    return _Answer(ids, total, page, [tuple(each) for each in counts or []])


def _ids(
    wanted: Wanted,
    reading: _Reading,
    ticked: dict[str, list[int]],
    limit: int,
    newest: bool,
    close: Sequence[int] = (),
) -> list[int]:
    sql, parameters = _hits(wanted, reading, ticked, list(close))
    if newest:
        sql += """
SELECT resource_id FROM hits WHERE miss = 0
ORDER BY published_at DESC NULLS LAST, resource_id DESC LIMIT %s"""
        return [pk for (pk,) in _rows(sql, [*parameters, limit])]
    sql += """
SELECT h.resource_id FROM hits h LEFT JOIN ranked USING (resource_id) WHERE miss = 0
ORDER BY rank DESC NULLS LAST, array_position(%s::bigint[], h.resource_id),
    h.place, h.resource_id LIMIT %s"""
    return [pk for (pk,) in _rows(sql, [*parameters, list(close), limit])]


def _close(q: str) -> list[int]:
    """Those whose title or author is like what was typed, the likest first."""
    return [pk for pk, _ in _rows("SELECT * FROM library_close(library_folded(%s)) AS found", [q])]


def _facets(
    wanted: Wanted, ticked: dict[str, list[int]], counts: list[tuple[str, str, str, int]]
) -> list[Facet]:
    facets = []
    for name in FACETS:
        chosen = getattr(wanted, name)
        found = {value: (label, count) for kind, value, label, count in counts if kind == name}
        choices = [
            Choice(value, _label(name, value, label), count, value in chosen)
            for value, (label, count) in found.items()
        ]
        choices += [
            Choice(value, _label(name, value, value), 0, True)
            for value in chosen
            if value not in found
        ]
        facets.append(Facet(name, _LABELS[name], choices))
    return facets


def _label(name: str, value: str, label: str) -> str:
    if name == "type" and value in ResourceType:
        return ResourceType(value).label
    return label
