"""Text that strangers type, made safe to keep on one line or in a cell. Pure."""

import re
import unicodedata

# Joiners belong to Persian, Indic and emoji spelling; other format characters only hide
# or turn around what a reader sees.
_JOINERS = {"\u200c", "\u200d"}
# Letters and marks by category, and still nothing to see.
_BLANKS = {"\u034f", "\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}
_MARKS_A_LETTER = 4
_FORMULA = re.compile(r"'*\s*[=+\-@\t\r]")


# What ends a line, in whatever a text was written with.
_LINE_END = re.compile("\r\n|[\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029]")


def single_line(text: str) -> str:
    """One line of visible text: no control, bidi, zero-width or stray surrogate characters.

    White space, line breaks included, becomes single spaces; NFC; of a pile of combining
    marks the first four are kept, and a joiner only between two characters.
    """
    return " ".join(_visible(text).split())


def many_lines(text: str) -> str:
    """Visible text as `single_line` has it, but with its line breaks (LF) and its spaces.

    No white space at the end of a line, no empty lines around, and between two no more
    than two.
    """
    lines = [_visible(line).rstrip() for line in _LINE_END.split(text)]
    return re.sub("\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n")


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    visible = "".join(" " if char.isspace() else char for char in text if not _hidden(char))
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", visible):
        if char in _JOINERS and (not kept or kept[-1] == " " or kept[-1] in _JOINERS):
            continue
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if marks <= _MARKS_A_LETTER:
            kept.append(char)
    return "".join(kept)


def _hidden(char: str) -> bool:
    if char.isspace() or char in _JOINERS:
        return False
    return char in _BLANKS or unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn", "Cf"}


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before it where a spreadsheet would compute it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unharmed(cell: str) -> str:
    """What `harmless` was given; any other cell as it is."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
