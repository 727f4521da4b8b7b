"""When a call takes place. Pure: rule, wall time, zone and window in, dates out.

A rule is one RRULE of RFC 5545 3.3.10, and of those only what a person can say in a
sentence: every day, week, month or year, or every n-th up to 12. Dates are expanded on
the naive wall clock and only then given their zone, so that noon stays noon over every
change of daylight time.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import recurrence

WEEKDAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
MONTHS = [f"{date(2000, month, 1):%B}" for month in range(1, 13)]
UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_NUMBERS = ["", "", "second", "third", "fourth", "fifth", "sixth"]
_NUMBERS += ["seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"]
# A first day outside of these years is a mistake, not a plan; and before 2008 clocks changed
# on other days than the rules say that calendar programs get (hub.vtimezone).
FIRST_DAY, LAST_DAY = date(2008, 1, 1), date(2099, 12, 31)


class BadRule(ValueError):
    """A rule the hub does not keep; str() is a sentence for the person who wrote it."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule. Raises BadRule when it has no sensible dates.

    weekdays: codes of RFC 5545, for WEEKLY (one or more) and MONTHLY (one); kept in the
    order of the week.
    nth: which of the month's weekdays, 1 to 4 or -1 for the last; MONTHLY only.
    month, day: the date of a YEARLY rule.
    """

    freq: str
    interval: int = 1
    weekdays: tuple[str, ...] = ()
    nth: int = 0
    month: int = 0
    day: int = 0

    def __post_init__(self) -> None:
        if self.freq not in UNITS:
            raise BadRule("A call can be held once a day at most: choose day, week, month or year.")
        if not 1 <= self.interval <= 12:
            raise BadRule("Choose an interval from 1 to 12.")
        ordered = tuple(code for code in WEEKDAYS if code in self.weekdays)
        if len(ordered) < len(set(self.weekdays)):
            raise BadRule("Choose days of the week from Monday to Sunday.")
        object.__setattr__(self, "weekdays", ordered)
        if self.freq == "WEEKLY" and not self.weekdays:
            raise BadRule("Choose at least one day of the week.")
        if self.freq == "MONTHLY" and (len(self.weekdays) != 1 or self.nth not in NTH):
            raise BadRule("Choose which weekday of the month: the first to fourth, or the last.")
        if self.freq == "YEARLY":
            if not (1 <= self.month <= 12 and 1 <= self.day <= 31):
                raise BadRule("Choose a month and a day for a yearly call.")
            try:
                date(2001, self.month, self.day)
            except ValueError:
                leap = (self.month, self.day) == (2, 29)
                never = "does not come every year" if leap else "never comes"
                raise BadRule(
                    f"{MONTHS[self.month - 1]} {self.day} {never}. Choose another day."
                ) from None
        unfit = (
            (self.weekdays and self.freq not in {"WEEKLY", "MONTHLY"})
            or (self.nth and self.freq != "MONTHLY")
            or ((self.month or self.day) and self.freq != "YEARLY")
        )
        if unfit:
            raise BadRule(f"Choose only what belongs to a call held by the {UNITS[self.freq]}.")

    def __str__(self) -> str:
        """The RRULE's value, its parts always in the same order."""
        parts = [f"FREQ={self.freq}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.freq == "YEARLY":
            parts += [f"BYMONTH={self.month}", f"BYMONTHDAY={self.day}"]
        elif self.weekdays:
            prefix = str(self.nth) if self.nth else ""
            parts.append("BYDAY=" + ",".join(prefix + code for code in self.weekdays))
        return ";".join(parts)


def parse(text: str) -> Rule:
    """Read an RRULE value. Raises BadRule for anything but one rule of the kinds above."""
    if not text.strip():
        raise BadRule("Say how often the call takes place.")
    parts: dict[str, str] = {}
    for piece in text.strip().removeprefix("RRULE:").upper().split(";"):
        name, _, value = piece.partition("=")
        if not value or name in parts:
            raise BadRule("This is not a rule of the calendar standard (RFC 5545).")
        parts[name] = value
    freq = parts.pop("FREQ", "")
    if freq in {"HOURLY", "MINUTELY", "SECONDLY"}:
        raise BadRule("A call can be held once a day at most: choose day, week, month or year.")
    if {"UNTIL", "COUNT"} & parts.keys():
        raise BadRule("Leave the end out of the rule: a series has a last day of its own.")
    try:
        interval = int(parts.pop("INTERVAL", "1"))
        days = [code for code in parts.pop("BYDAY", "").split(",") if code]
        nths = {int(code[:-2]) if code[:-2] else 0 for code in days}
        month, day = int(parts.pop("BYMONTH", "0")), int(parts.pop("BYMONTHDAY", "0"))
    except ValueError:
        raise BadRule("This is not a rule of the calendar standard (RFC 5545).") from None
    weekdays = tuple(code for code in WEEKDAYS if code in {one[-2:] for one in days})
    fits = {
        "DAILY": not days and not month and not day,
        "WEEKLY": not month and not day and nths <= {0},
        "MONTHLY": not month and not day and len(nths) == 1,
        "YEARLY": not days,
    }
    if parts or len(weekdays) != len(days) or not fits.get(freq, True):
        raise BadRule(
            "Keep to a rule one can say in a sentence: every week on some days, "
            "the first to fourth or last weekday of each month, every day, or a date each year."
        )
    nth = nths.pop() if freq == "MONTHLY" else 0
    return Rule(freq=freq, interval=interval, weekdays=weekdays, nth=nth, month=month, day=day)


def sentence(rule: Rule) -> str:
    """Every Wednesday; Every fourth Thursday; The last Friday of every third month."""
    nth = f"{_NUMBERS[rule.interval]} " if rule.interval > 1 else ""
    if rule.freq == "DAILY":
        return f"Every {nth}day"
    if rule.freq == "YEARLY":
        return f"{MONTHS[rule.month - 1]} {rule.day} of every {nth}year"
    days = [WEEKDAYS[code] for code in rule.weekdays]
    if rule.freq == "WEEKLY":
        said = ", ".join(days[:-1]) + (" and " if days[:-1] else "") + days[-1]
        return f"Every {said}" if rule.interval == 1 else f"{said} of every {nth}week"
    if rule.interval == 1 and rule.nth > 0:
        return f"Every {NTH[rule.nth]} {days[0]}"
    return f"The {NTH[rule.nth]} {days[0]} of every {nth}month"


def dates(rule: Rule, begins: date, first: date, last: date) -> list[date]:
    """The rule's dates from first to last, both included, of a series begun on `begins`.

    `begins` anchors an interval above 1 and is itself a date only if the rule says so.
    """
    found = to_recurrence(rule).between(
        datetime.combine(max(begins, first), time.min),
        datetime.combine(last, time.max),
        dtstart=datetime.combine(begins, time.min),
        inc=True,
    )
    return [moment.date() for moment in found]


def first_date(rule: Rule, on_or_after: date) -> date:
    """The rule's first date; where its DTSTART must lie (RFC 5545 3.8.5.3).

    Every second Wednesday begins with the next Wednesday: an interval counts from the first
    date and does not delay it.
    """
    if not FIRST_DAY <= on_or_after <= LAST_DAY:
        raise BadRule(f"Choose a first day between {FIRST_DAY.year} and {LAST_DAY.year}.")
    begins = datetime.combine(on_or_after, time.min)
    each = to_recurrence(replace(rule, interval=1))
    result: date = each.after(begins, dtstart=begins, inc=True).date()
    return result


def last_date(rule: Rule, begins: date, until: date) -> date:
    """The rule's last date of a series begun on `begins` and ending with `until`."""
    found = to_recurrence(rule).before(
        datetime.combine(until, time.max), dtstart=datetime.combine(begins, time.min), inc=True
    )
    return found.date() if found else begins


def next_dates(rule: Rule, begins: date, count: int) -> list[date]:
    """The first `count` dates from `begins` on, for a preview."""
    found = [first_date(rule, begins)]
    while len(found) < count:
        later = to_recurrence(rule).after(
            datetime.combine(found[-1], time.min),
            dtstart=datetime.combine(found[0], time.min),
        )
        found.append(later.date())
    return found


def instant(day: date, at: time, zone: str) -> datetime:
    """The aware moment at which a wall clock in `zone` shows this time on this day.

    Of a time that comes twice, the first; one that is skipped is read with the offset
    before the change (RFC 5545 3.3.5).
    """
    return datetime.combine(day, at, ZoneInfo(zone))


def reminder_due(starts_at: datetime, zone: str) -> datetime:
    """9 am on the day before, by the call's own clock."""
    day = starts_at.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    return instant(day, time(9), zone)


def to_recurrence(rule: Rule) -> recurrence.Recurrence:
    """The rule as django-recurrence holds and expands it: the RRULE and nothing else."""
    parsed = recurrence.deserialize(f"RRULE:{rule}", include_dtstart=False)
    # It adds dtstart as a date of its own unless told otherwise.
    parsed.include_dtstart = False
    return parsed
