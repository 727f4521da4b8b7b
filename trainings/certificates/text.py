"""Text that strangers typed, made fit for print: nothing invisible, nothing without a glyph."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from trainings.certificates import fonts

# What stands for a letter that no font has.
REPLACEMENT = "�"

_JOINERS = "\u200c\u200d"  # Persian and Indic spelling needs them
# Invisible though Unicode calls them marks or letters: fillers and variation selectors.
_INVISIBLE = frozenset(
    map(
        chr,
        [
            *(0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),
            *(*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)),
        ],
    )
)
_BREAK = "\u200b"
_LONG, _STEP = 24, 8


class Shown(NamedTuple):
    """A text as the templates take it, and the letters of it that no font has."""

    text: str
    rtl: bool
    serif: bool
    bold: bool
    missing: frozenset[str]


def clean(text: str) -> str:
    """One line in NFC; controls, bidi overrides and other invisible characters gone."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = []
    for letter in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(letter)
        if letter.isspace() or kind == "Cc":
            kept.append(" ")
        elif letter in _JOINERS or (kind != "Cf" and letter not in _INVISIBLE):
            kept.append(letter)
    return " ".join("".join(kept).split())


def shown(text: str, *, plain: bool = False) -> Shown:
    """The text to print, with `REPLACEMENT` for what can't be, and where a long word may break.

    `plain` allows only the letters of the serif: for a text that the fonts failed to show.
    """
    cleaned = clean(text)
    if fonts.has_serif(cleaned) and not any(map(_continues, cleaned)):
        return Shown(_breakable(cleaned), rtl=False, serif=True, bold=True, missing=frozenset())
    said, missing = [], set()
    for cluster in _clusters(cleaned):
        if plain or not _one_face(cluster):
            bad = {letter for letter in cluster if not _in_any(letter, plain=plain)}
            if not bad and len(cluster) > 1:
                bad = set(cluster[1:])  # no one font has both the letter and its marks
            missing |= bad
            said.append("".join(REPLACEMENT if letter in bad else letter for letter in cluster))
        else:
            said.append(cluster)
    result = "".join(said)
    return Shown(
        _breakable(result),
        rtl=_rtl(result),
        serif=fonts.has_serif(result),
        bold=fonts.has_bold(result),
        missing=frozenset(missing),
    )


def unsupported(text: str) -> set[str]:
    """The characters no font of the certificates has, for staff to see; empty for most names."""
    return set(shown(text).missing)


def _clusters(text: str) -> Iterator[str]:
    """Each letter with the marks and joiners upon it, which one font must show together."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not _continues(text[at]):
            yield text[start:at]
            start = at


def _continues(letter: str) -> bool:
    return letter in _JOINERS or unicodedata.category(letter).startswith("M")


def _one_face(cluster: str) -> bool:
    seen = [ord(letter) for letter in cluster if letter not in _JOINERS]
    # One after the other, so that the large font is read only for what the others lack.
    return any(all(letter in face() for letter in seen) for face in fonts.FACES)


def _in_any(letter: str, *, plain: bool) -> bool:
    if letter in _JOINERS:
        return not plain
    faces = fonts.FACES[:1] if plain else fonts.FACES
    return any(ord(letter) in face() for face in faces)


def _rtl(text: str) -> bool:
    for letter in text:
        if (way := unicodedata.bidirectional(letter)) in ("L", "R", "AL"):
            return way != "L"
    return False


def _breakable(text: str) -> str:
    """A long word may break after each slash, and where that is too rare every few letters."""
    words = text.split(" ")
    if max(map(len, words)) < _LONG:
        return text
    return " ".join(_broken(word) if len(word) >= _LONG else word for word in words)


def _broken(word: str) -> str:
    parts: list[str] = []
    for piece in re.findall("[^/]+/*|/+", word):
        if len(piece) < _LONG:
            parts.append(piece)
        else:
            # Never inside a cluster: the marks would lose their letter.
            clusters = list(_clusters(piece))
            parts += ["".join(clusters[at : at + _STEP]) for at in range(0, len(clusters), _STEP)]
    return _BREAK.join(parts)
