"""When a reply is due, by walking minute after minute as the words of the rule go.

Due is the last open moment at or before received + so many weekday hours, every office day
counting 24 hours and every closed day none. Nothing here is taken from the code it checks.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


class Office:
    """Hours in whole minutes; closed: dates with None, or when they end early."""

    def __init__(self, closed, opens=time(9), closes=time(17), zone="America/Los_Angeles"):
        self.closed, self.opens, self.closes = closed, opens, closes
        self.zone = ZoneInfo(zone)

    def works(self, day: date) -> bool:
        if day.strftime("%a") in {"Sat", "Sun"}:
            return False
        return day not in self.closed or (
            self.closed[day] is not None and self.closed[day] > self.opens
        )

    def open_at(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        if not self.works(local.date()) or local.time() < self.opens:
            return False
        early = self.closed.get(local.date())
        return local.time() <= self.closes and (early is None or local.time() <= early)

    def due(self, received: datetime, days: int) -> datetime:
        """Of any moment: from it to the next whole minute, and on from minute to minute."""
        moment, left, last = received.astimezone(UTC), days * timedelta(hours=24), None
        while True:
            if self.open_at(moment):
                last = moment
            if not left:
                return last
            step = MINUTE - timedelta(seconds=moment.second, microseconds=moment.microsecond)
            if self.works(moment.astimezone(self.zone).date()):
                step = min(step, left)
                left -= step
            moment += step

    def open_minutes(self, start: datetime, end: datetime) -> int:
        """Minutes from start to end, both whole, at whose beginning and end it is open."""
        count, moment = 0, start.astimezone(UTC)
        while moment < end:
            count += self.open_at(moment) and self.open_at(moment + MINUTE)
            moment += MINUTE
        return count

    def every_due(self, first: datetime, last: datetime, days: int) -> dict[datetime, datetime]:
        """The same of each whole minute from first to last, in one walk."""
        moment, total, open_ = first.astimezone(UTC), 0, None
        moments, totals, found = [], [], {}
        while last not in found:
            if self.open_at(moment):
                open_ = moment
            moments.append(moment)
            totals.append(total)
            # For whom the weekday hours are over as of now: on a closed day many at once.
            while total - totals[len(found)] == days * 24 * 60:
                found[moments[len(found)]] = open_
            total += self.works(moment.astimezone(self.zone).date())
            moment += MINUTE
        return found
