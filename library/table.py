"""A file of rows that somebody made in a spreadsheet, read with care. Pure.

Nothing is ever computed: a formula is what it is written as. Sizes are looked at before
what they are sizes of.
"""

import csv
import datetime
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

from hub.refusal import Refused

LARGEST = 10 * 1024 * 1024
MOST_ROWS = 5000
# A small archive can hold a file of any size.
_LARGEST_UNPACKED = 100 * 1024 * 1024
# Empty rows that a spreadsheet keeps at its end are read too, up to here.
_LAST_ROW = 4 * MOST_ROWS
_MOST_COLUMNS = 100
_SAVE_AS = "Save it as “CSV UTF-8” or as an Excel workbook (.xlsx), and try again."


@dataclass(frozen=True)
class Table:
    """The cells as text below their headings, by the number that a spreadsheet shows.

    formulas: (row number, heading) of each cell that an Excel workbook computes.
    """

    headings: list[str]
    rows: list[tuple[int, list[str]]]
    formulas: frozenset[tuple[int, str]] = frozenset()


def read(data: bytes) -> Table:
    """Read a CSV file or an Excel workbook, by its content.

    Raises Refused with a sentence for what cannot be read or is too large. Rows without any
    text are left out.
    """
    if len(data) > LARGEST:
        raise Refused("The file is larger than 10 MB. Split it, and import one part at a time.")
    if not data.strip():
        raise Refused("The file is empty.")
    if data.startswith(b"PK\x03\x04"):
        return _workbook(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(f"The file is an old Excel workbook (.xls) or is locked. {_SAVE_AS}")
    return _csv(data)


def _csv(data: bytes) -> Table:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused(f"The file is in UTF-16, not UTF-8. {_SAVE_AS}")
    if b"\0" in data:
        raise Refused(f"The file holds NUL bytes, so it is not a table in CSV. {_SAVE_AS}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"The file is not in UTF-8, so accents would be lost. {_SAVE_AS}") from None
    return _table(_csv_rows(text), set())


def _csv_rows(text: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error:
        raise Refused(
            "The file is not a well-formed CSV: a quotation mark does not close, or a cell is "
            f"far too long. {_SAVE_AS}"
        ) from None


def _workbook(data: bytes) -> Table:
    formulas: set[tuple[int, int]] = set()
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
        if unpacked > _LARGEST_UNPACKED:
            raise Refused("The workbook is larger than 100 MB inside. Split it, and try again.")
        # Formulas as they are written, not what they came to when the file was saved.
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            return _table(_sheet_rows(book, formulas), formulas)
        finally:
            book.close()
    except (Refused, MemoryError):
        raise
    except BadZipFile:
        raise Refused(f"The file is broken. {_SAVE_AS}") from None
    except Exception:
        # The package has no error of its own for what is wrong inside.
        raise Refused(f"The file is not an Excel workbook that can be read. {_SAVE_AS}") from None


def _sheet_rows(book: Any, formulas: set[tuple[int, int]]) -> Iterator[list[str]]:
    for number, row in enumerate(book.worksheets[0].iter_rows(max_col=_MOST_COLUMNS), start=1):
        if number > _LAST_ROW:
            raise Refused(
                f"The sheet goes on below row {_LAST_ROW:,}. Delete the rows at its end, the "
                "empty ones too, and try again."
            )
        formulas |= {(number, place) for place, cell in enumerate(row) if cell.data_type == "f"}
        yield [_text(cell.value) for cell in row]


def _table(lines: Iterator[list[str]], formulas: set[tuple[int, int]]) -> Table:
    found = enumerate(lines, start=1)
    first, headings = next(((n, line) for n, line in found if any(line)), (0, []))
    while headings and not headings[-1].strip():
        headings.pop()
    headings = [heading.strip().lower().replace(" ", "_") for heading in headings]
    if not headings:
        raise Refused("The file holds no row.")
    if len(headings) == 1 and any(sign in headings[0] for sign in ";\t"):
        raise Refused("The columns are separated by something else than commas. " + _SAVE_AS)
    rows: list[tuple[int, list[str]]] = []
    for number, line in found:
        if not any(cell.strip() for cell in line):
            continue
        if len(rows) == MOST_ROWS:
            raise Refused(
                f"The file has more than {MOST_ROWS:,} rows. Split it, and import one part at a "
                "time."
            )
        while len(line) > len(headings) and not line[-1].strip():
            line.pop()
        rows.append((number, line))
    if not rows:
        raise Refused("The file has headings, but no row below them.")
    computed = {
        (number, headings[place])
        for number, place in formulas
        if number > first and place < len(headings)
    }
    return Table(headings, rows, frozenset(computed))


def _text(value: Any) -> str:
    """A cell of a workbook as it would be typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    return str(value)
