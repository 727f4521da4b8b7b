"""What in a text could tell who a client is: numbers of theirs, a birth date, how to reach them.

Pure: text and today's date in, kinds and places out. It is a courtesy to somebody about to
send such a thing by mistake, so it would rather ask once too often, and what it cannot see
(names, places, stories) is said at the form. It never repeats what it found.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

# The numbers of technical assistance and of the National Human Trafficking Hotline.
OURS = {"8885070193", "8883737888"}
# A full date this old may be when a client, a child at least, was born.
YOUNGEST, OLDEST = 5, 110


class Kind(Enum):
    A_NUMBER = "an A-number"
    SSN = "a Social Security number"
    RECEIPT = "a USCIS receipt number"
    PASSPORT = "a passport number"
    BIRTH = "a date of birth"
    PHONE = "a phone number"
    EMAIL = "an email address"


@dataclass(frozen=True)
class Found:
    """One find: text[start:end] of the text as it was given; line and sentence in it count
    from 1."""

    kind: Kind
    start: int
    end: int
    line: int
    sentence: int


def find(text: str, today: date) -> list[Found]:
    """Everything in the text that looks like an identifier, in its order, without overlaps."""
    plain, places = _plain(text)
    taken: list[tuple[int, int, Kind]] = []
    for kind, search in _SEARCHES:
        for start, end in search(plain, today):
            if all(end <= other or start >= upto for other, upto, _ in taken):
                taken.append((start, end, kind))
    return [
        _placed(text, kind, places[start], places[end - 1] + 1)
        for start, end, kind in sorted(taken, key=lambda one: one[0])
    ]


def _placed(text: str, kind: Kind, start: int, end: int) -> Found:
    before = re.split(r"\r\n|[\r\n\v\f\x85\u2028\u2029]", text[:start])
    return Found(kind, start, end, len(before), 1 + len(_SENTENCE_END.findall(before[-1])))


_SENTENCE_END = re.compile(r"[.!?][\"'”’)]?\s+(?=\S)")

# What parts digits is the same to us in all its shapes, and one letter that looks like A is A.
_ALIKE = dict.fromkeys("\u2212\u02d7\u2043\u2022\u2027\u2219\u22c5\u00b7\u30fb\u30fc", "-")
_ALIKE |= {"\u0410": "A", "\u0391": "A", "\u0430": "a", "\uff20": "@", "\u2044": "/", "\u2215": "/"}
# Letters by category, and still nothing to see.
_BLANKS = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}


def _plain(text: str) -> tuple[str, list[int]]:
    """The text as a reader reads it, in ASCII digits, dashes and spaces; and of each of its
    characters the place in the text."""
    chars: list[str] = []
    places: list[int] = []
    for place, original in enumerate(text):
        for char in unicodedata.normalize("NFKC", original):
            plain = _plain_char(char)
            chars.append(plain)
            places.extend([place] * len(plain))
    return "".join(chars), places


def _plain_char(char: str) -> str:
    if char.isascii():
        return " " if char.isspace() else char if char >= " " and char != "\x7f" else ""
    if char in _ALIKE:
        return _ALIKE[char]
    if char.isspace():
        return " "
    category = unicodedata.category(char)
    if char in _BLANKS or category in {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"}:
        return ""
    if category == "Pd":
        return "-"
    digit = unicodedata.decimal(char, None)
    return char if digit is None else str(digit)


# Between the digits of one number; at most three, so that a search never runs away.
_GAP = r"[ .\-_*/]{0,3}"
_BETWEEN = r"[ .\-_*/]{1,3}"
_WORD = r"(?<![A-Za-z0-9])"
_END = r"(?!\d)"


def _digits(least: int, most: int) -> str:
    return rf"\d(?:{_GAP}\d){{{least - 1},{most - 1}}}{_END}"


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_NUMERIC_DATE = re.compile(
    r"(?<![\d/.\-])(?:(?P<a>\d{1,2}) ?[/.\-] ?(?P<b>\d{1,2}) ?[/.\-] ?(?P<y>\d{4}|\d{2})"
    r"|(?P<iso>\d{4}) ?[/.\-] ?(?P<m>\d{1,2}) ?[/.\-] ?(?P<d>\d{1,2}))(?![\d/]|[.\-]\d)"
)
_WORDED_DATE = re.compile(
    rf"{_WORD}(?:{_MONTH} {{0,2}}\d{{1,2}}(?:st|nd|rd|th)?,? {{0,2}}(?:of )?(?:19|20)\d\d"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? {{0,2}}(?:of )?{_MONTH},? {{0,2}}(?:19|20)\d\d){_END}",
    re.IGNORECASE,
)
_SPACED_DATE = re.compile(rf"(?<!\d)\d{{1,2}} {{1,2}}\d{{1,2}} {{1,2}}(?:19|20)\d\d{_END}")
_BIRTH = re.compile(
    rf"{_WORD}(?:d\.? ?o\.? ?b(?![a-z])|dates? of birth|birth ?da(?:y|te)s?|birth|born"
    r"|nacimiento|naci[oó]|nacid[oa]s?)",
    re.IGNORECASE,
)
_YEARS = re.compile(r"(?:19|20)\d\d ?[/\-] ?(?:19|20)\d\d")

_A_ATTACHED = re.compile(
    rf"{_WORD}(?:(?P<label>alien(?: registration)?|a)[ .\-_/]{{0,3}}"
    r"(?:file|registration|reg)?[ .\-]{0,2}(?:numbers?|num|nos?|#)[ .:=\-#)/]{0,3}(?:is |was )?"
    r"|a[.\-_*/#:(]{0,3})"
    rf"(?P<number>{_digits(7, 9)})",
    re.IGNORECASE,
)
_A_APART = re.compile(rf"{_WORD}(?P<a>[Aa])[.\-#:]? {{1,3}}[#:(]?(?P<number>{_digits(8, 9)})")
_GROUPED = re.compile(r"\d{2,3}[ .\-]{1,2}\d{3}[ .\-]{1,2}\d{3}|\d{8,9}")
_THREES = re.compile(r"(?<![\d\-])\d{3}-\d{3}-\d{3}(?![\d\-])")


def _a_numbers(text: str, today: date) -> Iterator[tuple[int, int]]:
    for match in _A_ATTACHED.finditer(text):
        if not _is_dated(match["number"]):
            yield match.span()
    for match in _A_APART.finditer(text):
        # "a 2020-2021 lease" has an article; so may "a" before digits in other groups.
        usual = match["a"] == "A" or _GROUPED.fullmatch(match["number"])
        if usual and not _is_dated(match["number"]):
            yield match.span()
    for match in _THREES.finditer(text):
        yield match.span()


def _is_dated(number: str) -> bool:
    return bool(_YEARS.fullmatch(number) or _NUMERIC_DATE.fullmatch(number))


_OFFICES = ("EAC", "WAC", "LIN", "SRC", "MSC", "NBC", "YSC", "IOE", "TSC", "NSC", "VSC", "CSC")
_RECEIPT = re.compile(
    rf"{_WORD}(?:(?i:{'|'.join(_GAP.join(office) for office in _OFFICES)}){_GAP}{_digits(10, 10)}"
    rf"|[A-Z]{{3}}[ \-]?\d{{10}}{_END})"
)
_SSN = re.compile(
    rf"(?<!\d)\d{{3}}{_BETWEEN}\d{{2}}{_BETWEEN}\d{{4}}{_END}"
    rf"|{_WORD}(?i:ssn|ss ?#|itin|social security)[^\d]{{0,15}}?{_digits(9, 9)}"
    r"|(?<![\d.,$€£])(?<![$€£] )\d{9}(?![\d%]|[.,]\d)"
    rf"|(?<!\d)\d(?:[ .\-]\d){{8}}{_END}"
)
_PASSPORT = re.compile(rf"{_WORD}[B-Z][ \-]?\d{{8}}{_END}|{_WORD}[b-z]\d{{8}}{_END}")
_PASSPORT_NAMED = re.compile(
    rf"passport[^\d]{{0,30}}?(?P<number>{_digits(6, 9)})",
    re.IGNORECASE,
)
_US_PHONE = re.compile(
    rf"(?<![\d$])(?:\+?1{_GAP})?\(? ?[2-9]\d\d ?\)?{_GAP}[2-9]\d\d{_GAP}\d{{4}}{_END}"
)
_SPELLED_PHONE = re.compile(rf"(?<!\d)\d(?:[ .\-]\d){{9}}{_END}")
_ABROAD = re.compile(rf"\+ ?[1-9](?:[ .\-()/]{{0,3}}\d){{7,14}}{_END}")
_LOCAL_PHONE = re.compile(
    rf"{_WORD}(?:tele)?(?:phone|tel|cell|mobile|whatsapp|call|text)(?:ed|s)?[^\d]{{0,15}}?"
    rf"(?<![\d.\-])\d{{3}}[ .\-]\d{{4}}{_END}",
    re.IGNORECASE,
)
# 2022123456 after one of these is a docket.
_DOCKET = re.compile(r"(?:no|nos|num|number|case|docket|index|file|#)[ .:#]{0,3}$", re.IGNORECASE)
_EMAIL = re.compile(
    r"(?<![\w.%+'\-])[\w.%+'\-]{1,64} ?(?:@|[(\[{] ?at ?[)\]}]) ?[\w\-]{1,63}"
    r"(?:(?:\.| ?[(\[{] ?dot ?[)\]}] ?)[\w\-]{1,63}){1,8}",
    re.IGNORECASE,
)


def _passports(text: str, today: date) -> Iterator[tuple[int, int]]:
    for match in _PASSPORT_NAMED.finditer(text):
        if not _is_dated(match["number"]):
            yield match.span()
    yield from _spans(_PASSPORT)(text, today)


def _phones(text: str, today: date) -> Iterator[tuple[int, int]]:
    for pattern in (_US_PHONE, _SPELLED_PHONE, _ABROAD, _LOCAL_PHONE):
        for match in pattern.finditer(text):
            digits = re.sub(r"\D", "", match[0])[-10:]
            as_docket = match[0].strip().isdigit() and _DOCKET.search(text[: match.start()][-12:])
            if digits not in OURS and not as_docket:
                yield match.span()


def _births(text: str, today: date) -> Iterator[tuple[int, int]]:
    for pattern in (_NUMERIC_DATE, _WORDED_DATE, _SPACED_DATE):
        for match in pattern.finditer(text):
            old = pattern is _NUMERIC_DATE and _is_old(match, today)
            if old or _is_near_birth(text, match.start(), match.end()):
                yield match.span()


def _is_near_birth(text: str, start: int, end: int) -> bool:
    for match in _BIRTH.finditer(text, max(start - 50, 0), min(end + 30, len(text))):
        between = text[match.end() : start] if match.end() <= start else text[end : match.start()]
        if not _SENTENCE_END.search(between):
            return True
    return False


def _is_old(match: re.Match[str], today: date) -> bool:
    if match["y"] and len(match["y"]) == 2:
        return False
    year, one, other = (
        int(part or 0)
        for part in (match["y"] or match["iso"], match["a"] or match["m"], match["b"] or match["d"])
    )
    is_date = 1 <= min(one, other) <= 12 and max(one, other) <= 31
    return is_date and YOUNGEST <= today.year - year <= OLDEST


def _spans(pattern: re.Pattern[str]) -> Callable[[str, date], Iterator[tuple[int, int]]]:
    return lambda text, today: (match.span() for match in pattern.finditer(text))


# The earlier takes the place where two see one number.
_SEARCHES: list[tuple[Kind, Callable[[str, date], Iterator[tuple[int, int]]]]] = [
    (Kind.EMAIL, _spans(_EMAIL)),
    (Kind.RECEIPT, _spans(_RECEIPT)),
    (Kind.A_NUMBER, _a_numbers),
    (Kind.PASSPORT, _passports),
    (Kind.BIRTH, _births),
    (Kind.PHONE, _phones),
    (Kind.SSN, _spans(_SSN)),
]
