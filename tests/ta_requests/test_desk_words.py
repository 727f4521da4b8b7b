from datetime import date, timedelta

import pytest

from ta_requests import desk_words
from ta_requests.desk_words import Said
from tests.ta_requests.asking import pacific

NOW = pacific("2026-11-24 13:44")


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-24 15:10", "Today 3:10 pm"),
        ("2026-11-24 00:00", "Today 12:00 am"),
        ("2026-11-25 10:02", "Wed, Nov 25, 10:02 am"),
        ("2027-01-05 09:00", "Tue, Jan 5, 2027, 9:00 am"),
    ],
)
def test_a_moment(moment, said):
    assert desk_words.moment_short(pacific(moment), NOW) == said


@pytest.mark.parametrize(
    ("due", "deadline", "said"),
    [
        ("2026-11-24 17:00", None, "Today 5:00 pm"),
        ("2026-11-24 17:00", date(2026, 11, 25), "Today 5:00 pm"),
        ("2026-11-27 17:00", date(2026, 11, 27), "Fri, Nov 27, court date"),
        (None, date(2026, 11, 27), "Fri, Nov 27, court date"),
        (None, None, "Stopped"),
    ],
)
def test_what_is_due_first(due, deadline, said):
    at = pacific(due) if due else None
    assert desk_words.due(at, deadline, "Court date", NOW) == said


@pytest.mark.parametrize(
    ("due", "minutes", "waiting", "said"),
    [
        ("2026-11-25 10:00", 8 * 60, False, Said("8 h left", "ok")),
        ("2026-11-24 17:00", 4 * 60, False, Said("4 h left", "warn")),
        ("2026-11-24 15:44", 2 * 60, False, Said("2 h left", "bad")),
        ("2026-11-24 13:44", 0, False, Said("0 min left", "bad")),
        ("2026-11-24 11:00", -164, False, Said("2 h 44 min late", "bad")),
        ("2026-11-24 11:00", -164, True, Said("2 h 44 min late, waiting", "bad")),
        (None, 8 * 60, True, Said("Paused: waiting for an answer")),
    ],
)
def test_the_clock(due, minutes, waiting, said):
    at = pacific(due) if due else None
    assert desk_words.clock(at, timedelta(minutes=minutes), waiting, NOW) == said
