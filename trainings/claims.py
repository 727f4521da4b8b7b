"""What may be said of an offering's credit. Pure: plain values in, words out.

A number is claimed only against an approval; a pending one is said to be pending; denied,
missing or run out, nothing is said of credit at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hub.words import listed
from trainings.words import number

CREDITS = {"CA": "California MCLE credit", "NY": "New York CLE credit"}


@dataclass(frozen=True, kw_only=True)
class Said:
    """One jurisdiction's word on one day (`day`, at the venue). Credit is in quarter hours."""

    jurisdiction: str
    status: str
    day: date
    expires_on: date | None = None
    total: int = 0
    ethics: int = 0
    bias: int = 0
    competence: int = 0

    @property
    def standing(self) -> str:
        """approved, pending, or nothing; an approval holds on the day it is for or not at all."""
        if self.status == "approved":
            runs_out = self.expires_on is not None and self.expires_on < self.day
            return "" if runs_out else "approved"
        return "pending" if self.status == "pending" else ""


@dataclass(frozen=True)
class Claim:
    """What a page says of one jurisdiction's credit."""

    credit: str
    figure: str
    detail: str = ""

    @property
    def sentence(self) -> str:
        """California MCLE credit: 6 hours, approved; California MCLE credit: pending"""
        return f"{self.credit}: {self.short}"

    @property
    def short(self) -> str:
        """6 hours, approved; pending"""
        return f"{self.figure}, {self.detail}" if self.detail else self.figure.lower()


def claims(days: Iterable[Iterable[Said]]) -> list[Claim]:
    """What is claimed of an offering with these days; of several days at most their sum."""
    said_of = [list(day) for day in days]
    found = []
    for jurisdiction, credit in CREDITS.items():
        said = [one for day in said_of for one in day if one.jurisdiction == jurisdiction]
        approved = [one for one in said if one.standing == "approved"]
        pending = [one for one in said if one.standing == "pending"]
        if approved:
            found.append(Claim(credit, _figure(approved, len(said_of)), _detail(approved, pending)))
        elif pending:
            found.append(Claim(credit, "Pending"))
    return found


def _figure(approved: list[Said], days: int) -> str:
    hours = _hours(sum(one.total for one in approved))
    return f"Up to {hours}" if days > 1 else hours


def _detail(approved: list[Said], pending: list[Said]) -> str:
    words = ["approved"]
    parts = [
        (sum(one.ethics for one in approved), "Legal Ethics"),
        (sum(one.bias for one in approved), "Elimination of Bias"),
        (sum(one.competence for one in approved), "Competence"),
    ]
    special = [f"{_hours(quarters)} of {name}" for quarters, name in parts if quarters]
    if special:
        words.append(f"including {listed(special)}")
    if pending:
        words.append("pending for the other days")
    return ", ".join(words)


def _hours(quarters: int) -> str:
    said = number(Decimal(quarters) / 4)
    return f"{said} hour" if quarters == 4 else f"{said} hours"
