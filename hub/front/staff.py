"""The day of the staff: what waits, by urgency, and the last twelve months."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hub import charts, offers, words
from hub.offers import Figure, Urgency, Work
from ta_requests.work import on_time

HEADINGS = {
    Urgency.LATE: "Late",
    Urgency.TODAY: "Today",
    Urgency.SOON: f"In the next {offers.SOON.days} days",
    Urgency.LATER: "Later",
    Urgency.ANY_TIME: "When you can",
}


@dataclass(frozen=True)
class Line:
    work: Work
    due: str


@dataclass(frozen=True)
class Part:
    """The work of one urgency."""

    urgency: Urgency
    heading: str
    lines: list[Line]

    @property
    def count(self) -> int:
        return sum(line.work.count for line in self.lines)


@dataclass(frozen=True)
class Drawn:
    """A chart, what it says in a sentence, and its numbers as a table."""

    title: str
    sentence: str
    labels: list[str]
    chart: charts.Chart | None
    rows: list[tuple[date, list[str]]]


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """What this member of staff can do now, each line a link to where it is done."""
    now = timezone.now()
    work = offers.work(request.user, now)
    context: dict[str, Any] = {
        "section": "staff",
        "now": now,
        "waits": bool(work),
        "parts": parts(work, now),
        "charts": [drawn(each) for each in _by_title(offers.figures(now))]
        + shares("Technical assistance", "answered on time", on_time(request.user, now)),
    }
    return render(request, "front/staff.html", context)


def parts(work: list[Work], now: datetime) -> list[Part]:
    """Late and Today always, for 0 is news there; of the others what there is."""
    found: dict[Urgency, list[Line]] = {Urgency.LATE: [], Urgency.TODAY: []}
    for each in work:
        due = words.until(each.due, now) if each.due else ""
        found.setdefault(each.urgency, []).append(Line(each, due))
    return [Part(urgency, HEADINGS[urgency], found[urgency]) for urgency in sorted(found)]


def drawn(series: list[Figure]) -> Drawn:
    """One or two series of the same months as one chart; none where there is nothing to see."""
    first, months = series[0], [month for month, _ in series[0].months]
    numbers = [[number for _, number in each.months] for each in series]
    sums = [sum(values) for values in numbers]
    total = sum(sums)
    said = f"{_number(total)} {first.one if total == 1 else first.more}"
    if len(series) > 1:
        of_each = [
            f"{each.label} {_number(number)} ({look})"
            for number, each, look in zip(sums, series, ["solid", "striped"], strict=True)
        ]
        said += f": {words.listed(of_each)}"
    return Drawn(
        title=first.title,
        sentence=said,
        labels=[each.label for each in series],
        chart=charts.columns([f"{month:%b}" for month in months], *numbers) if any(sums) else None,
        rows=[
            (month, [_number(values[place]) for values in numbers])
            for place, month in enumerate(months)
        ],
    )


def shares(title: str, label: str, months: list[tuple[date, str]]) -> list[Drawn]:
    """Percentages as words, "" where there are too few: a chart of those there are."""
    if not months:
        return []
    known = [int(share.partition("%")[0]) if share else 0 for _, share in months]
    last = next(((month, share) for month, share in reversed(months) if share), None)
    return [
        Drawn(
            title=title,
            sentence=f"{last[1]} {label} in {words.month_year(last[0])}"
            if last
            else "Too few answers in each month to say how many were on time",
            labels=[label],
            chart=charts.columns([f"{month:%b}" for month, _ in months], known) if last else None,
            rows=[(month, [share or "too few to say"]) for month, share in months],
        )
    ]


def _by_title(figures: list[Figure]) -> list[list[Figure]]:
    """Those of one title together, in the order in which the titles come first."""
    order = list(dict.fromkeys(each.title for each in figures))
    rows = sorted(figures, key=lambda each: order.index(each.title))
    return [list(same) for _, same in groupby(rows, key=lambda each: each.title)]


def _number(value: int | Decimal) -> str:
    """1,250; 6.25; 6 for 6.00"""
    return f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{int(value):,}"
