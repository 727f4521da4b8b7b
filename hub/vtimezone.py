"""A time zone as calendar programs want it: one VTIMEZONE of yearly rules (RFC 5545 3.6.5).

The rules come from the POSIX footer of the zone's TZif file (RFC 9636 3.3), read from the
`tzdata` package and never from the machine, so every machine writes the same bytes. The footer is
the rule in force now; it says nothing of what a zone did before its last change of rule (in the
United States: 2007), nor of changes that follow no rule (Morocco's fast). `Zone.offset` tells
what a reader of the VTIMEZONE will take a wall time for, so that a writer can name the moments it
gets wrong in UTC instead.
"""

import re
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.prop import vRecur

_WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_KEY = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*")
_FIRST_YEAR = 1970

_NAME = r"[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>"
_TIME = r"[+-]?\d{1,3}(?::\d{2}){0,2}"
_DAY = rf"M\d{{1,2}}\.[1-5]\.[0-6](?:/{_TIME})?"
_FOOTER = re.compile(
    rf"(?P<std>{_NAME})(?P<std_time>{_TIME})"
    rf"(?:(?P<dst>{_NAME})(?P<dst_time>{_TIME})?,(?P<begins>{_DAY}),(?P<ends>{_DAY}))?"
)


class _Onset:
    """The yearly moment a clock changes, `Mmonth.week.weekday/time`, on the clock it changes."""

    __slots__ = ("_month", "_time", "_week", "_weekday")

    def __init__(self, rule: str) -> None:
        day, _, time = rule.removeprefix("M").partition("/")
        self._month, self._week, self._weekday = (int(part) for part in day.split("."))
        # Hours run from -167 to 167 and so may name another day (RFC 9636 3.3).
        self._time = _duration(time, 167) if time else timedelta(hours=2)

    def wall(self, year: int) -> datetime:
        """When it happens in `year`: a naive time of the clock in force just before."""
        first = datetime(year, self._month, 1)
        # isoweekday() % 7 counts from Sunday, as POSIX does.
        first += timedelta(days=(self._weekday - first.isoweekday()) % 7)
        day = first + timedelta(weeks=self._week - 1)
        if day.month != self._month:
            day -= timedelta(weeks=1)
        return day + self._time

    def rrule(self) -> str:
        """The same as a recurrence rule, whose time of day is that of `wall`.

        Raises ValueError when the time carries the day into another month in some years, or past
        the last week of February: no rule that all programs read says that.
        """
        shift = self._time // timedelta(days=1)
        weekday = _WEEKDAYS[(self._weekday + shift) % 7]
        if not shift:
            week = -1 if self._week == 5 else self._week
            return f"FREQ=YEARLY;BYMONTH={self._month};BYDAY={week}{weekday}"
        # Days counted from the first: ical.js reads the last days of a month, counted backwards
        # and met with a weekday, wrongly.
        length = _LENGTHS[self._month - 1]
        first = shift + (length - 6 if self._week == 5 else 7 * self._week - 6)
        days = range(first, first + 7)
        if not 1 <= days[0] <= days[-1] <= length or (self._month, self._week) == (2, 5):
            raise ValueError("the clock changes on days no plain rule tells")
        listed = ",".join(map(str, days))
        return f"FREQ=YEARLY;BYMONTH={self._month};BYMONTHDAY={listed};BYDAY={weekday}"


class Zone:
    """What one POSIX footer says of the zone `key`; made by `zone`."""

    __slots__ = ("_changes", "_daylight", "_spells", "_standard", "ical", "is_utc", "key")

    def __init__(self, key: str, footer: str) -> None:
        found = _FOOTER.fullmatch(footer)
        if not found:
            raise ValueError(f"{key}: cannot read the time zone rule {footer!r}")
        self.key = key
        self.is_utc = footer == "UTC0"
        # POSIX counts west of Greenwich as positive.
        self._standard = self._daylight = -_duration(found["std_time"], 24)
        self._changes: tuple[_Onset, _Onset] | None = None
        self._spells: dict[int, tuple[datetime, datetime]] = {}
        component = Timezone()
        component.add("TZID", key)
        if not found["dst"]:
            onset = datetime(_FIRST_YEAR, 1, 1)
            component.add_component(
                _observance(self._standard, self._standard, found["std"], onset)
            )
        else:
            self._daylight = self._standard + timedelta(hours=1)
            if found["dst_time"]:
                self._daylight = -_duration(found["dst_time"], 24)
            begins, ends = _Onset(found["begins"]), _Onset(found["ends"])
            self._changes = begins, ends
            for before, after, name, change in (
                (self._standard, self._daylight, found["dst"], begins),
                (self._daylight, self._standard, found["std"], ends),
            ):
                try:
                    onset, rule = change.wall(_FIRST_YEAR), change.rrule()
                except ValueError as error:
                    raise ValueError(f"{key}: {error} in {footer!r}") from error
                component.add_component(_observance(before, after, name, onset, rule))
        self.ical: bytes = component.to_ical()

    def offset(self, wall: datetime) -> timedelta:
        """East of UTC, what a reader of the VTIMEZONE makes of the naive time `wall`.

        A time the clock skips counts on the clock before the gap, one it shows twice is the
        first (RFC 5545 3.3.5).
        """
        if not self._changes:
            return self._standard
        try:
            begins, ends = self._spells[wall.year]
        except KeyError:
            saved, none = self._daylight - self._standard, timedelta()
            begins = self._changes[0].wall(wall.year) + max(saved, none)
            ends = self._changes[1].wall(wall.year) + max(-saved, none)
            self._spells[wall.year] = begins, ends
        daylight = begins <= wall < ends if begins < ends else not ends <= wall < begins
        return self._daylight if daylight else self._standard


@cache
def zone(key: str) -> Zone:
    """The zone with the IANA name `key`, made once per process.

    Raises ValueError when `tzdata` has no such zone, or for a rule that a VTIMEZONE cannot say
    (only Africa/Cairo, whose clock turns at 24:00 on a last Thursday that may be 31 October).
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"no time zone is called {key!r}")
    try:
        data = files("tzdata").joinpath("zoneinfo", *key.split("/")).read_bytes()
    except OSError as error:
        raise ValueError(f"no time zone is called {key!r}") from error
    if not data.startswith(b"TZif"):
        raise ValueError(f"no time zone is called {key!r}")
    return Zone(key, data.rsplit(b"\n", 2)[1].decode("ascii"))


def _duration(text: str, most: int) -> timedelta:
    """`[+-]h[hh][:mm[:ss]]`, at most `most` hours."""
    hours, minutes, seconds, *_ = (*text.lstrip("+-").split(":"), "0", "0")
    value = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    if value > timedelta(hours=most) or int(minutes) > 59 or int(seconds) > 59:
        raise ValueError(f"no such time: {text!r}")
    return -value if text.startswith("-") else value


def _observance(
    before: timedelta, after: timedelta, name: str, onset: datetime, rule: str = ""
) -> TimezoneStandard | TimezoneDaylight:
    # Ireland calls its summer clock standard and its winter clock a negative saving; programs
    # expect the later clock to be DAYLIGHT whatever it is called.
    component = TimezoneDaylight() if after > before else TimezoneStandard()
    component.add("DTSTART", onset)
    component.add("TZOFFSETFROM", before)
    component.add("TZOFFSETTO", after)
    component.add("TZNAME", name.strip("<>"))
    if rule:
        component.add("RRULE", vRecur.from_ical(rule))
    return component
