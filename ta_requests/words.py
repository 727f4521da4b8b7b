"""How the office's hours and the clock of a request are said. Pure: plain values in, words out."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub import words
from ta_requests import turnaround
from ta_requests.turnaround import Closures, Policy


def hours(opens: time, closes: time) -> str:
    """weekdays 9:00 am–5:00 pm Pacific"""
    some_day = date(2000, 1, 3)
    clocks = words.clocks(datetime.combine(some_day, opens), datetime.combine(some_day, closes))
    return f"weekdays {clocks} Pacific"


def left(amount: timedelta, late: bool) -> str:
    """5 office hours left; late by 1 office hour and 26 minutes. Of turnaround.time_left.

    Whole minutes, rounded to the reader's side: there is never less time left than it says.
    """
    minutes = abs(amount) // timedelta(minutes=1)
    hours, rest = divmod(minutes, 60)
    said = words.listed(
        [_counted(hours, "office hour")] * (hours > 0)
        + [_counted(rest, "minute" if hours else "office minute")] * (rest > 0)
    )
    if late:
        return f"late by {said}" if said else "late"
    return f"{said or 'no office time'} left"


def left_short(amount: timedelta, late: bool) -> str:
    """1 h 26 min left; 2 h late: for the tables of staff only"""
    hours, rest = divmod(abs(amount) // timedelta(minutes=1), 60)
    said = " ".join([f"{hours} h"] * (hours > 0) + [f"{rest} min"] * (rest > 0))
    if late:
        return f"{said} late".lstrip()
    return f"{said or '0 min'} left"


def why(
    received: datetime,
    due: datetime,
    policy: Policy,
    closures: Closures,
    names: Mapping[date, str],
) -> str:
    """Which days did not count from receipt to due, and which short one ended it; or nothing.

    The office is closed on Thursday, November 26 (Thanksgiving Day) and on the weekend,
    which do not count.
    names: of the closures, by date.
    """
    zone = ZoneInfo(policy.zone)
    first, last = received.astimezone(zone).date(), due.astimezone(zone)
    day, closed, weekends = first, list[tuple[str, list[date]]](), set[date]()
    run = False
    while day <= last.date():
        if day.weekday() >= 5:
            weekends.add(day - timedelta(day.weekday()))
        elif turnaround.closing(day, policy, closures) is not None:
            run = False
        elif run and closed[-1][0] == names.get(day, ""):
            closed[-1][1].append(day)
        else:
            closed.append((names.get(day, ""), [day]))
            run = True
        day += timedelta(1)
    on = [_on(name, days) for name, days in closed]
    on += ["on the weekend" if len(weekends) == 1 else "on weekends"] * bool(weekends)
    said = []
    if on:
        one = len(weekends) + sum(len(days) for _, days in closed) == 1
        said.append(
            f"The office is closed {words.listed(on)}, which {'does' if one else 'do'} not count."
        )
    if last.time() == turnaround.closing(last.date(), policy, closures) != policy.closes:
        on_day = _on(names.get(last.date(), ""), [last.date()])
        said.append(f"The office closes early, at {words.clock(last)}, {on_day}.")
    return " ".join(said)


def came_twice(day: date, at: time) -> str:
    """Of a time typed on the night clocks go back; turnaround.local_instant says when."""
    clock = words.clock(datetime.combine(day, at))
    return f"{clock} came twice on {words.day(day)}. The earlier one is taken."


def _on(name: str, days: list[date]) -> str:
    """on Thursday, November 26 (Thanksgiving Day)"""
    dates = words.weekday_month_day(days[0])
    if len(days) > 1:
        dates += f" to {words.weekday_month_day(days[-1])}"
    return f"on {dates} ({name})" if name else f"on {dates}"


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
