"""How days, hours and zones are said."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import engines

from hub import words
from hub.words import EASTERN, PACIFIC, ZONES


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, 2, hour, minute, tzinfo=ZoneInfo(PACIFIC))


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [
        (0, 0, "12:00 am"),
        (0, 5, "12:05 am"),
        (1, 0, "1:00 am"),
        (11, 59, "11:59 am"),
        (12, 0, "12:00 pm"),
        (12, 59, "12:59 pm"),
        (13, 0, "1:00 pm"),
        (15, 10, "3:10 pm"),
        (23, 59, "11:59 pm"),
    ],
)
def test_clock(hour, minute, said):
    assert words.clock(at(hour, minute)) == said


@pytest.mark.parametrize(
    ("start", "minutes", "said"),
    [
        (at(12), 60, "12:00–1:00 pm"),
        (at(11), 60, "11:00 am–12:00 pm"),
        (at(11, 30), 60, "11:30 am–12:30 pm"),
        (at(9), 90, "9:00–10:30 am"),
        (at(0), 60, "12:00–1:00 am"),
        (at(23, 30), 60, "11:30 pm–12:30 am"),
        (at(23), 720, "11:00 pm–11:00 am"),
    ],
)
def test_clocks(start, minutes, said):
    assert words.clocks(start, start + timedelta(minutes=minutes)) == said


def test_days():
    day = date(2026, 12, 2)
    assert words.day(day) == "Wednesday, December 2, 2026"
    assert words.weekday(day) == "Wednesday"
    assert words.month_day(day) == "December 2"
    assert words.weekday_month_day(day) == "Wednesday, December 2"
    assert words.month_day_year(day) == "December 2, 2026"
    assert words.month_year(day) == "December 2026"


def test_a_moment_is_said_in_the_office_s_zone_whatever_it_comes_in():
    moment = datetime(2026, 12, 2, 0, 30, tzinfo=UTC)
    assert words.moment(moment) == "Tuesday, December 1, 2026, 4:30 pm Pacific"
    assert words.moment(moment.astimezone(ZoneInfo("Asia/Tokyo"))) == words.moment(moment)
    assert words.moment(moment, EASTERN) == "Tuesday, December 1, 2026, 7:30 pm Eastern"


TIMES = [
    # zone of the venue, its wall time, minutes, what is said
    (PACIFIC, (2026, 12, 2, 12, 0), 60, "12:00–1:00 pm Pacific · 3:00–4:00 pm Eastern"),
    (PACIFIC, (2026, 7, 1, 12, 0), 60, "12:00–1:00 pm Pacific · 3:00–4:00 pm Eastern"),
    (EASTERN, (2026, 12, 2, 15, 0), 60, "3:00–4:00 pm Eastern · 12:00–1:00 pm Pacific"),
    (PACIFIC, (2026, 12, 2, 9, 0), 60, "9:00–10:00 am Pacific · 12:00–1:00 pm Eastern"),
    (PACIFIC, (2026, 12, 2, 8, 30), 60, "8:30–9:30 am Pacific · 11:30 am–12:30 pm Eastern"),
    (
        PACIFIC,
        (2026, 12, 2, 21, 0),
        60,
        "9:00–10:00 pm Pacific · 12:00–1:00 am Eastern the next day",
    ),
    (
        PACIFIC,
        (2026, 12, 2, 20, 59),
        60,
        "8:59–9:59 pm Pacific · 11:59 pm–12:59 am Eastern",
    ),
    (
        EASTERN,
        (2026, 12, 2, 2, 59),
        60,
        "2:59–3:59 am Eastern · 11:59 pm–12:59 am Pacific the day before",
    ),
    (
        "America/Puerto_Rico",
        (2026, 7, 1, 12, 0),
        60,
        "12:00–1:00 pm Atlantic · 9:00–10:00 am Pacific · 12:00–1:00 pm Eastern",
    ),
    (
        "America/Puerto_Rico",
        (2026, 12, 2, 12, 0),
        60,
        "12:00–1:00 pm Atlantic · 8:00–9:00 am Pacific · 11:00 am–12:00 pm Eastern",
    ),
    (
        "Pacific/Honolulu",
        (2026, 12, 2, 20, 0),
        60,
        "8:00–9:00 pm Hawaii · 10:00–11:00 pm Pacific · 1:00–2:00 am Eastern the next day",
    ),
    (
        "America/Phoenix",
        (2026, 7, 1, 12, 0),
        60,
        "12:00–1:00 pm Arizona · 12:00–1:00 pm Pacific · 3:00–4:00 pm Eastern",
    ),
    (
        "America/Phoenix",
        (2026, 12, 2, 12, 0),
        60,
        "12:00–1:00 pm Arizona · 11:00 am–12:00 pm Pacific · 2:00–3:00 pm Eastern",
    ),
    (
        "America/Chicago",
        (2026, 12, 2, 12, 0),
        60,
        "12:00–1:00 pm Central · 10:00–11:00 am Pacific · 1:00–2:00 pm Eastern",
    ),
    (
        "America/Denver",
        (2026, 12, 2, 12, 0),
        60,
        "12:00–1:00 pm Mountain · 11:00 am–12:00 pm Pacific · 2:00–3:00 pm Eastern",
    ),
    (
        "America/Anchorage",
        (2026, 12, 2, 12, 0),
        60,
        "12:00–1:00 pm Alaska · 1:00–2:00 pm Pacific · 4:00–5:00 pm Eastern",
    ),
]


@pytest.mark.parametrize(("zone", "wall", "minutes", "said"), TIMES)
def test_times(zone, wall, minutes, said):
    start = datetime(*wall, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert words.said(words.times(start, start + timedelta(minutes=minutes), zone)) == said


def test_every_zone_is_in_the_table():
    assert {row[0] for row in TIMES} == set(ZONES)


def test_no_word_names_standard_or_daylight_time():
    assert not any(word.endswith(("ST", "DT")) for word in ZONES.values())


def test_over_the_change_of_the_clocks():
    """An hour is an hour: at 1:30 am on 8 March the next hour begins at 3:00."""
    start = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
    said = words.said(words.times(start, start + timedelta(hours=1), PACIFIC))
    assert said == "1:30–3:30 am Pacific · 5:30–6:30 am Eastern"


@pytest.mark.parametrize(
    ("items", "said"),
    [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")],
)
def test_listed(items, said):
    assert words.listed(items) == said


def test_in_templates_they_need_no_loading_and_leave_the_zone_alone():
    tokyo = datetime(2026, 12, 2, 9, 5, tzinfo=ZoneInfo("Asia/Tokyo"))
    template = engines["django"].from_string(
        "{{ t|day }}; {{ t|clock }}; {{ t|iso }}; {{ t|moment }}; {{ t|weekday_month_day }};"
        " {{ t|month_day_year }}; {{ t|month_year }}; {{ t|weekday }} {{ t|month_day }};"
        " {{ names|listed }}; {{ pairs|said }}"
    )
    said = template.render({"t": tokyo, "names": ["<A>", "B"], "pairs": [("1:00 pm", "Pacific")]})
    assert said == (
        "Wednesday, December 2, 2026; 9:05 am; 2026-12-02T09:05:00+09:00;"
        " Tuesday, December 1, 2026, 4:05 pm Pacific; Wednesday, December 2;"
        " December 2, 2026; December 2026; Wednesday December 2; &lt;A&gt; and B; 1:00 pm Pacific"
    )
