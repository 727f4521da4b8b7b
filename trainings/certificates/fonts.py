"""The fonts of certificates, out of installed packages only, and which letters they have.

Libertinus Serif comes with typst; FiraGO (Latin, Cyrillic, Greek, Hebrew, Arabic, Devanagari, Thai)
with `pymupdf-fonts`, whose files must be written out for typst; Noto Sans CJK (Chinese, Japanese,
Korean) with `cvttf-notosanscjk-regular`, read where it lies and only once a text needs it.
"""

import functools
import importlib.util
import struct
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import typst

_FIRAGO = ("FiraGO_Regular", "FiraGO_Bold")
# typst reads a font when a text first needs it.
_EVERY_FIRAGO = b'#set text(font: "FiraGO")\na *b*'
_NO_GLYPH = 0
# Fonts keep glyphs of their own here; PDF/A-2a refuses letters without a meaning (6.2.11.7.3).
_PRIVATE = frozenset(range(0xE000, 0xF900))

# typst does not give out its own font. These are in it, regular and bold: Latin with its
# extensions and the punctuation of names and titles, and the sign that stands for a missing one.
_LIBERTINUS = frozenset(
    [
        *range(0x20, 0x7F),
        *range(0xA0, 0x250),
        *range(0x1E00, 0x1E9A),
        0x1E9E,
        *range(0x1EA0, 0x1EFA),
        *range(0x300, 0x370),
        *range(0x2010, 0x2028),
        0x20AC,
        0xFFFD,
    ]
) - {0xAD}


def fonts() -> typst.Fonts:
    """The three families and no system font.

    FiraGO's files (1.6 MB) lie in a temporary folder only until typst has read them, so that a
    process that ends in any way leaves nothing behind. ModuleNotFoundError: a font package is not
    installed. OSError: no temporary folder can be written.
    """
    with tempfile.TemporaryDirectory(prefix="certificate-fonts-") as folder:
        for name in _FIRAGO:
            (Path(folder) / f"{name}.ttf").write_bytes(_firago(name))
        loaded = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=True,
            font_paths=[folder, str(_cjk_file().parent)],
        )
        typst.compile(_EVERY_FIRAGO, font_paths=loaded, ignore_system_fonts=True)
    return loaded


def has_serif(text: str) -> bool:
    """Whether the headings' serif has every letter, so that no word is set in two faces."""
    return _LIBERTINUS.issuperset(map(ord, text))


def has_bold(text: str) -> bool:
    """Whether every letter comes in bold: the Chinese, Japanese and Korean ones don't."""
    return (_LIBERTINUS | _firago_letters()).issuperset(map(ord, text))


def _firago(name: str) -> bytes:
    data: bytes = import_module(f"pymupdf_fonts.{name}").fontbuffer
    return data


def _cjk_file() -> Path:
    # Looked up, not imported: the package's own code has no place in a request.
    spec = importlib.util.find_spec("cvttf_NotoSansCJK_Regular")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("cvttf-notosanscjk-regular is not installed")
    return next(Path(spec.origin).parent.glob("*.otf"))


@functools.cache
def _firago_letters() -> frozenset[int]:
    regular, bold = (letters(_firago(name)) for name in _FIRAGO)
    return (regular & bold) - _PRIVATE


@functools.cache
def _cjk_letters() -> frozenset[int]:
    return letters(_cjk_file().read_bytes()) - _PRIVATE


def _libertinus_letters() -> frozenset[int]:
    return _LIBERTINUS


# The code points each family can show in regular and bold; the largest is read last.
FACES: tuple[Callable[[], frozenset[int]], ...] = (
    _libertinus_letters,
    _firago_letters,
    _cjk_letters,
)


def letters(font: bytes) -> frozenset[int]:
    """The code points a TrueType or OpenType font has a glyph for (its `cmap`, formats 4 and 12).

    Source: OpenType 1.9, "cmap". ValueError: no such table.
    """
    (tables,) = struct.unpack_from(">H", font, 4)
    for number in range(tables):
        tag, _, start, _ = struct.unpack_from(">4sLLL", font, 12 + 16 * number)
        if tag == b"cmap":
            break
    else:
        raise ValueError("the font has no cmap")
    (subtables,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for number in range(subtables):
        platform, encoding, offset = struct.unpack_from(">HHL", font, start + 4 + 8 * number)
        (form,) = struct.unpack_from(">H", font, start + offset)
        if platform != 0 and (platform, encoding) not in ((3, 1), (3, 10)):
            continue
        if form == 4:
            found |= _segments(font, start + offset)
        elif form == 12:
            found |= _groups(font, start + offset)
    return frozenset(found)


def _segments(font: bytes, at: int) -> set[int]:
    (double,) = struct.unpack_from(">H", font, at + 6)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", font, at + 14)
    starts = struct.unpack_from(f">{count}H", font, at + 16 + double)
    deltas = struct.unpack_from(f">{count}H", font, at + 16 + 2 * double)
    ranges_at = at + 16 + 3 * double
    ranges = struct.unpack_from(f">{count}H", font, ranges_at)
    found = set()
    for number, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for letter in range(first, min(last, 0xFFFE) + 1):
            glyph = letter
            if ranges[number]:
                place = ranges_at + 2 * number + ranges[number] + 2 * (letter - first)
                (glyph,) = struct.unpack_from(">H", font, place)
                if glyph == _NO_GLYPH:
                    continue
            if (glyph + deltas[number]) & 0xFFFF != _NO_GLYPH:
                found.add(letter)
    return found


def _groups(font: bytes, at: int) -> set[int]:
    (count,) = struct.unpack_from(">L", font, at + 12)
    found: set[int] = set()
    for number in range(count):
        first, last, glyph = struct.unpack_from(">LLL", font, at + 16 + 12 * number)
        found.update(range(first if glyph != _NO_GLYPH else first + 1, last + 1))
    return found
