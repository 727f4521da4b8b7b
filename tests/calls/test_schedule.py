"""The pure heart: rules, the sentences they are refused with, and their dates."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.test import override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from calls import schedule
from calls.schedule import BadRule, Rule
from hub.words import PACIFIC, ZONES
from tests.calls.factories import FOURTH_THURSDAYS, WEDNESDAYS

WEEKLY_SINCE, MONTHLY_SINCE = date(2026, 1, 7), date(2016, 3, 24)
INSTANTS = {
    "Wednesdays over March 2026": (
        WEDNESDAYS,
        WEEKLY_SINCE,
        ["2026-03-04T20", "2026-03-11T19"],
    ),
    "Wednesdays over November 2026": (
        WEDNESDAYS,
        WEEKLY_SINCE,
        ["2026-10-28T19", "2026-11-04T20"],
    ),
    "Wednesdays over March 2027": (
        WEDNESDAYS,
        WEEKLY_SINCE,
        ["2027-03-10T20", "2027-03-17T19"],
    ),
    "Wednesdays over November 2027": (
        WEDNESDAYS,
        WEEKLY_SINCE,
        ["2027-11-03T19", "2027-11-10T20"],
    ),
    "fourth Thursdays over March 2026": (
        FOURTH_THURSDAYS,
        MONTHLY_SINCE,
        ["2026-02-26T20", "2026-03-26T19"],
    ),
    "fourth Thursdays of autumn 2026": (
        FOURTH_THURSDAYS,
        MONTHLY_SINCE,
        ["2026-10-22T19", "2026-11-26T20", "2026-12-24T20"],
    ),
    "the first fourth Thursdays": (
        FOURTH_THURSDAYS,
        MONTHLY_SINCE,
        ["2016-03-24T19", "2016-04-28T19"],
    ),
}


def found(rule, begins, expected):
    """What takes place from the first to the last of the expected days."""
    first, last = (date.fromisoformat(expected[n][:10]) for n in (0, -1))
    return [
        f"{schedule.instant(day, time(12), PACIFIC).astimezone(UTC):%Y-%m-%dT%H}"
        for day in schedule.dates(rule, begins, first, last)
    ]


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "UTC", "Asia/Tokyo", "Pacific/Apia"])
@pytest.mark.parametrize("case", INSTANTS)
def test_instants_are_the_same_under_every_time_zone(case, zone):
    rule, begins, expected = INSTANTS[case]
    with override_settings(TIME_ZONE=zone), timezone.override(zone):
        assert found(rule, begins, expected) == expected


@pytest.mark.parametrize(("zone", "name"), [("Asia/Tokyo", "JST"), ("America/Anchorage", "AKST")])
def test_instants_are_the_same_in_a_process_of_another_zone(zone, name):
    """The zone of the C library holds for a whole process, so this needs one of its own."""
    program = (
        "import django, os, sys, time; django.setup()\n"
        "os.environ['TZ'] = sys.argv[1]; time.tzset()\n"
        "assert time.tzname[0] == sys.argv[2], time.tzname\n"
        "from tests.calls import test_schedule as t\n"
        "for rule, begins, expected in t.INSTANTS.values():\n"
        "    assert t.found(rule, begins, expected) == expected, expected\n"
        "print('checked', len(t.INSTANTS))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, zone, name],
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["checked", str(len(INSTANTS))], done.stderr


# Values of RRULE the hub does not keep, and what it says of them.
REFUSED = {
    "": "Say how often",
    "   ": "Say how often",
    "nonsense": "calendar standard",
    "FREQ=": "calendar standard",
    "FREQ=WEEKLY;FREQ=DAILY": "calendar standard",
    "FREQ=WEEKLY;BYDAY=WE;INTERVAL=often": "calendar standard",
    "FREQ=WEEKLY;BYDAY=?WE": "calendar standard",
    "FREQ=HOURLY": "once a day at most",
    "FREQ=MINUTELY;INTERVAL=10": "once a day at most",
    "FREQ=SECONDLY": "once a day at most",
    "BYDAY=WE": "once a day at most",
    "FREQ=FORTNIGHTLY;BYDAY=WE": "once a day at most",
    "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23": "sentence",
    "FREQ=WEEKLY;BYDAY=WE;UNTIL=20270101T000000Z": "a last day of its own",
    "FREQ=WEEKLY;BYDAY=WE;COUNT=10": "a last day of its own",
    "FREQ=WEEKLY": "at least one day of the week",
    "FREQ=WEEKLY;BYDAY=4WE": "in a sentence",
    "FREQ=WEEKLY;BYDAY=XX": "in a sentence",
    "FREQ=WEEKLY;BYDAY=WE,WE": "in a sentence",
    "FREQ=WEEKLY;BYDAY=WE;WKST=SU": "in a sentence",
    "FREQ=WEEKLY;BYDAY=WE;INTERVAL=0": "from 1 to 12",
    "FREQ=WEEKLY;BYDAY=WE;INTERVAL=13": "from 1 to 12",
    "FREQ=WEEKLY;BYDAY=WE;INTERVAL=-1": "from 1 to 12",
    "FREQ=MONTHLY": "in a sentence",
    "FREQ=MONTHLY;BYMONTHDAY=15": "in a sentence",
    "FREQ=MONTHLY;BYDAY=TH": "which weekday of the month",
    "FREQ=MONTHLY;BYDAY=5TH": "which weekday of the month",
    "FREQ=MONTHLY;BYDAY=-2TH": "which weekday of the month",
    "FREQ=MONTHLY;BYDAY=2TH,4TH": "in a sentence",
    "FREQ=MONTHLY;BYDAY=4TH,4FR": "which weekday of the month",
    "FREQ=DAILY;BYDAY=MO": "in a sentence",
    "FREQ=YEARLY": "a month and a day",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31": "February 31 never comes",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29": "February 29 does not come every year",
    "FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=1": "a month and a day",
    "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31": "April 31 never comes",
    "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=-1": "a month and a day",
    "FREQ=WEEKLY;BYDAY=WE\nEXDATE:20261125T000000": "calendar standard",
    "FREQ=WEEKLY;BYDAY=WE\r\nRRULE:FREQ=DAILY": "calendar standard",
}


@pytest.mark.parametrize(("text", "said"), REFUSED.items(), ids=map(repr, REFUSED))
def test_a_bad_rule_is_refused_with_a_sentence(text, said):
    with pytest.raises(BadRule) as refused:
        schedule.parse(text)
    sentence = str(refused.value)
    assert said in sentence
    assert sentence[0].isupper()
    assert sentence[-1] == "."


ACCEPTED = {
    "FREQ=DAILY": "Every day",
    "FREQ=DAILY;INTERVAL=2": "Every second day",
    "FREQ=WEEKLY;BYDAY=WE": "Every Wednesday",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR": "Every Monday, Wednesday and Friday",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU": "Tuesday of every second week",
    "FREQ=WEEKLY;INTERVAL=12;BYDAY=TU,TH": "Tuesday and Thursday of every twelfth week",
    "FREQ=MONTHLY;BYDAY=4TH": "Every fourth Thursday",
    "FREQ=MONTHLY;BYDAY=-1FR": "The last Friday of every month",
    "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO": "The first Monday of every third month",
    "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=11": "January 11 of every year",
    "FREQ=YEARLY;INTERVAL=2;BYMONTH=7;BYMONTHDAY=1": "July 1 of every second year",
}


@pytest.mark.parametrize(("text", "sentence"), ACCEPTED.items())
def test_a_good_rule_is_said_in_a_sentence(text, sentence):
    assert schedule.sentence(schedule.parse(text)) == sentence


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("RRULE:FREQ=WEEKLY;BYDAY=WE", "FREQ=WEEKLY;BYDAY=WE"),
        ("freq=weekly;byday=we", "FREQ=WEEKLY;BYDAY=WE"),
        ("BYDAY=WE;INTERVAL=1;FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=WE"),
        ("FREQ=WEEKLY;BYDAY=FR,MO", "FREQ=WEEKLY;BYDAY=MO,FR"),
        ("FREQ=MONTHLY;BYDAY=+4TH", "FREQ=MONTHLY;BYDAY=4TH"),
    ],
)
def test_spellings_of_one_rule_become_one(text, same):
    assert str(schedule.parse(text)) == same


CODES = st.lists(st.sampled_from(list(schedule.WEEKDAYS)), min_size=1, max_size=7)
INTERVALS = st.integers(1, 12)
RULES = st.one_of(
    st.builds(lambda n: Rule(freq="DAILY", interval=n), INTERVALS),
    st.builds(lambda n, d: Rule(freq="WEEKLY", interval=n, weekdays=tuple(d)), INTERVALS, CODES),
    st.builds(
        lambda n, d, nth: Rule(freq="MONTHLY", interval=n, weekdays=(d[0],), nth=nth),
        INTERVALS,
        CODES,
        st.sampled_from(list(schedule.NTH)),
    ),
    st.builds(
        lambda n, d: Rule(freq="YEARLY", interval=n, month=d.month, day=d.day),
        INTERVALS,
        st.dates(date(2001, 1, 1), date(2001, 12, 31)),
    ),
)
DAYS = st.dates(date(2008, 1, 1), date(2090, 12, 31))


@given(rule=RULES)
def test_a_rule_survives_being_written_and_read(rule):
    assert schedule.parse(str(rule)) == rule
    assert schedule.sentence(rule) == schedule.sentence(schedule.parse(str(rule)))


@given(rule=RULES, begins=DAYS, skip=st.integers(0, 900), length=st.integers(0, 900))
def test_dates_of_a_window(rule, begins, skip, length):
    """In order, never two a day, within the window, and a window's dates are a part's."""
    begins = schedule.first_date(rule, begins)
    first = begins + timedelta(days=skip)
    last = first + timedelta(days=length)
    days = schedule.dates(rule, begins, first, last)
    assert days == sorted(set(days))
    assert all(first <= day <= last for day in days)
    whole = schedule.dates(rule, begins, begins, last)
    assert whole[:1] == [begins]
    assert [day for day in whole if day >= first] == days
    assert schedule.last_date(rule, begins, last) == whole[-1]


@given(rule=RULES, begins=DAYS)
def test_the_first_date_is_the_nearest_whatever_the_interval(rule, begins):
    first = schedule.first_date(rule, begins)
    assert first >= begins
    assert (first - begins).days <= {"DAILY": 0, "WEEKLY": 6, "MONTHLY": 62, "YEARLY": 365}[
        rule.freq
    ]
    if rule.freq in {"WEEKLY", "MONTHLY"}:
        assert list(schedule.WEEKDAYS)[first.weekday()] in rule.weekdays


@given(rule=RULES, begins=DAYS)
def test_a_preview_is_what_will_be_written(rule, begins):
    days = schedule.next_dates(rule, begins, 10)
    assert days == schedule.dates(rule, days[0], days[0], days[-1])[:10]
    assert len(days) == 10


@given(rule=RULES, begins=DAYS)
def test_ten_thousand_dates_a_year_cannot_be(rule, begins):
    assert len(schedule.dates(rule, begins, begins, begins + timedelta(days=365))) <= 366


@pytest.mark.parametrize("year", [1, 1969, 2007, 2100, 9999])
def test_a_first_day_far_off_is_refused_with_a_sentence(year):
    with pytest.raises(BadRule, match=r"between 2008 and 2099\."):
        schedule.first_date(WEDNESDAYS, date(year, 12, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"freq": "WEEKLY", "weekdays": ("XX",)},
        {"freq": "WEEKLY", "weekdays": ("WE",), "nth": 4},
        {"freq": "DAILY", "weekdays": ("WE",)},
        {"freq": "WEEKLY", "weekdays": ("WE",), "day": 4},
        {"freq": "YEARLY", "month": 2, "day": 30},
    ],
)
def test_a_rule_that_could_not_be_read_again_cannot_be_made(wrong):
    with pytest.raises(BadRule):
        Rule(**wrong)


def test_weekdays_are_kept_once_and_in_order():
    rule = Rule(freq="WEEKLY", weekdays=("FR", "MO", "FR"))
    assert rule.weekdays == ("MO", "FR")
    assert str(rule) == "FREQ=WEEKLY;BYDAY=MO,FR"


# Wall times on the days on which the clocks change.
WALLS = {
    "skipped hour, Pacific": ("2026-03-08", 2, 30, PACIFIC, "2026-03-08T10:30"),
    "hour that comes twice, Pacific": ("2026-11-01", 1, 30, PACIFIC, "2026-11-01T08:30"),
    "noon after the spring change": ("2026-03-08", 12, 0, PACIFIC, "2026-03-08T19:00"),
    "noon after the autumn change": ("2026-11-01", 12, 0, PACIFIC, "2026-11-01T20:00"),
    "Arizona does not change": ("2026-03-08", 2, 30, "America/Phoenix", "2026-03-08T09:30"),
}


@pytest.mark.parametrize("case", WALLS)
def test_wall_times_on_the_day_of_a_change(case):
    day, hour, minute, zone, expected = WALLS[case]
    moment = schedule.instant(date.fromisoformat(day), time(hour, minute), zone)
    assert f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}" == expected


@pytest.mark.parametrize(
    ("starts", "due"),
    [
        ("2026-12-02T20:00", "2026-12-01T17:00"),
        # The day before the spring change, the day before the autumn one.
        ("2026-03-08T19:00", "2026-03-07T17:00"),
        ("2026-11-01T20:00", "2026-10-31T16:00"),
        # Late in the evening of December 1, Pacific: the day before is November 30.
        ("2026-12-02T05:00", "2026-11-30T17:00"),
    ],
)
def test_a_reminder_is_due_at_nine_on_the_day_before(starts, due):
    begins = datetime.fromisoformat(starts).replace(tzinfo=UTC)
    assert f"{schedule.reminder_due(begins, PACIFIC).astimezone(UTC):%Y-%m-%dT%H:%M}" == due


def test_every_zone_on_offer_can_be_used():
    for zone in ZONES:
        assert schedule.instant(date(2026, 7, 1), time(12), zone).utcoffset()
