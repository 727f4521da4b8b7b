"""What is said of a deadline that may come before the reply."""

from datetime import date, time

import pytest

from ta_requests import promises
from ta_requests.turnaround import Policy
from tests.ta_requests.asking import pacific

CLOSED = {date(2026, 11, 26): None, date(2026, 11, 27): None, date(2026, 12, 24): time(12)}


@pytest.mark.parametrize(
    ("deadline", "first"),
    [
        (None, False),
        (date(2026, 11, 29), True),
        (date(2026, 11, 30), True),
        (date(2026, 12, 1), False),
    ],
)
def test_a_deadline_on_the_day_of_the_reply_may_come_first(deadline, first):
    assert promises.comes_first(deadline, pacific("2026-11-30 16:30")) is first


def test_the_day_is_that_of_the_office():
    # In UTC it is the day after.
    assert promises.comes_first(date(2026, 12, 1), pacific("2026-11-30 17:00")) is False


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-11-24 16:30", "today before 5:00 pm Pacific"),
        ("2026-11-24 09:00", "today before 5:00 pm Pacific"),
        ("2026-11-24 17:00", "today before 5:00 pm Pacific"),
        ("2026-11-24 08:59", "today, from 9:00 am Pacific"),
        ("2026-11-24 17:01", "Wednesday, November 25, from 9:00 am Pacific"),
        ("2026-11-25 18:00", "Monday, November 30, from 9:00 am Pacific"),
        ("2026-11-29 23:59", "Monday, November 30, from 9:00 am Pacific"),
        ("2026-12-24 10:00", "today before 12:00 pm Pacific"),
        ("2026-12-24 13:00", "Friday, December 25, from 9:00 am Pacific"),
    ],
)
def test_when_to_call(now, said):
    assert promises.when_to_call(pacific(now), Policy(), CLOSED) == said
