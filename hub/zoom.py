"""Reading Zoom's participants file. Pure: bytes in, rows with wall clock times out.

Zoom has written it in several shapes over the years: with and without a block about the
meeting above the header, "Email" or "User Email", seconds or none, in waiting rooms, and
with one row a person that has no times ("Show unique users").
"""

import csv
import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000

Column = Literal["name", "email", "join", "leave", "minutes", "waiting"]

_HEADINGS: dict[str, Column] = {
    "name": "name",
    "name (original name)": "name",
    "participant": "name",
    "user name": "name",
    "email": "email",
    "e-mail": "email",
    "user email": "email",
    "email address": "email",
    "join time": "join",
    "join": "join",
    "leave time": "leave",
    "leave": "leave",
    "duration": "minutes",
    "duration (minutes)": "minutes",
    "in waiting room": "waiting",
}
_NEEDED: dict[Column, str] = {
    "name": "Name",
    "email": "Email",
    "join": "Join Time",
    "leave": "Leave Time",
}
_WHO: dict[Column, str] = {"name": "Name", "email": "Email"}
_FORMATS = [
    f"{day} {clock}"
    for day in ("%m/%d/%Y", "%Y-%m-%d", "%m/%d/%y", "%b %d, %Y")
    for clock in ("%I:%M:%S %p", "%I:%M %p", "%H:%M:%S", "%H:%M")
]
# The header stands below a block about the meeting, if there is one.
_HEADER_WITHIN = 20


class BadFile(ValueError):
    """Not a participants file; str() is a sentence for staff."""


@dataclass(frozen=True)
class Row:
    """One stay of one participant. Times are naive, as the file's clock has them.

    number: of the row in the file, as a spreadsheet counts. wrong: a sentence, "" if none.
    """

    number: int
    name: str
    email: str
    join: datetime | None = None
    leave: datetime | None = None
    minutes: int | None = None
    waiting: bool = False
    wrong: str = ""


def read(data: bytes, *, times: bool = True) -> list[Row]:
    """Every row below the header. Raises BadFile for what cannot be such a file.

    times: whether a file without times of joining and leaving is of no use.
    """
    if len(data) > MOST_BYTES:
        raise BadFile("The file is larger than 5 MB. A participants file never is.")
    text = _decoded(data)
    lines = _records(text)
    header, columns = _header(lines, _NEEDED if times else _WHO)
    rows = [
        _row(number, record, columns)
        for number, record in enumerate(lines[header + 1 :], start=header + 2)
        if any(cell.strip() for cell in record)
    ]
    if not rows:
        raise BadFile("The file has a header and no participants below it.")
    if len(rows) > MOST_ROWS:
        raise BadFile(f"The file has more than {MOST_ROWS:,} rows: it is not of one meeting.")
    return rows


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if "\0" not in text:
            return text
        break
    raise BadFile("This is not a CSV file. In Zoom choose “Export” and save it as CSV.")


def _records(text: str) -> list[list[str]]:
    # Told by the header, whose names hold none of them.
    head = next((line for line in text.splitlines() if "mail" in line.lower()), "")
    delimiter = max(",;\t", key=head.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise BadFile(f"The file cannot be read as CSV: {error}.") from None


def _header(records: list[list[str]], needed: dict[Column, str]) -> tuple[int, dict[Column, int]]:
    best: dict[Column, int] = {}
    for number, record in enumerate(records[:_HEADER_WITHIN]):
        columns: dict[Column, int] = {}
        for place, cell in enumerate(record):
            name = _HEADINGS.get(" ".join(cell.split()).lower())
            if name and name not in columns:
                columns[name] = place
        if all(name in columns for name in needed):
            return number, columns
        best = max(best, columns, key=len)
    gone = [f"“{said}”" for name, said in needed.items() if name not in best]
    *first, last = needed.values()
    raise BadFile(
        f"The file has the wrong columns: {', '.join(gone)} not found. It needs "
        f"{', '.join(first)} and {last}, as Zoom's participants report has them."
    )


def _row(number: int, record: list[str], columns: dict[Column, int]) -> Row:
    cells = {
        name: " ".join(record[place].split()) if place < len(record) else ""
        for name, place in columns.items()
    }
    wrong = ""
    join, leave = _time(cells.get("join", "")), _time(cells.get("leave", ""))
    if join is None and "join" in columns:
        wrong = f"“{cells['join'][:40]}” is not a time of joining."
    elif leave is None and cells.get("leave"):
        wrong = f"“{cells['leave'][:40]}” is not a time of leaving."
    minutes = re.match(r"\d{1,5}$", cells.get("minutes", ""))
    return Row(
        number=number,
        name=cells["name"][:200],
        email=cells["email"].lower()[:254],
        join=join,
        leave=leave,
        minutes=int(minutes[0]) if minutes else None,
        waiting=cells.get("waiting", "").lower() == "yes",
        wrong=wrong,
    )


def _time(text: str) -> datetime | None:
    for shape in _FORMATS:
        try:
            return datetime.strptime(text, shape)  # noqa: DTZ007 (wall time, by intent)
        except ValueError:
            continue
    return None
