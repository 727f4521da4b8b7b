"""One resource as a row of a table: how its cells are written and read. Pure."""

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from hub.text import harmless, single_line, unharmed

COLUMNS = (
    "slug",
    "title",
    "authors",
    "organizations",
    "type",
    "year",
    "edition",
    "series",
    "number",
    "summary",
    "topics",
    "audiences",
    "region",
    "url",
    "archived_url",
    "access",
    "placement",
    "position",
    "published",
    "reviewed_on",
)
LISTS = {"authors", "organizations", "topics", "audiences"}
_YES, _NO = {"yes", "true", "1", "y", "x"}, {"no", "false", "0", "n"}
_PARTS = re.compile(r"((?:\\.|[^;\\]|\\$)*)(?:;|$)")
_MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class Wrong(ValueError):
    """What is wrong with a cell, as a sentence."""


def written(value: Any) -> str:
    """A value as a cell holds it, harmless in a spreadsheet. A list is joined by semicolons."""
    return harmless(said(value))


def said(value: Any) -> str:
    """A value as somebody would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "; ".join(re.sub(r"([;\\])", r"\\\1", str(each)) for each in value)
    return _lines(str(value))


def typed(cell: str) -> str:
    """A cell without what spreadsheets add to it: `said` of what `written` was given."""
    return _lines(unharmed(cell))


def parted(cell: str) -> list[str]:
    """What stands between semicolons. One that belongs to a name has a backslash before it."""
    parts = (re.sub(r"\\(.)", r"\1", part) for part in _PARTS.findall(cell))
    return [line for part in parts if (line := single_line(part))]


def number(cell: str) -> int | None:
    """A whole number; None of an empty cell. Raises Wrong."""
    cell = cell.strip()
    if not cell:
        return None
    # ASCII, and no longer than any place or year: a number of thousands of digits is none.
    if not re.fullmatch(r"[0-9]{1,6}", cell):
        raise Wrong("is not a whole number")
    return int(cell)


def yes(cell: str) -> bool:
    """Raises Wrong."""
    word = cell.strip().lower()
    if word not in _YES | _NO:
        raise Wrong("is neither yes nor no")
    return word in _YES


def day(cell: str) -> datetime.date | None:
    """2026-11-25, or 11/25/2026 as Excel makes of it; None of an empty cell. Raises Wrong."""
    cell = cell.strip()
    if not cell:
        return None
    try:
        if found := _MONTH_FIRST.fullmatch(cell):
            month, date, year = map(int, found.groups())
            return datetime.date(year, month, date)
        return datetime.date.fromisoformat(cell)
    except ValueError:
        raise Wrong("is not a day such as 2026-11-25") from None


def one_of(cell: str, names: Mapping[str, str]) -> str:
    """The value of what a cell names by value or by name. Raises Wrong with what is known."""
    word = single_line(cell).casefold()
    for value, name in names.items():
        if word in {value.casefold(), name.casefold()}:
            return value
    raise Wrong(f"is not known. Known: {', '.join(filter(None, names))}")


def lines(cell: str) -> str:
    """Text of several lines, without what cannot be seen."""
    return "\n".join(single_line(line) for line in cell.splitlines()).strip()


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def missing(headings: Sequence[str]) -> str:
    """What is wrong with the headings of a table, as a sentence; "" if nothing is."""
    empty = [str(place) for place, each in enumerate(headings, start=1) if not each]
    if empty:
        return f"Column {empty[0]} has no heading."
    if twice := sorted({each for each in headings if headings.count(each) > 1}):
        return f"The column “{twice[0]}” is there twice."
    known = f"The columns are: {', '.join(COLUMNS)}."
    if lacking := [each for each in ("slug", "title") if each not in headings]:
        return f"The column “{lacking[0]}” is missing. {known}"
    if unknown := [each for each in headings if each not in COLUMNS]:
        return f"The column “{unknown[0]}” is not known. {known}"
    return ""
