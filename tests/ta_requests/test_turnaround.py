"""When a reply is due, by the worked cases and at every edge of the office's hours."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from hub.refusal import Refused
from hub.words import EASTERN, PACIFIC
from ta_requests import turnaround
from ta_requests.turnaround import Pause, Policy
from tests.ta_requests import cases
from tests.ta_requests.cases import CLOSURES

POLICY = Policy()
EVE = {**CLOSURES, date(2026, 12, 24): time(12)}
HOUR = timedelta(hours=1)


def at(text, fold=0):
    """2026-11-02 10:00, Pacific, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(PACIFIC), fold=fold).astimezone(UTC)


def waited(start, end=None):
    return Pause(start=at(start), end=at(end) if end else None)


def test_the_table_is_all_there():
    assert len(cases.TURNAROUND) == 17
    assert len(CLOSURES) == 25


@pytest.mark.parametrize("case", cases.TURNAROUND)
def test_due(case):
    row = cases.TURNAROUND[case]
    due = turnaround.due(cases.utc(row["received_utc"]), POLICY, CLOSURES)
    assert due == cases.utc(row["due_utc"])
    assert due.tzinfo is UTC
    for instant, written in [
        (cases.utc(row["received_utc"]), row["received_pacific"]),
        (due, row["due_pacific"]),
    ]:
        assert f"{instant.astimezone(ZoneInfo(PACIFIC)):%a %Y-%m-%d %H:%M:%S %Z}" == written


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_due_is_the_same_in_a_process_of_any_zone(zone):
    """The zone of the C library holds for a whole process, so this needs one of its own."""
    program = (
        "import sys, time\n"
        "assert time.timezone == int(sys.argv[1])\n"
        "from ta_requests import turnaround\n"
        "from tests.ta_requests import cases\n"
        "for row in cases.TURNAROUND.values():\n"
        "    due = turnaround.due(\n"
        "        cases.utc(row['received_utc']), turnaround.Policy(), cases.CLOSURES)\n"
        "    assert due == cases.utc(row['due_utc']), row\n"
        "    assert turnaround.is_open(due, turnaround.Policy(), cases.CLOSURES)\n"
        "print('checked', len(cases.TURNAROUND))"
    )
    west = {"UTC": 0, "Asia/Tokyo": -9 * 3600, "America/Los_Angeles": 8 * 3600}[zone]
    done = subprocess.run(
        [sys.executable, "-c", program, str(west)],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["checked", "17"], done.stderr


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Asia/Tokyo"), ZoneInfo(PACIFIC)])
@pytest.mark.parametrize(
    "case", ["13: over fall DST: 97 real hours", "16: second 01:30 of the fold"]
)
def test_due_is_the_same_of_an_instant_told_in_any_zone(case, zone):
    row = cases.TURNAROUND[case]
    received = cases.utc(row["received_utc"]).astimezone(zone)
    assert turnaround.due(received, POLICY, CLOSURES) == cases.utc(row["due_utc"])


# Received and due, Pacific.
EDGES = {
    "opening is open": ("2026-03-03 09:00:00", "2026-03-05 09:00:00"),
    "a second before it": ("2026-03-03 08:59:59", "2026-03-04 17:00:00"),
    "closing, to the part of a second": ("2026-03-03 17:00:00.000001", "2026-03-05 17:00:00"),
    "seconds are kept": ("2026-03-03 10:20:30.5", "2026-03-05 10:20:30.5"),
    "midnight": ("2026-03-03 00:00:00", "2026-03-04 17:00:00"),
    "last of Friday": ("2026-03-06 23:59:59", "2026-03-10 17:00:00"),
    "first of Saturday": ("2026-03-07 00:00:00", "2026-03-10 17:00:00"),
    "last of Sunday": ("2026-03-08 23:59:59", "2026-03-10 17:00:00"),
    "before opening, due after a closure": ("2026-11-10 08:00:00", "2026-11-12 17:00:00"),
    "before opening, due before a closure": ("2026-11-09 08:00:00", "2026-11-10 17:00:00"),
    "just after the skipped hour": ("2026-03-08 03:00:00", "2026-03-10 17:00:00"),
}


@pytest.mark.parametrize("edge", EDGES)
def test_due_at_the_edges(edge):
    received, expected = EDGES[edge]
    assert turnaround.due(at(received), POLICY, CLOSURES) == at(expected)


SHORT = {
    "at its closing": ("2026-12-22 12:00", "2026-12-24 12:00"),
    "past its closing": ("2026-12-22 12:00:01", "2026-12-24 12:00"),
    "before its opening": ("2026-12-22 08:00", "2026-12-23 17:00"),
    "back from the day after": ("2026-12-23 08:00", "2026-12-24 12:00"),
    "sent on it": ("2026-12-24 13:00", "2026-12-29 13:00"),
}


@pytest.mark.parametrize("case", SHORT)
def test_a_short_day_counts_as_a_day(case):
    received, expected = SHORT[case]
    assert turnaround.due(at(received), POLICY, EVE) == at(expected)


@pytest.mark.parametrize("early", [time(17), time(18), time(23, 59)])
def test_an_early_closing_after_hours_changes_nothing(early):
    closures = {date(2026, 3, 5): early}
    assert turnaround.due(at("2026-03-03 17:00"), POLICY, closures) == at("2026-03-05 17:00")
    assert not turnaround.is_open(at("2026-03-05 17:00:01"), POLICY, closures)


@pytest.mark.parametrize("early", [time(0), time(8, 59), time(9)])
def test_an_early_closing_before_hours_closes_the_day(early):
    day = date(2026, 3, 5)
    assert turnaround.due(at("2026-03-03 10:00"), POLICY, {day: early}) == at("2026-03-06 10:00")
    assert turnaround.digest_at(day, POLICY, {day: early}) is None


@pytest.mark.parametrize("early", [None, time(12)])
def test_a_closure_on_a_weekend_changes_nothing(early):
    weekend = {date(2026, 3, 7): early, date(2026, 3, 8): early}
    for received in ("2026-03-05 10:00", "2026-03-07 11:00", "2026-03-08 23:00"):
        without = turnaround.due(at(received), POLICY, {})
        assert turnaround.due(at(received), POLICY, weekend) == without


def test_the_policy_sets_days_hours_and_zone():
    policy = Policy(office_days=1, opens=time(8, 30), closes=time(16), zone=EASTERN)
    # 16:10 Eastern on Friday.
    due = turnaround.due(at("2026-03-06 13:10"), policy, {})
    assert due == at("2026-03-09 13:00")


def test_ten_closed_days_in_a_row_are_passed():
    closures = {date(2026, 12, 21) + timedelta(n): None for n in range(14)}
    assert turnaround.due(at("2026-12-18 10:00"), POLICY, closures) == at("2027-01-05 10:00")


# Pauses, as the cases tell them

WORKED = {
    "| Mon 2026-11-02 10:00 (due Wed 10:00) | Mon 15:00 to Thu 2026-11-05 13:00 "
    "| Fri 2026-11-06 16:00 | 11 office hours were left at the pause |": (
        "2026-11-02 10:00",
        [waited("2026-11-02 15:00", "2026-11-05 13:00")],
        "2026-11-06 16:00",
        CLOSURES,
    ),
    "| Thu 2026-11-05 10:00 | Fri 18:00 to Sun 20:00 | Mon 2026-11-09 10:00 "
    "| a pause in closed time changes nothing |": (
        "2026-11-05 10:00",
        [waited("2026-11-06 18:00", "2026-11-08 20:00")],
        "2026-11-09 10:00",
        CLOSURES,
    ),
    "| Mon 2026-11-02 10:00 | from Wed 11:00 (already late) | Wed 2026-11-04 10:00 "
    "| a pause never un-breaches |": (
        "2026-11-02 10:00",
        [waited("2026-11-04 11:00")],
        "2026-11-04 10:00",
        CLOSURES,
    ),
    "| Tue 2026-12-22 14:00, early close 2026-12-24 12:00 | none | Thu 2026-12-24 12:00 "
    "| a short day still counts as a day |": ("2026-12-22 14:00", [], "2026-12-24 12:00", EVE),
}


def test_every_worked_pause_is_tried():
    assert list(WORKED) == cases.pauses()


@pytest.mark.parametrize("row", WORKED)
def test_due_with_pauses(row):
    received, pauses, expected, closures = WORKED[row]
    assert turnaround.due_with_pauses(at(received), pauses, POLICY, closures) == at(expected)


def test_eleven_office_hours_were_left_at_the_pause():
    left = turnaround.time_left(at("2026-11-02 15:00"), at("2026-11-04 10:00"), POLICY, CLOSURES)
    assert left == 11 * HOUR


def paused(*pauses, received="2026-11-02 10:00"):
    return turnaround.due_with_pauses(at(received), pauses, POLICY, CLOSURES)


def test_while_a_question_waits_nothing_is_due():
    assert paused(waited("2026-11-02 15:00")) is None
    assert (
        paused(waited("2026-11-02 11:00", "2026-11-02 12:00"), waited("2026-11-03 09:00")) is None
    )


def test_a_pause_begun_before_due_counts_to_its_end_long_after():
    assert paused(waited("2026-11-04 09:59", "2026-11-13 16:00")) == at("2026-11-13 16:01")


def test_a_pause_begun_as_it_was_due_changes_nothing():
    assert paused(waited("2026-11-04 10:00", "2026-11-04 12:00")) == at("2026-11-04 10:00")
    assert paused(waited("2026-11-04 10:00")) == at("2026-11-04 10:00")


def test_a_later_pause_counts_before_the_moment_an_earlier_one_moved():
    first = waited("2026-11-03 10:00", "2026-11-03 13:00")
    second = waited("2026-11-04 12:00", "2026-11-04 13:00")
    assert paused(second) == at("2026-11-04 10:00")
    assert paused(second, first) == at("2026-11-04 14:00")


def test_overlapping_pauses_count_once():
    together = paused(waited("2026-11-02 15:00", "2026-11-03 12:00"))
    parts = [
        waited("2026-11-03 10:00", "2026-11-03 12:00"),
        waited("2026-11-02 15:00", "2026-11-03 11:00"),
        waited("2026-11-02 16:00", "2026-11-02 17:00"),
        waited("2026-11-03 11:00", "2026-11-03 11:00"),
    ]
    assert paused(*parts) == together == at("2026-11-04 15:00")
    assert turnaround.united(parts) == [waited("2026-11-02 15:00", "2026-11-03 12:00")]


def test_an_open_pause_takes_in_all_later_ones():
    pauses = [waited("2026-11-03 10:00"), waited("2026-11-03 12:00", "2026-11-03 13:00")]
    assert turnaround.united(pauses) == [waited("2026-11-03 10:00")]


def test_what_lies_before_receipt_does_not_count():
    assert paused(waited("2026-11-02 09:00", "2026-11-02 12:00")) == at("2026-11-04 12:00")
    assert paused(waited("2026-10-30 09:00", "2026-10-30 12:00")) == at("2026-11-04 10:00")


def test_a_pause_into_the_night_before_an_opening_is_due_no_earlier_than_its_end():
    """Due at 9:00 am, no office time is left in the night; a day of pause ends at 5:00 pm."""
    pause = waited("2026-11-03 20:00", "2026-11-05 20:00")
    assert paused(pause, received="2026-11-02 09:00") == at("2026-11-06 09:00")


def test_a_pause_over_the_fold_ends_after_it_begins():
    early, late = at("2026-11-01 01:30"), at("2026-11-01 01:10", fold=1)
    assert late - early == timedelta(minutes=40)
    pacific = ZoneInfo(PACIFIC)
    Pause(start=early.astimezone(pacific), end=late.astimezone(pacific))
    with pytest.raises(ValueError, match="ends after it begins"):
        Pause(start=late.astimezone(pacific), end=early.astimezone(pacific))


# Office time


SPANS = {
    "a day": ("2026-11-02 09:00", "2026-11-02 17:00", 8),
    "a night": ("2026-11-02 17:00", "2026-11-03 09:00", 0),
    "a weekend of 49 hours": ("2026-10-30 17:00", "2026-11-02 09:00", 0),
    "over a closure": ("2026-11-10 15:00", "2026-11-12 10:00", 3),
    "a short day": ("2026-12-23 16:00", "2026-12-28 10:00", 5),
    "nothing": ("2026-11-02 10:00", "2026-11-02 10:00", 0),
    "backwards": ("2026-11-03 10:00", "2026-11-02 10:00", 0),
}


@pytest.mark.parametrize("span", SPANS)
def test_office_time(span):
    start, end, hours = SPANS[span]
    assert turnaround.office_time(at(start), at(end), POLICY, EVE) == hours * HOUR


@pytest.mark.parametrize(
    ("start", "hours", "after", "before"),
    [
        ("2026-11-02 09:00", 8, "2026-11-02 17:00", "2026-10-30 09:00"),
        ("2026-11-02 17:00", 8, "2026-11-03 17:00", "2026-11-02 09:00"),
        ("2026-11-02 15:00", 4, "2026-11-03 11:00", "2026-11-02 11:00"),
        ("2026-11-07 12:00", 1, "2026-11-09 10:00", "2026-11-06 16:00"),
        ("2026-11-07 12:00", 0, "2026-11-09 09:00", "2026-11-06 17:00"),
        ("2026-11-10 16:00", 10, "2026-11-13 10:00", "2026-11-09 14:00"),
    ],
)
def test_office_time_is_added_and_subtracted(start, hours, after, before):
    amount = hours * HOUR
    assert turnaround.add_office_time(at(start), amount, POLICY, CLOSURES) == at(after)
    assert turnaround.subtract_office_time(at(start), amount, POLICY, CLOSURES) == at(before)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-02 10:00", "2026-11-02 10:00"),
        ("2026-11-02 17:00", "2026-11-02 17:00"),
        ("2026-11-02 17:00:01", "2026-11-03 09:00"),
        ("2026-11-02 08:59", "2026-11-02 09:00"),
        ("2026-12-24 12:01", "2026-12-28 09:00"),
    ],
)
def test_next_opening(moment, opening):
    assert turnaround.next_opening(at(moment), POLICY, EVE) == at(opening)
    assert turnaround.is_open(at(moment), POLICY, EVE) == (moment == opening)


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        ("2026-11-03 16:00", 2),
        ("2026-11-03 23:00", 1),
        ("2026-11-04 10:00", 0),
        ("2026-11-04 12:00", -2),
        ("2026-11-05 03:00", -7),
    ],
)
def test_time_left(now, hours):
    left = turnaround.time_left(at(now), at("2026-11-04 10:00"), POLICY, CLOSURES)
    assert left == hours * HOUR


@pytest.mark.parametrize(
    ("due", "nudge"),
    [
        ("2026-11-04 15:00", "2026-11-04 11:00"),
        # Not at 17:00 of the day before, when the office goes home.
        ("2026-11-04 13:00", "2026-11-04 09:00"),
        ("2026-11-04 12:59", "2026-11-03 16:59"),
        ("2026-11-02 09:00", "2026-10-30 13:00"),
        ("2026-12-24 12:00", "2026-12-23 16:00"),
        ("2026-12-28 10:00", "2026-12-24 09:00"),
    ],
)
def test_nudge_at(due, nudge):
    assert turnaround.nudge_at(at(due), POLICY, EVE) == at(nudge)


def test_digest_at():
    days = [date(2026, 12, 23) + timedelta(n) for n in range(6)]
    said = {day.day: turnaround.digest_at(day, POLICY, EVE) for day in days}
    assert said == {
        23: at("2026-12-23 09:00"),
        24: at("2026-12-24 09:00"),
        **dict.fromkeys([25, 26, 27]),
        28: at("2026-12-28 09:00"),
    }


# Closures kept


def test_used_keeps_the_days_from_receipt_to_due():
    due = at("2026-11-30 16:30")
    used = turnaround.used(CLOSURES, at("2026-11-24 16:30"), due, POLICY)
    assert used == {date(2026, 11, 26): None, date(2026, 11, 27): None}
    # 23:00 of the 25th is the 26th in UTC: the office's own days count.
    assert turnaround.used(CLOSURES, at("2026-11-25 23:00"), at("2026-11-25 23:30"), POLICY) == {}


def test_the_stricter_of_two_closures_counts():
    one = {date(2026, 1, 1): None, date(2026, 1, 2): time(12), date(2026, 1, 5): time(15)}
    other = {date(2026, 1, 2): None, date(2026, 1, 5): time(13), date(2026, 1, 6): time(9)}
    both = {
        date(2026, 1, 1): None,
        date(2026, 1, 2): None,
        date(2026, 1, 5): time(13),
        date(2026, 1, 6): time(9),
    }
    assert turnaround.stricter(one, other) == turnaround.stricter(other, one) == both
    assert turnaround.stricter(both, both) == both


# What cannot be


NAIVE = datetime(2026, 11, 2, 10)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: turnaround.due(NAIVE, POLICY, {}),
        lambda: turnaround.is_open(NAIVE, POLICY, {}),
        lambda: turnaround.office_time(NAIVE, at("2026-11-03 10:00"), POLICY, {}),
        lambda: turnaround.office_time(at("2026-11-03 10:00"), NAIVE, POLICY, {}),
        lambda: turnaround.add_office_time(NAIVE, HOUR, POLICY, {}),
        lambda: turnaround.nudge_at(NAIVE, POLICY, {}),
        lambda: turnaround.time_left(NAIVE, at("2026-11-03 10:00"), POLICY, {}),
        lambda: turnaround.check_received(NAIVE, at("2026-11-03 10:00")),
        lambda: turnaround.check_received(at("2026-11-02 10:00"), NAIVE),
        lambda: turnaround.due_with_pauses(
            at("2026-11-02 10:00"), [Pause(start=NAIVE)], POLICY, {}
        ),
        lambda: Pause(start=at("2026-11-02 10:00"), end=NAIVE),
    ],
)
def test_a_naive_instant_is_an_error(ask):
    with pytest.raises(ValueError, match="without its time zone"):
        ask()


def test_a_pause_that_ends_before_it_begins_is_an_error():
    with pytest.raises(ValueError, match="ends after it begins"):
        waited("2026-11-02 10:00", "2026-11-02 09:59")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"office_days": 0}, "one office day or more"),
        ({"opens": time(17)}, "closes after it opens"),
        ({"zone": "America/Los_Angles"}, "No time zone found"),
    ],
)
def test_a_policy_that_promises_nothing_is_an_error(values, says):
    with pytest.raises((ValueError, KeyError), match=says):
        Policy(**values)


NOW = at("2026-11-24 13:44")


@pytest.mark.parametrize(
    ("received", "says"),
    [
        (NOW + timedelta(seconds=1), "later than now"),
        (at("2062-11-24 10:00"), "later than now"),
        (at("2019-12-31 23:59:59"), "from January 1, 2020 on"),
        (datetime(1, 1, 1, 12, tzinfo=UTC), "from January 1, 2020 on"),
    ],
)
def test_a_time_of_receipt_that_cannot_be_is_refused(received, says):
    with pytest.raises(Refused, match=says):
        turnaround.check_received(received, NOW)


@pytest.mark.parametrize("received", [NOW, at("2020-01-01 00:00"), at("2026-11-01 01:30")])
def test_a_time_of_receipt_that_can_be_is_not(received):
    turnaround.check_received(received, NOW)
    east = received.astimezone(timezone(timedelta(hours=14)))
    turnaround.check_received(east, NOW)


def test_a_time_typed_by_staff_is_an_instant():
    typed = turnaround.local_instant(date(2026, 11, 2), time(10), PACIFIC)
    assert typed == (datetime(2026, 11, 2, 18, tzinfo=UTC), False)


@pytest.mark.parametrize("minute", [0, 30, 59])
def test_a_time_the_clocks_skipped_is_refused(minute):
    with pytest.raises(Refused, match=rf"Sunday, March 8, 2026, clocks skipped 2:{minute:02} am"):
        turnaround.local_instant(date(2026, 3, 8), time(2, minute), PACIFIC)


@pytest.mark.parametrize("fold", [0, 1])
def test_of_a_time_shown_twice_the_earlier_is_taken_and_told(fold):
    typed = turnaround.local_instant(date(2026, 11, 1), time(1, 30, fold=fold), PACIFIC)
    assert typed == (datetime(2026, 11, 1, 8, 30, tzinfo=UTC), True)


@pytest.mark.parametrize(
    ("day", "wall"),
    [
        (date(2026, 3, 8), time(1, 59, 59)),
        (date(2026, 3, 8), time(3)),
        (date(2026, 11, 1), time(0, 59, 59)),
        (date(2026, 11, 1), time(2)),
    ],
)
def test_times_beside_a_change_of_clocks_are_plain(day, wall):
    typed, twice = turnaround.local_instant(day, wall, PACIFIC)
    assert typed.astimezone(ZoneInfo(PACIFIC)).replace(tzinfo=None) == datetime.combine(day, wall)
    assert not twice


@pytest.mark.parametrize("day", [date.max, date.min])
def test_a_time_at_the_ends_of_the_calendar_is_refused(day):
    zone, wall = {date.max: (PACIFIC, time(23)), date.min: ("Asia/Tokyo", time(1))}[day]
    with pytest.raises(Refused, match="Check the year"):
        turnaround.local_instant(day, wall, zone)
