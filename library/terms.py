"""What the words of a search mean: aliases, misspelt words, words to mark. Pure."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+")


def split(text: str) -> list[str]:
    """The words of a text as the database reads them too: T-Visa is "T" and "Visa"."""
    return _WORD.findall(text)


@dataclass(frozen=True)
class Term:
    """A word, or the words of an alias, and every way to write what they mean.

    A resource has the term if it has all words of one of the ways.
    """

    typed: tuple[str, ...]
    ways: tuple[tuple[str, ...], ...]

    @property
    def is_alias(self) -> bool:
        return len(self.typed) > 1 or len(self.ways) > 1

    @property
    def key(self) -> str:
        return self.typed[0].lower()


def terms(words: Sequence[str], aliases: Iterable[Sequence[str]]) -> list[Term]:
    """The words in their order, the longest alias at each place taken as one term."""
    known: dict[tuple[str, ...], dict[tuple[str, ...], None]] = {}
    for group in aliases:
        written = [way for each in group if (way := tuple(split(each)))]
        for way in written:
            known.setdefault(_folded(way), {}).update(dict.fromkeys(written))
    longest = max(map(len, known), default=1)
    found: list[Term] = []
    at = 0
    while at < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            typed = tuple(words[at : at + length])
            ways = known.get(_folded(typed))
            if ways:
                found.append(Term(typed, tuple(ways)))
                break
        else:
            length, typed = 1, (words[at],)
            found.append(Term(typed, (typed,)))
        at += length
    return found


def pieces(text: str, marked: Collection[str]) -> list[tuple[str, bool]]:
    """The text in parts, and of each whether it is one of the lower-case words to mark."""
    parts = []
    at = 0
    for found in _WORD.finditer(text):
        if found[0].lower() in marked:
            parts += [(text[at : found.start()], False), (found[0], True)]
            at = found.end()
    return [part for part in (*parts, (text[at:], False)) if part[0]]


def nearest(typed: str, candidates: Iterable[str]) -> str | None:
    """The candidate fewest slips away, the first of equals; None if all are too far.

    A slip is a letter too many, too few, another or two changed round: one in words of up to
    four letters, two in words of up to eight, three in longer ones.
    """
    most = 1 if len(typed) <= 4 else 2 if len(typed) <= 8 else 3
    counted = [(slips(typed, each), each) for each in candidates]
    best = min(counted, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] <= most else None


def slips(a: str, b: str) -> int:
    """How many letters were left out, added, changed or swapped with the next (Damerau)."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        row = [i]
        for j, y in enumerate(b, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _folded(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word.casefold() for word in words)
