from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from hub.words import PACIFIC
from ta_requests import turnaround, words
from ta_requests.turnaround import Policy
from tests.ta_requests.cases import CLOSURES

POLICY = Policy()


@pytest.mark.parametrize(
    ("opens", "closes", "said"),
    [
        (time(9), time(17), "weekdays 9:00 am–5:00 pm Pacific"),
        (time(9), time(11, 30), "weekdays 9:00–11:30 am Pacific"),
    ],
)
def test_hours(opens, closes, said):
    assert words.hours(opens, closes) == said


@pytest.mark.parametrize(
    ("minutes", "late", "long", "short"),
    [
        (300, False, "5 office hours left", "5 h left"),
        (86, False, "1 office hour and 26 minutes left", "1 h 26 min left"),
        (121, False, "2 office hours and 1 minute left", "2 h 1 min left"),
        (60, False, "1 office hour left", "1 h left"),
        (26.9, False, "26 office minutes left", "26 min left"),
        (1, False, "1 office minute left", "1 min left"),
        (0.9, False, "no office time left", "0 min left"),
        (0, False, "no office time left", "0 min left"),
        (-120, True, "late by 2 office hours", "2 h late"),
        (-61.5, True, "late by 1 office hour and 1 minute", "1 h 1 min late"),
        (-0.5, True, "late", "late"),
        (0, True, "late", "late"),
    ],
)
def test_left(minutes, late, long, short):
    assert words.left(timedelta(minutes=minutes), late) == long
    assert words.left_short(timedelta(minutes=minutes), late) == short


NAMES = {
    date(2026, 11, 11): "Veterans Day",
    date(2026, 11, 26): "Thanksgiving Day",
    date(2026, 11, 27): "Day after Thanksgiving",
    date(2026, 12, 24): "Christmas Eve",
    date(2026, 12, 25): "Christmas Day",
    **{date(2027, 7, day): "Summer break" for day in (1, 2, 5, 7)},
}
# The break of 2027 has one open day in it.
CLOSED = {
    **CLOSURES,
    date(2026, 3, 7): None,
    date(2026, 3, 5): time(18),
    date(2026, 12, 24): time(12),
    **dict.fromkeys([date(2027, 7, day) for day in (1, 2, 5, 7)]),
}

WHY = {
    "2026-03-03 10:00": "",
    # An early closing after hours is none.
    "2026-03-03 18:00": "",
    "2026-03-06 16:59": "The office is closed on the weekend, which does not count.",
    "2026-03-07 12:00": "The office is closed on the weekend, which does not count.",
    "2026-11-10 15:00": (
        "The office is closed on Wednesday, November 11 (Veterans Day), which does not count."
    ),
    "2026-11-24 16:30": (
        "The office is closed on Thursday, November 26 (Thanksgiving Day), on Friday, "
        "November 27 (Day after Thanksgiving) and on the weekend, which do not count."
    ),
    "2026-12-22 14:00": (
        "The office closes early, at 12:00 pm, on Thursday, December 24 (Christmas Eve)."
    ),
    # Due on the short day, but not for its sake.
    "2026-12-22 10:00": "",
    "2026-12-24 11:00": (
        "The office is closed on Friday, December 25 (Christmas Day) and on the weekend, "
        "which do not count."
    ),
    "2027-01-01 00:05": (
        "The office is closed on Friday, January 1 and on the weekend, which do not count."
    ),
    "2027-06-30 10:00": (
        "The office is closed on Thursday, July 1 to Monday, July 5 (Summer break), on "
        "Wednesday, July 7 (Summer break) and on the weekend, which do not count."
    ),
}


@pytest.mark.parametrize("received", WHY)
def test_why(received):
    pacific = ZoneInfo(PACIFIC)
    instant = datetime.fromisoformat(received).replace(tzinfo=pacific).astimezone(UTC)
    due = turnaround.due(instant, POLICY, CLOSED)
    assert words.why(instant, due, POLICY, CLOSED, NAMES) == WHY[received]


def test_why_of_two_weekends():
    received, due = datetime(2026, 3, 6, 20, tzinfo=UTC), datetime(2026, 3, 16, 20, tzinfo=UTC)
    assert words.why(received, due, POLICY, {}, {}) == (
        "The office is closed on weekends, which do not count."
    )


def test_came_twice():
    assert words.came_twice(date(2026, 11, 1), time(1, 30)) == (
        "1:30 am came twice on Sunday, November 1, 2026. The earlier one is taken."
    )
