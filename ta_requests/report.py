"""How many requests came in and how fast they were answered; of no small group (R36).

A purged request counts like any other: its tombstone keeps area, state, dates and outcome.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F

from hub.us_states import STATES
from hub.words import PACIFIC
from ta_requests import figures, words
from ta_requests.models import Area, Cycle, TaRequest
from ta_requests.services import clock

MONTHS = (3, 6, 12)
_ZONE = ZoneInfo(PACIFIC)


@dataclass(frozen=True)
class Row:
    """One line of a table, as it may be shown; "" where nothing may be."""

    name: str
    requests: str
    on_time: str = ""
    median: str = ""
    slowest: str = ""


@dataclass(frozen=True)
class Table:
    by: str
    rows: list[Row]
    note: str = ""


@dataclass(frozen=True)
class Report:
    first: date
    last: date
    whole: Row
    tables: list[Table]

    @property
    def months(self) -> Table:
        return self.tables[0]


@dataclass(frozen=True)
class _Promise:
    request: int
    month: date
    state: str
    is_first: bool
    # Of an answer, or of one that is late already; neither of one withdrawn.
    on_time: bool | None
    taken: timedelta | None


def months_until(last: date, number: int) -> list[date]:
    """The first days of so many months, the last of them that of `last`."""
    count = last.year * 12 + last.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(count - number + 1, count + 1) if n >= 12]


def report(last: date, number: int, now: datetime) -> Report:
    """Of so many whole months, Pacific, by when a question came in."""
    months = months_until(last, number)
    promises = _promises(months[0], _after(months[-1]), now)
    areas: dict[int, set[int]] = defaultdict(set)
    links = TaRequest.areas.through.objects.filter(
        tarequest_id__in=[promise.request for promise in promises]
    )
    for request, area in links.values_list("tarequest_id", "area_id"):
        areas[request].add(area)

    of_months = _parts([(f"{day:%B %Y}", _of_month(promises, day)) for day in months])
    used = {promise.state for promise in promises}
    of_states = _parts(
        [(STATES[code], _of_state(promises, code)) for code in STATES if code in used]
    )
    of_areas = [
        _row(area.name, [each for each in promises if area.pk in areas[each.request]])
        for area in Area.objects.all()
    ]
    whole = _row("All", promises)
    if figures.NOT_SHOWN in (of_months[1], of_states[1]):
        # It would give a small number in one of the tables away.
        whole = Row("All", figures.NOT_SHOWN)
    return Report(
        first=months[0],
        last=_after(months[-1]) - timedelta(1),
        whole=whole,
        tables=[
            Table("Month", of_months[0]),
            Table("State", of_states[0]),
            Table("Area", of_areas, "A request in several areas counts in each of them."),
        ],
    )


def _promises(first: date, after: date, now: datetime) -> list[_Promise]:
    rows = (
        Cycle.objects.filter(started_at__gte=_begin(first), started_at__lt=_begin(after))
        .annotate(state=F("request__us_state"))
        .prefetch_related("pauses")
        .order_by("pk")
    )
    closures = clock.closures()
    found = []
    for row in rows:
        cycle = clock.state(row)
        on_time = None if row.outcome == Cycle.Outcome.WITHDRAWN else cycle.outcome == "on_time"
        if not row.outcome:
            on_time = False if cycle.late(now) else None
        taken = None if row.outcome == Cycle.Outcome.WITHDRAWN else figures.taken(cycle, closures)
        found.append(
            _Promise(
                request=row.request_id,
                month=row.started_at.astimezone(_ZONE).date().replace(day=1),
                state=row.state,
                is_first=row.number == 1,
                on_time=on_time,
                taken=taken,
            )
        )
    return found


def _of_month(promises: list[_Promise], month: date) -> list[_Promise]:
    return [each for each in promises if each.month == month]


def _of_state(promises: list[_Promise], code: str) -> list[_Promise]:
    return [each for each in promises if each.state == code]


def _parts(groups: list[tuple[str, list[_Promise]]]) -> tuple[list[Row], str]:
    """The rows of what together is the whole, and its total, as they may be shown."""
    shown = figures.shown([_requests(group) for _, group in groups])
    rows = [
        _row(name, group) if cell == str(_requests(group)) else Row(name, cell)
        for (name, group), cell in zip(groups, shown.cells, strict=True)
    ]
    return rows, shown.total


def _row(name: str, promises: list[_Promise]) -> Row:
    number = _requests(promises)
    if 0 < number < figures.LEAST:
        return Row(name, figures.FEW)
    settled = [each for each in promises if each.on_time is not None]
    times = [each.taken for each in promises if each.taken is not None]
    middle = figures.median(times) if len(times) >= figures.LEAST else None
    return Row(
        name,
        str(number),
        on_time=figures.share(sum(each.on_time is True for each in settled), len(settled)),
        median=_said(middle) if middle is not None else "",
        slowest=_said(max(times)) if middle is not None else "",
    )


def _requests(promises: list[_Promise]) -> int:
    return sum(each.is_first for each in promises)


def _said(span: timedelta) -> str:
    """9 office hours and 20 minutes"""
    return words.left(span, late=False).removesuffix(" left")


def _after(month: date) -> date:
    return (month + timedelta(31)).replace(day=1)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, _ZONE)
