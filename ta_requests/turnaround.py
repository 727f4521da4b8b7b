"""When a reply is due. Pure: instants, policy and closures in, instants and spans out.

The office is open Monday to Friday from opening to closing, the moments of both included,
less closures. Due is the last open moment at or before received + N office days, where an
office day counts 24 hours and a closed day none: whoever writes gets what "48 hours"
says on office days at the latest, and staff the office time of N whole days.

Every instant given must be aware (ValueError otherwise); every instant returned is UTC.
Spans are office time: only what the clock runs while the office is open.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub import words
from hub.refusal import Refused

# Days without office hours by their local date: None all day, or when the office closes
# early. On a weekend, or early only after hours, a closure changes nothing; one that ends the
# day at or before its opening closes it.
Closures = Mapping[date, time | None]

NUDGE = timedelta(hours=4)
# What came in earlier is a slip of the keyboard.
EARLIEST = datetime(2020, 1, 1, tzinfo=ZoneInfo(words.PACIFIC))

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is promised: a reply in so many office days; and the office's hours in its zone.

    Raises ValueError when it promises nothing or the office never opens.
    """

    office_days: int = 2
    opens: time = time(9)
    closes: time = time(17)
    zone: str = words.PACIFIC

    def __post_init__(self) -> None:
        if self.office_days < 1:
            raise ValueError("A reply takes one office day or more.")
        if self.opens >= self.closes:
            raise ValueError("The office closes after it opens.")
        ZoneInfo(self.zone)


@dataclass(frozen=True, kw_only=True)
class Pause:
    """While a question waits on the requester; no end: it still waits.

    Raises ValueError when it ends before it begins.
    """

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.end is not None and utc(self.end) < utc(self.start):
            raise ValueError("A pause ends after it begins.")


# The office's hours


def utc(instant: datetime) -> datetime:
    """Raises ValueError for a naive one, which Python takes for the machine's own time."""
    if instant.utcoffset() is None:
        raise ValueError("An instant without its time zone says nothing.")
    # Two of one zone would be compared and subtracted by their wall clocks.
    return instant.astimezone(UTC)


def closing(day: date, policy: Policy, closures: Closures) -> time | None:
    """When the office closes that day, local; None when it does not open at all."""
    if day.weekday() >= 5:
        return None
    early = closures.get(day, policy.closes)
    if early is None or early <= policy.opens:
        return None
    return min(early, policy.closes)


def is_open(instant: datetime, policy: Policy, closures: Closures) -> bool:
    local = _local(instant, policy)
    closes = closing(local.date(), policy, closures)
    return closes is not None and policy.opens <= local.time() <= closes


def next_opening(instant: datetime, policy: Policy, closures: Closures) -> datetime:
    """The first open moment from then on: that very one while the office is open."""
    return add_office_time(instant, timedelta(0), policy, closures)


def office_time(start: datetime, end: datetime, policy: Policy, closures: Closures) -> timedelta:
    """What the office is open for from start to end; nothing when end is not after start."""
    start, end = utc(start), utc(end)
    total = timedelta(0)
    days = _days(start, policy, closures)
    opens, closes = next(days)
    while opens < end:
        total += max(min(closes, end) - max(opens, start), timedelta(0))
        opens, closes = next(days)
    return total


def add_office_time(
    instant: datetime, amount: timedelta, policy: Policy, closures: Closures
) -> datetime:
    """The first open moment by which that much office time has gone by; amount >= 0.

    So 17:00 rather than 09:00 of the next day.
    """
    instant = utc(instant)
    days = _days(instant, policy, closures)
    opens, closes = next(days)
    while (begin := max(opens, instant)) + amount > closes:
        amount -= max(closes - begin, timedelta(0))
        opens, closes = next(days)
    return begin + amount


def subtract_office_time(
    instant: datetime, amount: timedelta, policy: Policy, closures: Closures
) -> datetime:
    """The last open moment from which that much office time goes by until then; amount >= 0.

    So 09:00 rather than 17:00 of the day before.
    """
    instant = utc(instant)
    days = _days(instant, policy, closures, -_DAY)
    opens, closes = next(days)
    while (end := min(closes, instant)) - amount < opens:
        amount -= max(end - opens, timedelta(0))
        opens, closes = next(days)
    return end - amount


# The clock


def due(received: datetime, policy: Policy, closures: Closures) -> datetime:
    """When a reply to what came in then is due, were the clock never paused.

    Wall time all the way and the zone only at the end: 48 hours over a change of clocks are
    47 or 49 on a stopwatch.
    """
    local = _local(received, policy)
    wall = local.time()
    day, closes = _office_day(local.date(), policy, closures)
    if day > local.date():
        wall = time.min
    for _ in range(policy.office_days):
        day, closes = _office_day(day + _DAY, policy, closures)
    if wall < policy.opens:
        day, closes = _office_day(day - _DAY, policy, closures, -_DAY)
        wall = closes
    return _instant(day, min(wall, closes), policy)


def due_with_pauses(
    received: datetime, pauses: Iterable[Pause], policy: Policy, closures: Closures
) -> datetime | None:
    """When it is due with these pauses, in any order; None while the clock is paused.

    A pause begun before the moment that was due until then moves it by the pause's office
    time, and never to before the pause's end. One begun at or after it changes nothing: the
    reply was late already. What lies before `received` does not count.
    """
    moment = due(received, policy, closures)
    for pause in united(pauses):
        start = max(utc(pause.start), utc(received))
        if start >= moment:
            break
        if pause.end is None:
            return None
        paused = office_time(start, pause.end, policy, closures)
        moment = max(
            add_office_time(moment, paused, policy, closures),
            # With a due moment at an opening no office time may be left in the night before.
            next_opening(pause.end, policy, closures),
        )
    return moment


def united(pauses: Iterable[Pause]) -> list[Pause]:
    """The same waiting in order, without overlaps."""
    found: list[Pause] = []
    for pause in sorted(pauses, key=lambda one: utc(one.start)):
        last = found[-1] if found else None
        if last is None or (last.end is not None and utc(last.end) < utc(pause.start)):
            found.append(pause)
        elif last.end is not None and (pause.end is None or utc(pause.end) > utc(last.end)):
            found[-1] = Pause(start=last.start, end=pause.end)
    return found


def time_left(now: datetime, due_at: datetime, policy: Policy, closures: Closures) -> timedelta:
    """Office time until due; below zero since. Zero in the night before and after it, too:
    whether a reply is late says `now > due_at`."""
    if utc(now) <= utc(due_at):
        return office_time(now, due_at, policy, closures)
    return -office_time(due_at, now, policy, closures)


def nudge_at(due_at: datetime, policy: Policy, closures: Closures) -> datetime:
    """When staff are reminded: 4 office hours before due, before closing time of its day."""
    return subtract_office_time(due_at, NUDGE, policy, closures)


def digest_at(day: date, policy: Policy, closures: Closures) -> datetime | None:
    """When staff get the day's list: as the office opens; None on a closed day."""
    if closing(day, policy, closures) is None:
        return None
    return _instant(day, policy.opens, policy)


# What closures count for a request


def used(closures: Closures, start: datetime, end: datetime, policy: Policy) -> Closures:
    """Those from the local day of start to that of end: all that what is due between rests on."""
    first, last = _local(start, policy).date(), _local(end, policy).date()
    return {day: early for day, early in sorted(closures.items()) if first <= day <= last}


def stricter(one: Closures, other: Closures) -> Closures:
    """The closures of both; of two for a day the one that closes earlier."""
    found = {**one, **other}
    for day in one.keys() & other.keys():
        early = [at for at in (one[day], other[day]) if at is not None]
        found[day] = min(early) if len(early) == 2 else None
    return found


# What staff type


def check_received(received: datetime, now: datetime) -> None:
    """Raises Refused for a time of receipt that cannot be."""
    if utc(received) > utc(now):
        raise Refused("A request cannot have come in later than now. Check the date and time.")
    if received < EARLIEST:
        raise Refused(f"Enter a date from {words.month_day_year(EARLIEST)} on.")


def local_instant(day: date, at: time, zone: str) -> tuple[datetime, bool]:
    """The instant of a wall time, and whether clocks showed it twice (then the earlier).

    Raises Refused for a time the clocks skipped and at the ends of the calendar.
    """
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    local = wall.replace(tzinfo=ZoneInfo(zone))
    try:
        instant = local.astimezone(UTC)
    except OverflowError:
        raise Refused("Check the year.") from None
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) != wall:
        raise Refused(
            f"On {words.day(day)}, clocks skipped {words.clock(wall)}. Enter another time."
        )
    return instant, local.utcoffset() != local.replace(fold=1).utcoffset()


def _local(instant: datetime, policy: Policy) -> datetime:
    return utc(instant).astimezone(ZoneInfo(policy.zone))


def _instant(day: date, wall: time, policy: Policy) -> datetime:
    return datetime.combine(day, wall, ZoneInfo(policy.zone)).astimezone(UTC)


def _office_day(
    day: date, policy: Policy, closures: Closures, step: timedelta = _DAY
) -> tuple[date, time]:
    """The first day from this one on (or back) on which the office opens, and its closing."""
    while (closes := closing(day, policy, closures)) is None:
        day += step
    return day, closes


def _days(
    instant: datetime, policy: Policy, closures: Closures, step: timedelta = _DAY
) -> Iterator[tuple[datetime, datetime]]:
    """Opening and closing of each office day, from the local day of instant on (or back)."""
    day = _local(instant, policy).date()
    while True:
        day, closes = _office_day(day, policy, closures, step)
        yield _instant(day, policy.opens, policy), _instant(day, closes, policy)
        day += step
