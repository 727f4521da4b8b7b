"""The fonts of certificates, out of installed packages only, and which letters they have.

Libertinus Serif comes with typst; FiraGO (Latin, Cyrillic, Greek, Hebrew, Arabic, Devanagari, Thai)
with `pymupdf-fonts`, whose files must be written out for typst; Noto Sans CJK (Chinese, Japanese,
Korean) with `cvttf-notosanscjk-regular`, read where it lies and only once a text needs it.
"""

import atexit
import functools
import importlib.util
import os
import shutil
import struct
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import typst

_FIRAGO = ("FiraGO_Regular", "FiraGO_Bold")
_NO_GLYPH = 0

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


def fonts(folder: Path | None = None) -> typst.Fonts:
    """The three families and no system font.

    FiraGO's two files (1.6 MB) are kept in `folder`, made when missing and safe to share between
    processes; without one, in a temporary folder that goes with the process.
    ModuleNotFoundError: a font package is not installed. OSError: the folder can't be written.
    """
    folder = _own_folder() if folder is None else folder
    folder.mkdir(parents=True, exist_ok=True)
    for name in _FIRAGO:
        _keep(folder / f"{name}.ttf", _firago(name))
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(folder), str(_cjk_file().parent)],
    )


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
    return regular & bold


@functools.cache
def _cjk_letters() -> frozenset[int]:
    return letters(_cjk_file().read_bytes())


def _libertinus_letters() -> frozenset[int]:
    return _LIBERTINUS


# The code points each family can show in regular and bold; the largest is read last.
FACES: tuple[Callable[[], frozenset[int]], ...] = (
    _libertinus_letters,
    _firago_letters,
    _cjk_letters,
)


def _keep(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(path)


def _own_folder() -> Path:
    folder, owner = Path(tempfile.mkdtemp(prefix="certificate-fonts-")), os.getpid()

    def remove() -> None:
        # A forked child ends too, while its parent still reads from the folder.
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


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
