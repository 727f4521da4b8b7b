"""Instants, wrong agendas, changed ones, spoken codes and deadlines."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainings.agendas import (
    CA,
    EASTERN,
    PACIFIC,
    agenda,
    at,
    there,
)
from trainings import credits as mcle
from trainings.agenda import (
    BadAgenda,
    BadInterval,
    Interval,
    Segment,
    by_codes,
    code_result,
    months_later,
    problems,
    records_kept,
    substantive_changes,
    upload_due,
    upload_late,
)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        pytest.param(
            datetime(2027, 11, 7, 1, 30, tzinfo=PACIFIC),
            datetime(2027, 11, 7, 1, 30, fold=1, tzinfo=PACIFIC),
            60,
            id="Nov 7, 2027 01:30 to the second 01:30",
        ),
        pytest.param(
            datetime(2027, 11, 7, 0, tzinfo=PACIFIC),
            datetime(2027, 11, 7, 4, tzinfo=PACIFIC),
            300,
            id="Nov 7, 2027: midnight to four is five hours",
        ),
        pytest.param(
            datetime(2027, 3, 14, 1, tzinfo=PACIFIC),
            datetime(2027, 3, 14, 4, tzinfo=PACIFIC),
            120,
            id="Mar 14, 2027: one to four is two hours",
        ),
        pytest.param(
            datetime(2027, 11, 7, 1, 45, tzinfo=PACIFIC),
            datetime(2027, 11, 7, 1, 15, fold=1, tzinfo=PACIFIC),
            30,
            id="an end whose clock is before the start's",
        ),
    ],
)
def test_minutes_come_from_instants(start: datetime, end: datetime, minutes: int) -> None:
    segment = Segment(key="a", start=start, end=end)
    for zone in (PACIFIC, EASTERN, UTC):
        was = Interval(start.astimezone(zone), end.astimezone(zone))
        counted = mcle.credit([segment], [was], CA)
        assert (counted.minutes, counted.scheduled, counted.full) == (minutes, minutes, True)


def test_offering_in_new_york_counts_sign_ins_in_any_zone() -> None:
    lines = agenda((60, "general"), since=datetime(2027, 5, 4, 12, tzinfo=EASTERN))
    assert mcle.credit(lines, there((0, 60)), CA).minutes == 60
    assert mcle.credit(lines, there((180, 240)), CA).minutes == 0


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        Interval(datetime(2027, 5, 4, 9), at(5))


def test_agenda_change_after_approval_is_a_substantive_change() -> None:
    before = agenda((10, "intro"), (60, "general"), (20, "break"), (60, "implicit_bias"))
    shorter = agenda((5, "intro"), (60, "general"), (25, "break"), (50, "implicit_bias"))
    assert substantive_changes(before, shorter) == [
        "Substantive change: implicit bias was 60 minutes when it was approved and is now 50.",
        "Substantive change: introductory remarks was 10 minutes when it was approved "
        "and is now 5.",
    ]
    recut = agenda((30, "general"), (60, "implicit_bias"), (45, "break"), (30, "general"))
    assert substantive_changes(before[1:], recut) == []
    assert substantive_changes(before[:1], [*before[:2]]) == [
        "Substantive change: general instruction was 0 minutes when it was approved and is now 60."
    ]


def segment(key: str, start: int, end: int, title: str = "") -> Segment:
    return Segment(key=key, start=at(start), end=at(end), title=title)


@pytest.mark.parametrize(
    ("segments", "found"),
    [
        ([segment("a", 0, 60), segment("b", 60, 90)], []),
        (
            [segment("b", 59, 90, "T visas"), segment("a", 0, 60, "Intake")],
            ["“T visas” starts before “Intake” has ended."],
        ),
        (
            [segment("a", 0, 60), segment("b", 10, 20), segment("c", 30, 40)],
            ["“b” starts before “a” has ended.", "“c” starts before “a” has ended."],
        ),
        ([segment("a", 0, 60), segment("a", 60, 90)], ["Two segments are called “a”."]),
        ([segment("a", -1, 60)], ["“a” starts before the session does."]),
        ([segment("a", 0, 121)], ["“a” runs past the end of the session."]),
    ],
)
def test_problems(segments: list[Segment], found: list[str]) -> None:
    assert problems(segments, at(0), at(120)) == found


def test_an_agenda_that_overlaps_is_not_counted() -> None:
    with pytest.raises(BadAgenda, match="“b” starts before “a” has ended"):
        mcle.scheduled([segment("a", 0, 60), segment("b", 30, 90)], CA)


def test_segments_and_attendance_do_not_end_before_they_start() -> None:
    with pytest.raises(BadAgenda, match="“Ethics” must end after it starts"):
        segment("a", 60, 60, "Ethics")
    with pytest.raises(BadInterval, match="leaving is before"):
        there((10, 9))
    assert there((10, 10))


def test_two_of_three_segment_codes_entered_count_only_those_segments() -> None:
    lines = agenda((60, "general"), (30, "ethics"), (60, "bias"))
    counted = mcle.credit(lines, by_codes(lines, {"s0", "s1"}), CA)
    assert (counted.minutes, counted.part("ethics"), counted.part("bias")) == (90, 2, 0)
    with pytest.raises(BadInterval, match="no segment “s7”"):
        by_codes(lines, {"s0", "s7"})


FIVE = [0.0, 1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("right", "now", "wrong", "result"),
    [
        pytest.param(True, 0, [], "accepted", id="the window's first moment"),
        pytest.param(True, 15, [], "accepted", id="the window's last moment"),
        pytest.param(True, 15.1, [], "queued", id="typed after the window → staff queue"),
        pytest.param(False, 16, [], "wrong", id="wrong and late is wrong"),
        pytest.param(False, 5, FIVE[:4], "wrong", id="the fifth wrong one is still told"),
        pytest.param(True, 5, FIVE[:4], "accepted", id="right after four wrong"),
        pytest.param(True, 5, FIVE, "locked", id="wrong code 5× locked"),
        pytest.param(True, 13.9, FIVE, "locked", id="locked 10 min"),
        pytest.param(True, 14, FIVE, "accepted", id="10 min over"),
        pytest.param(
            True, 14, [*FIVE, 5, 6, 7, 8, 9], "accepted", id="tries do not lengthen the lock"
        ),
        pytest.param(False, 15, [*FIVE, 14.5], "wrong", id="counted afresh after a lock"),
        pytest.param(True, -1, [], "early", id="early"),
        pytest.param(True, 1, [-5, -4, -3, -2, -1], "accepted", id="early never blocks later ones"),
        pytest.param(True, 1, [-1, 0, 0.2, 0.4, 0.6], "accepted", id="nor counts to the five"),
    ],
)
def test_codes(right: bool, now: float, wrong: list[float], result: str) -> None:
    tries = [at(when) for when in wrong]
    assert code_result(right, at(now), at(0), at(15), tries) == result


@pytest.mark.parametrize(
    ("now", "late"),
    [
        pytest.param(datetime(2027, 7, 4, 6, 59, 59, tzinfo=UTC), False, id="23:59:59 Pacific"),
        pytest.param(datetime(2027, 7, 4, 7, tzinfo=UTC), True, id="midnight Pacific"),
        pytest.param(datetime(2027, 7, 4, 2, tzinfo=EASTERN), False, id="next day in the east"),
    ],
)
def test_upload_is_due_60_days_on_by_the_pacific_day(now: datetime, late: bool) -> None:
    # Ends on May 5 in UTC, on May 4 in Los Angeles.
    ended = datetime(2027, 5, 5, 3, tzinfo=UTC)
    assert upload_due(ended) == date(2027, 7, 3)
    assert upload_late(ended, now) is late


def test_upload_over_a_change_of_clocks_and_of_the_year() -> None:
    assert upload_due(datetime(2027, 11, 6, 17, tzinfo=PACIFIC)) == date(2028, 1, 5)


@pytest.mark.parametrize(
    ("held", "today", "kept"),
    [
        pytest.param(date(2023, 1, 10), date(2026, 12, 10), True, id="3 y 11 m"),
        pytest.param(date(2023, 1, 10), date(2027, 1, 10), True, id="4 y"),
        pytest.param(date(2023, 1, 10), date(2027, 1, 11), False, id="4 y 1 d"),
        pytest.param(date(2024, 2, 29), date(2028, 2, 29), True, id="leap to leap"),
    ],
)
def test_records_are_kept_four_years(held: date, today: date, kept: bool) -> None:
    assert records_kept(held, today) is kept


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_later_is_the_day_or_the_last_of_its_month(day: date, months: int) -> None:
    got = months_later(day, months)
    assert (got.year - day.year) * 12 + got.month - day.month == months
    assert got.day == day.day or (got.day < day.day and (got + timedelta(days=1)).day == 1)
