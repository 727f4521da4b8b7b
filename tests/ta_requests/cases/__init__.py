"""The worked cases of the clock, as they were agreed."""

import csv
from datetime import date, datetime
from pathlib import Path

_FOLDER = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CLOSURES = {date.fromisoformat(row["date"]): None for row in rows("closures.csv")}
TURNAROUND = {f"{row['case']}: {row['why']}": row for row in rows("turnaround.csv")}


def utc(text: str) -> datetime:
    """2026-03-03T18:00Z"""
    return datetime.fromisoformat(text)


def pauses() -> list[str]:
    """The rows of the table of worked pauses, as written."""
    lines = (_FOLDER / "turnaround_pauses.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("|")][2:]
