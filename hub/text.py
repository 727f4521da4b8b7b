"""Text that strangers type, made safe to keep on one line. Pure."""

import unicodedata

# Joiners belong to Persian, Indic and emoji spelling; other format characters only hide
# or turn around what a reader sees.
_JOINERS = {"\u200c", "\u200d"}
_MARKS_A_LETTER = 4


def single_line(text: str) -> str:
    """One line of visible text: no control, bidi, zero-width or stray surrogate characters.

    White space, line breaks included, becomes single spaces; NFC; of a pile of combining
    marks the first four are kept.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if char.isspace():
            char = " "
        elif category in {"Cc", "Cs", "Co", "Cn"} or (category == "Cf" and char not in _JOINERS):
            continue
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks <= _MARKS_A_LETTER:
            kept.append(char)
    return " ".join("".join(kept).split())
