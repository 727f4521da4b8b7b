"""The sample agenda shown to agencies that think of hosting; from a file, not the database."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache

import yaml
from django.conf import settings
from django.urls import reverse

from hub import words
from hub.offers import Paper

FILE = "hub/content/sample_agenda.yaml"


@dataclass(frozen=True)
class Line:
    """One line; minutes count toward credit unless it is a break."""

    begins: str
    title: str
    minutes: int
    is_break: bool
    is_ethics: bool


@dataclass(frozen=True)
class Day:
    name: str
    ends: str
    lines: tuple[Line, ...]

    @property
    def minutes(self) -> int:
        """Minutes of instruction."""
        return sum(line.minutes for line in self.lines if not line.is_break)


@cache
def days() -> tuple[Day, ...]:
    text = (settings.BASE_DIR / FILE).read_text(encoding="utf-8")
    return tuple(_day(entry) for entry in yaml.safe_load(text))


def hours() -> int:
    """Whole hours of instruction over all days."""
    return sum(day.minutes for day in days()) // 60


def papers() -> list[Paper]:
    """The page that shows it."""
    return [
        Paper(
            "What two days of training look like",
            f"{reverse('trainings:host')}#agenda",
            "Sample agenda",
        )
    ]


def _day(entry: dict) -> Day:  # type: ignore[type-arg]
    at = datetime.combine(datetime(2000, 1, 1, tzinfo=UTC), time.fromisoformat(entry["begins"]))
    lines = []
    for line in entry["lines"]:
        lines.append(
            Line(
                begins=words.clock(at),
                title=line["title"],
                minutes=line["minutes"],
                is_break=line.get("kind") == "break",
                is_ethics=line.get("category") == "ethics",
            )
        )
        at += timedelta(minutes=line["minutes"])
    return Day(name=entry["day"], ends=words.clock(at), lines=tuple(lines))
