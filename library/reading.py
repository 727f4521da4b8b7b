"""What the words of a search come to, read against the library's own words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from library.models import Alias
from library.terms import Term, nearest, split, terms
from library.wanted import Wanted

# Of so many resources that have nearly all words, those with the likest title are offered.
_CANDIDATES = 300
_LIKE_ENOUGH = 0.45
_MOST_CLOSE = 10
# A longer search is not tried again without each of its words.
_MOST_TERMS = 12


@dataclass(frozen=True)
class Reading:
    """The terms to look for, and what became of the words that are not among them."""

    terms: tuple[Term, ...] = ()
    # Words that no resource has but begin some that one has.
    prefixes: frozenset[str] = frozenset()
    # (word typed, word used; "" for one that was left out)
    corrected: tuple[tuple[str, str], ...] = ()
    # Words no resource has, and looked for all the same.
    unknown: tuple[str, ...] = ()
    # Too common to be looked for.
    common: tuple[str, ...] = ()
    # In lower case, what of a resource's text stands for the words of the search.
    marked: frozenset[str] = frozenset()


def rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def read(wanted: Wanted) -> Reading:
    """Two queries for any number of words, three more where some have to be corrected."""
    words = split(wanted.q)
    if not words:
        return Reading()
    aliases = list(Alias.objects.values_list("terms", flat=True))
    reading = _read(words, aliases, prefixes=not wanted.exact)
    if not reading.unknown or wanted.exact:
        return reading
    chosen = _corrections([word.lower() for word in reading.unknown])
    used = [each for word in words if (each := chosen.get(word.lower(), word))]
    again = _read(used, aliases, prefixes=True)
    if not again.terms:
        # Nothing is left: say of which words, rather than that they were left out.
        return reading
    corrected = {word: chosen[word.lower()] for word in reading.unknown}
    return replace(again, corrected=tuple(corrected.items()), unknown=())


# For each word: is it an English stop word, is it a word of the library's, which words of the
# library have its stem, and which begin with it.
_VOCABULARY = """
SELECT asked.word,
    stem.found = '{}',
    EXISTS (SELECT FROM library_word w WHERE w.word = folded.word),
    ARRAY(SELECT w.word FROM library_word w
          WHERE w.stem = coalesce(stem.found[1], folded.word) LIMIT 50),
    ARRAY(SELECT w.word FROM library_word w
          WHERE length(folded.word) > 2 AND w.word LIKE folded.word || '%%' LIMIT 50)
FROM unnest(%s::text[]) AS asked (word)
CROSS JOIN LATERAL (SELECT library_folded(asked.word)) AS folded (word)
CROSS JOIN LATERAL (SELECT ts_lexize('english_stem', folded.word)) AS stem (found)
"""


def _read(words: Sequence[str], aliases: Sequence[Sequence[str]], *, prefixes: bool) -> Reading:
    asked = list(dict.fromkeys(word.lower() for word in words))
    vocabulary = {word: facts for word, *facts in rows(_VOCABULARY, [asked])}
    meant = terms(words, aliases)
    stops = [len(term.typed) == 1 and vocabulary[term.key][0] for term in meant]
    kept: list[Term] = []
    common: list[str] = []
    unknown: list[str] = []
    begun: set[str] = set()
    marked: set[str] = set()
    for term, is_stop in zip(meant, stops, strict=True):
        # WHO is an organization, and so is "who" where it stands alone.
        if is_stop and not (term.typed[0].isupper() or all(stops)):
            common.append(term.typed[0])
            continue
        if term.is_alias:
            kept.append(term)
            marked.update(word.lower() for way in term.ways for word in way if len(word) > 2)
            continue
        (word,) = term.typed
        _, is_known, forms, longer = vocabulary[term.key]
        if is_stop and not is_known:
            common.append(word)
            continue
        kept.append(Term((word,), ((word.upper() if is_stop else term.key,),)))
        marked.update([term.key, *forms])
        if longer and not forms and prefixes:
            begun.add(term.key)
            marked.update(longer)
        elif not forms and word.isalpha():
            unknown.append(word)
    return Reading(
        tuple(kept),
        prefixes=frozenset(begun),
        unknown=tuple(unknown),
        common=tuple(common),
        marked=frozenset(marked),
    )


# Only such words as a published resource still has: one that was taken back leaves its words
# in library_word for up to a day.
_CORRECTIONS = """
SELECT asked.word, close.word
FROM unnest(%s::text[]) AS asked (word)
CROSS JOIN LATERAL library_close_words(library_folded(asked.word)) AS close
WHERE EXISTS (SELECT FROM library_search s WHERE s.vector @@ library_query(close.word))
"""


def _corrections(words: Sequence[str]) -> dict[str, str]:
    """The library's word nearest to each, "" where none is near."""
    candidates: dict[str, list[str]] = {word: [] for word in words}
    for word, candidate in rows(_CORRECTIONS, [list(candidates)]):
        candidates[word].append(candidate)
    return {word: nearest(word, near) or "" for word, near in candidates.items()}


def query(reading: Reading) -> tuple[str, list[str]]:
    """SQL of the tsquery that finds what has every term, and its parameters."""
    return _all([_any(term.ways, reading.prefixes) for term in reading.terms])


def close(wanted: Wanted, reading: Reading) -> list[int]:
    """Resources whose title and authors are like the search, the likest first.

    Asked of those that lack one term at most: trigrams over every title of 100,000 cost a
    third of a second for three words.
    """
    parts = [_any(term.ways, reading.prefixes) for term in reading.terms]
    if len(parts) == 1:
        typed = reading.terms[0].typed
        near = rows("SELECT library_close_words(library_folded(%s))", [" ".join(typed)])
        sql, parameters = _any([*reading.terms[0].ways, *near], reading.prefixes)
    elif 1 < len(parts) <= _MOST_TERMS:
        lacking = [_all([*parts[:at], *parts[at + 1 :]]) for at in range(len(parts))]
        sql = " || ".join(f"({sql})" for sql, _ in lacking)
        parameters = [each for _, more in lacking for each in more]
    else:
        return []
    used = dict(reading.corrected)
    said = " ".join(used.get(word, word) for word in split(wanted.q))
    found = rows(
        f"""
SELECT resource_id FROM (
    SELECT resource_id, place, word_similarity(library_folded(%s), names) AS score
    FROM (SELECT resource_id, place, names FROM library_search
          WHERE vector @@ (SELECT {sql}) LIMIT {_CANDIDATES}) AS candidate) AS scored
WHERE score >= {_LIKE_ENOUGH} ORDER BY score DESC, place, resource_id LIMIT {_MOST_CLOSE}""",  # noqa: S608 (only functions of ours)
        [said, *parameters],
    )
    return [pk for (pk,) in found]


def forget_words(_now: datetime) -> None:
    """Drop the words and facets that no published resource has any more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT library_forget()")


def _any(ways: Sequence[Sequence[str]], prefixes: frozenset[str]) -> tuple[str, list[str]]:
    written = []
    for way in ways:
        words = [
            "to_tsquery('simple', library_folded(%s) || ':*')"
            if word in prefixes
            else "library_query(%s)"
            for word in way
        ]
        written.append("(" + " && ".join(words) + ")")
    return "(" + " || ".join(written) + ")", [word for way in ways for word in way]


def _all(parts: Sequence[tuple[str, list[str]]]) -> tuple[str, list[str]]:
    return " && ".join(sql for sql, _ in parts), [each for _, more in parts for each in more]
