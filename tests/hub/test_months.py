"""The last twelve months by Pacific clocks."""

from datetime import UTC, date, datetime

import pytest

from hub import months
from hub.models import Mail

# Still October 31 in Los Angeles.
NOW = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_they_end_with_the_month_that_runs():
    days = months.last_twelve(NOW)
    assert (days[0], days[1], days[-1]) == (date(2025, 11, 1), date(2025, 12, 1), date(2026, 10, 1))
    assert len(days) == 12


def test_they_begin_at_midnight_pacific():
    assert months.start(NOW) == datetime(2025, 11, 1, 7, tzinfo=UTC)


def test_what_is_counted_outside_of_them_is_left_out():
    found = months.filled(
        [(date(2025, 10, 31), 5), (date(2026, 10, 31), 2), (date(2026, 10, 1), 1)], NOW
    )
    assert found[-1] == (date(2026, 10, 1), 3)
    assert sum(number for _, number in found) == 3


@pytest.mark.django_db
def test_rows_are_counted_in_the_pacific_month_of_their_moment(django_assert_num_queries):
    for number, at in enumerate(
        [
            datetime(2026, 10, 1, 6, 59, tzinfo=UTC),  # September 30
            datetime(2026, 10, 1, 7, 0, tzinfo=UTC),
            datetime(2026, 11, 1, 5, 0, tzinfo=UTC),
            datetime(2026, 11, 1, 6, 0, tzinfo=UTC),  # to come
            datetime(2025, 11, 1, 6, 59, tzinfo=UTC),  # too long ago
        ]
    ):
        Mail.objects.create(kind="note", subject_id=number, created_at=at)
    with django_assert_num_queries(1):
        found = dict(months.counted(Mail.objects.all(), "created_at", NOW))
    assert {month: number for month, number in found.items() if number} == {
        date(2026, 9, 1): 1,
        date(2026, 10, 1): 2,
    }
