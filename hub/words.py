"""How the hub says days, times and zones. Pure: instants in, words out.

"Wednesday, December 2, 2026"; "12:00–1:00 pm Pacific · 3:00–4:00 pm Eastern"; never PST,
which would be wrong for most of the year.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

PACIFIC = "America/Los_Angeles"
EASTERN = "America/New_York"

# The zones a call or training may be held in, and the word for each.
ZONES = {
    PACIFIC: "Pacific",
    "America/Denver": "Mountain",
    "America/Phoenix": "Arizona",
    "America/Chicago": "Central",
    EASTERN: "Eastern",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
    "America/Puerto_Rico": "Atlantic",
}


def day(value: date) -> str:
    """Wednesday, December 2, 2026 (of a datetime: the day in its own zone)."""
    return f"{weekday_month_day(value)}, {value.year}"


def short_day(value: date) -> str:
    """Wed, Nov 25, 2026: for the tables of staff only"""
    return f"{value:%a}, {value:%b} {value.day}, {value.year}"


def month_day(value: date) -> str:
    """December 2"""
    return f"{value:%B} {value.day}"


def weekday(value: date) -> str:
    """Wednesday"""
    return f"{value:%A}"


def weekday_month_day(value: date) -> str:
    """Wednesday, December 2"""
    return f"{weekday(value)}, {month_day(value)}"


def month_day_year(value: date) -> str:
    """December 2, 2026"""
    return f"{month_day(value)}, {value.year}"


def month_year(value: date) -> str:
    """May 2028"""
    return f"{value:%B %Y}"


def clock(value: datetime) -> str:
    """3:10 pm"""
    return f"{_hour(value)} {_half(value)}"


def clocks(start: datetime, end: datetime) -> str:
    """12:00–1:00 pm, or 11:30 am–12:30 pm where the half of the day changes."""
    if _half(start) == _half(end):
        return f"{_hour(start)}–{clock(end)}"
    return f"{clock(start)}–{clock(end)}"


def moment(value: datetime, zone: str = PACIFIC) -> str:
    """Tuesday, December 1, 2026, 4:30 pm Pacific"""
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local)}, {clock(local)} {ZONES[zone]}"


def times(start: datetime, end: datetime, zone: str) -> list[tuple[str, str]]:
    """(clock times, zone's word) in the venue's zone, then Pacific, then Eastern.

    A zone in which the call begins on another day than at the venue says so.
    """
    at_venue = start.astimezone(ZoneInfo(zone)).date()
    said = []
    for name in dict.fromkeys([zone, PACIFIC, EASTERN]):
        local = start.astimezone(ZoneInfo(name)), end.astimezone(ZoneInfo(name))
        word = ZONES[name]
        if (days := (local[0].date() - at_venue).days) != 0:
            word += " the next day" if days > 0 else " the day before"
        said.append((clocks(*local), word))
    return said


def said(pairs: list[tuple[str, str]]) -> str:
    """12:00–1:00 pm Pacific · 3:00–4:00 pm Eastern, of what `times` gives"""
    return " · ".join(f"{hours} {word}" for hours, word in pairs)


def until(due: date | datetime, now: datetime) -> str:
    """today; tomorrow, 3:10 pm; Fri, Dec 11: when something is due, on Pacific clocks"""
    today, hour = now.astimezone(ZoneInfo(PACIFIC)).date(), ""
    if isinstance(due, datetime):
        local = due.astimezone(ZoneInfo(PACIFIC))
        due, hour = local.date(), f", {clock(local)}"
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get((due - today).days)
    if near is None:
        is_far = abs((due - today).days) > 300
        near = short_day(due) if is_far else f"{due:%a}, {due:%b} {due.day}"
    return near + hour


def several(number: int, one: str, more: str) -> str:
    """1 person waits; 1,200 people wait"""
    return f"{number:,} {one if number == 1 else more}"


def listed(words: list[str]) -> str:
    """A; A and B; A, B and C"""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _hour(value: datetime) -> str:
    return f"{value.hour % 12 or 12}:{value:%M}"


def _half(value: datetime) -> str:
    return "am" if value.hour < 12 else "pm"
