"""Column charts for staff: numbers in, shapes out. Pure; a template draws them as SVG.

Units are those of the drawing. The first series is solid and stands below, the second is
striped and stands on it, so that the two differ without color.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

SLOT, BAR = 29, 20
TOP, PLOT, FOOT = 18, 104, 20
# Something is never drawn as nothing.
LEAST = 2
# Names below the columns that fit beside each other.
NAME_EVERY = 2


@dataclass(frozen=True)
class Bar:
    """series: 1 or 2."""

    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Label:
    """Centered at x; y is the base line of the letters."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Chart:
    width: int
    height: int
    base: int
    bars: tuple[Bar, ...]
    numbers: tuple[Label, ...]
    names: tuple[Label, ...]


def columns(
    names: Sequence[str], first: Sequence[int | Decimal], second: Sequence[int | Decimal] = ()
) -> Chart:
    """A column for each name; none of the numbers is below 0. Raises ValueError where it is,
    or where there are not as many of a series as names.
    """
    series = [first, second or [0] * len(names)]
    if any(len(values) != len(names) for values in series):
        raise ValueError("a number for each name, please")
    if any(value < 0 for values in series for value in values):
        raise ValueError("a column begins at 0")
    totals = [sum(values) for values in zip(*series, strict=True)]
    most = max(totals, default=0)
    base = TOP + PLOT
    bars, numbers, labels = [], [], []
    for place, (name, total) in enumerate(zip(names, totals, strict=True)):
        left = place * SLOT + (SLOT - BAR) / 2
        middle, level = place * SLOT + SLOT / 2, float(base)
        for number, values in enumerate(series, start=1):
            if not values[place]:
                continue
            height = max(round(float(values[place]) * PLOT / float(most), 1), LEAST)
            level = round(level - height, 1)
            bars.append(Bar(number, left, level, BAR, height))
        if total:
            numbers.append(Label(middle, level - 5, said(total)))
        # Counted from the end: the month that runs has its name.
        if (len(names) - 1 - place) % NAME_EVERY == 0:
            labels.append(Label(middle, base + 16, name))
    width, height_of_all = len(names) * SLOT, base + FOOT
    return Chart(width, height_of_all, base, tuple(bars), tuple(numbers), tuple(labels))


def said(number: int | Decimal) -> str:
    """As it fits over a column: 7, 250, 1,248, 12k"""
    whole = int(Decimal(number).to_integral_value())
    return f"{whole:,}" if whole < 10_000 else f"{whole // 1000}k"
