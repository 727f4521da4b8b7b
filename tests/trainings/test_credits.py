"""Credit from an agenda and attendance: the worked cases, and what holds for all of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trainings import credits as mcle
from trainings.agenda import (
    BadAgenda,
    BadInterval,
    Interval,
    Segment,
    by_codes,
    code_result,
    missing_end,
    months_later,
    problems,
    records_kept,
    substantive_changes,
    throughout,
    united,
    upload_due,
    upload_late,
)
from trainings.credits import Approval, Credit, Hours, Rule

PACIFIC = ZoneInfo("America/Los_Angeles")
EASTERN = ZoneInfo("America/New_York")
NINE = datetime(2027, 5, 4, 9, tzinfo=PACIFIC)
DAY = date(2027, 5, 4)
CA, NY = mcle.RULES
SPECIALS = ("ethics", "bias", "competence", "technology", "civility")


def at(minutes: float, since: datetime = NINE) -> datetime:
    """That many elapsed minutes later."""
    return (since.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(since.tzinfo)


def agenda(*lines: tuple[int, str], since: datetime = NINE) -> list[Segment]:
    """Segments one after the other: minutes, and a category or "intro" or "break"."""
    made, begins = [], 0
    for place, (minutes, what) in enumerate(lines):
        times = {"start": at(begins, since), "end": at(begins + minutes, since)}
        key = f"s{place}"
        if what in {"intro", "break"}:
            made.append(Segment(key=key, kind=what, **times))  # type: ignore[arg-type]
        else:
            made.append(Segment(key=key, category=what, **times))
        begins += minutes
    return made


def there(*spans: tuple[float, float | None]) -> list[Interval]:
    return [Interval(at(start), at(end) if end is not None else None) for start, end in spans]


def total(credit: Credit) -> str:
    return mcle.hours(credit.total, credit.steps)


HOUR = agenda((60, "general"))
# 9:00 remarks, 9:10 teaching, 10:10 a break, 10:30 teaching until 11:30.
MORNING = agenda((10, "intro"), (60, "general"), (20, "break"), (60, "ethics"))


@pytest.mark.parametrize(
    ("rule", "minutes", "hours"),
    [
        (CA, 59, "1.00"),
        (CA, 60, "1.00"),
        (CA, 52, "0.75"),
        (CA, 53, "1.00"),
        (CA, 7, "0.00"),
        (CA, 8, "0.25"),
        (NY, 49, "0.5"),
        (NY, 50, "1.0"),
        (NY, 120, "2.0"),
        (NY, 360, "7.0"),
        (NY, 24, "0.0"),
    ],
)
def test_minutes_to_credit(rule: Rule, minutes: int, hours: str) -> None:
    assert total(mcle.scheduled(agenda((minutes, "general")), rule)) == hours


@given(st.integers(0, 100_000))
def test_california_is_the_quarter_formula(minutes: int) -> None:
    assert CA.units(minutes) == (2 * minutes + 15) // 30
    assert abs(60 * CA.units(minutes) - 4 * minutes) <= 30


@given(st.integers(0, 100_000))
def test_new_york_never_rounds_up(minutes: int) -> None:
    assert 0 <= 2 * minutes - 50 * NY.units(minutes) < 50


@pytest.mark.parametrize(
    ("segments", "intervals", "ca", "ny"),
    [
        pytest.param(
            agenda(*[(52, "general"), (10, "break")] * 8),
            there((0, 600)),
            "7.00",
            "8.0",
            id="8 segments of 52 min → 7.00, not 6.00",
        ),
        pytest.param(
            HOUR,
            there((0, 40), (20, 60), (0, 40)),
            "1.00",
            "1.0",
            id="intervals overlapping (two devices, double scan) are united, not added",
        ),
        pytest.param(
            HOUR,
            there((0, 30), (10, 20)),
            "0.50",
            "0.0",
            id="an interval within another adds nothing",
        ),
        pytest.param(
            MORNING,
            there((0, 150)),
            "2.25",
            "2.0",
            id="break inside an attended interval is subtracted; intro is in CA only",
        ),
        pytest.param(
            MORNING,
            there((70, 90)),
            "0.00",
            "0.0",
            id="attendance during the break adds nothing",
        ),
        pytest.param(
            MORNING,
            there((10, 70), (90, 150)),
            "2.00",
            "2.0",
            id="NY: away for the remarks and the break only is in full",
        ),
        pytest.param(
            HOUR,
            there((-45, 200)),
            "1.00",
            "1.0",
            id="sign-in before start and sign-out after end are clipped to the agenda",
        ),
        pytest.param(
            HOUR,
            there((-45, -5), (61, 300)),
            "0.00",
            "0.0",
            id="there only before and after",
        ),
        pytest.param(
            HOUR,
            there((0, None)),
            "0.00",
            "0.0",
            id="sign-in without sign-out: not credited; NY: none",
        ),
        pytest.param(
            agenda((120, "general")),
            there((0, 50), (70, 120)),
            "1.75",
            "0.0",
            id="leaves for 20 min and returns: gap deducted; NY: none",
        ),
        pytest.param(
            HOUR, there((7, 60)), "1.00", "0.0", id="late 7 min to a 60-min session → 53 → 1.00"
        ),
        pytest.param(HOUR, there((8, 60)), "0.75", "0.0", id="late 8 → 52 → 0.75"),
        pytest.param(HOUR, there((59 / 60, 60)), "1.00", "1.0", id="late under a minute: in full"),
        pytest.param(HOUR, there((1, 60)), "1.00", "0.0", id="NY: late a minute: none"),
        pytest.param(
            HOUR, there((7.5, 60)), "0.75", "0.0", id="52 and a half minutes are 52 whole ones"
        ),
        pytest.param(HOUR, [], "0.00", "0.0", id="never came"),
    ],
)
def test_attendance(segments: list[Segment], intervals: list[Interval], ca: str, ny: str) -> None:
    assert total(mcle.credit(segments, intervals, CA)) == ca
    assert total(mcle.credit(segments, intervals, NY)) == ny


def test_sign_in_without_sign_out_counts_once_staff_set_a_time() -> None:
    open_ = there((0, None), (-5, None))
    assert missing_end([*open_, *there((1, 2))]) == there((-5, None), (0, None))
    assert mcle.credit(HOUR, there((0, 60)), CA).total == 4


def test_ethics_53_and_general_308_are_6_of_which_ethics_1() -> None:
    counted = mcle.scheduled(agenda((53, "ethics"), (308, "general")), CA)
    assert (total(counted), counted.part("ethics"), counted.general) == ("6.00", 4, 20)
    assert counted.minutes == counted.scheduled == 361
    assert mcle.breakdown(counted, CA) == [("General", "5.00"), ("Legal Ethics", "1.00")]
    assert (
        mcle.said_credit(counted, CA)
        == "6.00 hours of California MCLE credit, including 1.00 hour of Legal Ethics"
    )


def test_implicit_bias_hour_counts_inside_bias_not_twice() -> None:
    lines = agenda((60, "implicit_bias"), (60, "bias"), (60, "general"))
    counted = mcle.scheduled(lines, CA)
    assert (counted.total, counted.general) == (12, 4)
    assert counted.parts == (("bias", 8), ("implicit_bias", 4))
    assert mcle.breakdown(counted, CA) == [
        ("General", "1.00"),
        ("Elimination of Bias", "2.00"),
        ("Implicit Bias (within Elimination of Bias)", "1.00"),
    ]
    # New York knows bias and no implicit part of it.
    assert mcle.scheduled(lines, NY).parts == (("bias", 4),)


def test_a_category_the_rule_does_not_name_is_general() -> None:
    counted = mcle.scheduled(agenda((60, "skills"), (60, "ethics")), CA)
    assert (counted.general, counted.parts) == (4, (("ethics", 4),))


@pytest.mark.parametrize(
    ("minutes", "parts"),
    [
        # 24 minutes are two quarters, though each eight round up to one.
        ((8, 8, 8), {"ethics": 1, "bias": 1}),
        ((8, 15, 8), {"ethics": 1, "bias": 1}),
        ((8, 8, 15), {"ethics": 1, "competence": 1}),
        ((22, 8, 0), {"ethics": 1, "bias": 1}),
    ],
)
def test_the_part_that_rounding_favored_most_gives_way(
    minutes: tuple[int, ...], parts: dict[str, int]
) -> None:
    lines = [(m, c) for m, c in zip(minutes, SPECIALS[:3], strict=True) if m]
    counted = mcle.scheduled(agenda(*lines), CA)
    assert (dict(counted.parts), counted.general) == (parts, 0)


TWO_DAYS = [agenda((180, "general"), (60, "break"), (180, "general"), (60, "ethics"))] * 2


def test_both_full_days_day_1_only_claims_no_14_hours_but_its_own_credit() -> None:
    first = mcle.credit(TWO_DAYS[0], throughout(TWO_DAYS[0]), CA)
    absent = mcle.credit(TWO_DAYS[1], [], CA)
    assert (first.total, absent.total) == (28, 0)
    assert mcle.all_activities([first, absent]) == 0
    assert mcle.hours(mcle.all_activities([first, first]), 4) == "14.00"
    part = mcle.credit(TWO_DAYS[1], [Interval(NINE, at(420))], CA)
    assert (part.total, mcle.all_activities([first, part])) == (24, 0)


@pytest.mark.parametrize(
    ("approved", "expected"),
    [
        pytest.param(
            Hours(total=24), (24, 16, {"ethics": 8}), id="credit ≤ approved though it overran"
        ),
        pytest.param(Hours(total=40), (28, 20, {"ethics": 8}), id="approved for more: no more"),
        pytest.param(Hours(total=4), (4, 0, {"ethics": 4}), id="parts fit a low cap"),
        pytest.param(
            Hours(total=28, parts={"ethics": 4}), (28, 24, {"ethics": 4}), id="category cap"
        ),
        pytest.param(Hours(total=28, parts={}), (28, 28, {}), id="not approved for ethics"),
        pytest.param(Hours(total=0), (0, 0, {}), id="approved for nothing"),
    ],
)
def test_cap(approved: Hours, expected: tuple[int, int, dict[str, int]]) -> None:
    counted = mcle.scheduled(agenda((300, "general"), (120, "ethics")), CA, approved)
    assert (counted.total, counted.general, dict(counted.parts)) == expected


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


# Speakers


@pytest.mark.parametrize(
    ("segments", "spoken", "lines"),
    [
        pytest.param(
            HOUR,
            {"s0": 15},
            [("speaking", "1.00"), ("attendance", "0.75")],
            id="speaker 15 of 60 min → 1.00 + 0.75, two lines",
        ),
        pytest.param(
            HOUR, {}, [("attendance", "1.00")], id="moderator 0 speaking → attendance only"
        ),
        pytest.param(HOUR, {"s0": 0}, [("attendance", "1.00")], id="0 minutes noted"),
        pytest.param(HOUR, {"s0": 60}, [("speaking", "4.00")], id="spoke throughout"),
        pytest.param(
            agenda((60, "general"), (60, "ethics")),
            {"s0": 7, "s1": 7},
            [("speaking", "1.00"), ("attendance", "1.75")],
            id="56 counted minutes are rounded once",
        ),
    ],
)
def test_speaker(
    segments: list[Segment], spoken: dict[str, int], lines: list[tuple[str, str]]
) -> None:
    got = mcle.speaker_lines(segments, throughout(segments), spoken, CA)
    assert [(line.kind, total(line.credit)) for line in got] == lines


def test_a_speaker_s_credit_is_of_the_segment_s_category_and_capped() -> None:
    lines = agenda((60, "general"), (60, "ethics"))
    approved = Hours(total=4, parts={"ethics": 2})
    speaking, attendance = mcle.speaker_lines(lines, throughout(lines), {"s1": 45}, CA, approved)
    assert (speaking.credit.total, speaking.credit.part("ethics")) == (12, 8)
    assert speaking.credit.minutes == 45
    assert (attendance.credit.total, attendance.credit.part("ethics")) == (4, 1)


def test_a_speaker_who_left_is_credited_for_speaking_and_what_they_heard() -> None:
    got = mcle.speaker_lines(HOUR, there((0, 30)), {"s0": 15}, CA)
    assert [total(line.credit) for line in got] == ["1.00", "0.25"]
    assert [total(line.credit) for line in mcle.speaker_lines(HOUR, [], {"s0": 15}, CA)] == ["1.00"]


def test_speaking_is_not_counted_where_the_rule_says_nothing_of_it() -> None:
    got = mcle.speaker_lines(HOUR, throughout(HOUR), {"s0": 10}, NY)
    assert [(line.kind, total(line.credit)) for line in got] == [("attendance", "1.0")]


@pytest.mark.parametrize(
    ("spoken", "sentence"),
    [
        ({"s9": 5}, "no such segment"),
        ({"s2": 5}, "no such segment"),
        ({"s1": 61}, "lasts 60 minutes, so nobody speaks 61"),
        ({"s1": -1}, "nobody speaks -1"),
    ],
)
def test_speaking_the_agenda_cannot_hold(spoken: dict[str, int], sentence: str) -> None:
    with pytest.raises(mcle.BadSpeaking, match=sentence):
        mcle.speaker_lines(MORNING, throughout(MORNING), spoken, CA)


# Clocks


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


# Properties


STARTS = st.integers(0, 420)


@st.composite
def agendas(draw: st.DrawFn) -> list[Segment]:
    kinds = ("general", "implicit_bias", "detection", "intro", "break", *SPECIALS)
    line = st.tuples(st.integers(1, 70), st.sampled_from(kinds))
    return agenda(*draw(st.lists(line, min_size=1, max_size=9)))


def spans(count: int = 6) -> st.SearchStrategy[list[Interval]]:
    seconds = st.tuples(st.integers(-3600, 30_000), st.integers(0, 15_000))
    return st.lists(
        seconds.map(lambda one: there((one[0] / 60, (one[0] + one[1]) / 60))[0]), max_size=count
    )


@st.composite
def caps(draw: st.DrawFn) -> Hours | None:
    if draw(st.booleans()):
        return None
    parts = st.dictionaries(st.sampled_from([*CA.labels]), st.integers(0, 6))
    return Hours(total=draw(st.integers(0, 20)), parts=draw(st.none() | parts))


RULES = st.sampled_from([CA, NY])


def tops(counted: Credit) -> int:
    return sum(units for code, units in counted.parts if code not in mcle.PARENT)


@given(agendas(), spans(), RULES, caps())
def test_parts_never_exceed_the_total_and_nothing_exceeds_the_cap(
    segments: list[Segment], intervals: list[Interval], rule: Rule, cap: Hours | None
) -> None:
    got = mcle.credit(segments, intervals, rule, cap)
    assert tops(got) + got.general == got.total
    assert got.general >= 0
    assert all(units > 0 for _, units in got.parts)
    for child, parent in mcle.PARENT.items():
        assert got.part(child) <= got.part(parent) or parent not in rule.labels
    assert got.total <= rule.units(got.minutes)
    assert got.minutes <= got.scheduled
    if cap is not None:
        assert got.total <= cap.total
        if cap.parts is not None:
            assert all(units <= cap.parts.get(code, 0) for code, units in got.parts)


@given(agendas(), spans(), spans(3), RULES, caps())
def test_more_attendance_never_gives_less_credit(
    segments: list[Segment],
    intervals: list[Interval],
    more: list[Interval],
    rule: Rule,
    cap: Hours | None,
) -> None:
    less = mcle.credit(segments, intervals, rule, cap)
    most = mcle.credit(segments, intervals + more, rule, cap)
    assert most.total >= less.total
    assert most.minutes >= less.minutes
    assert tops(most) >= tops(less)
    assert mcle.scheduled(segments, rule, cap).total >= most.total


@given(st.lists(st.integers(0, 60), min_size=5, max_size=5), st.integers(0, 4), st.integers(1, 9))
@example([8, 8, 7, 0, 0], 2, 1)
def test_more_of_a_category_never_gives_less_of_it(
    minutes: list[int], which: int, more: int
) -> None:
    def part(of: list[int]) -> int:
        lines = [(m, c) for m, c in zip(of, SPECIALS, strict=True) if m]
        return mcle.scheduled(agenda(*lines), CA).part(SPECIALS[which])

    longer = [m + (more if place == which else 0) for place, m in enumerate(minutes)]
    assert part(longer) >= part(minutes)


@given(agendas(), spans(), RULES, st.data())
def test_splitting_reordering_or_overlapping_changes_nothing(
    segments: list[Segment], intervals: list[Interval], rule: Rule, data: st.DataObject
) -> None:
    changed = list(intervals)
    for one in intervals:
        assert one.end is not None
        length = int((one.end - one.start).total_seconds())
        cut = one.start + timedelta(seconds=data.draw(st.integers(0, length)))
        again = one.start + timedelta(seconds=data.draw(st.integers(0, length)))
        if data.draw(st.booleans()):
            changed.remove(one)
            changed += [Interval(one.start, cut), Interval(cut, one.end)]
        changed.append(Interval(min(cut, again), max(cut, again)))
        changed.append(Interval(again.astimezone(EASTERN), None))
    changed = data.draw(st.permutations(changed))
    got = mcle.credit(segments, changed, rule)
    assert got == mcle.credit(segments, intervals, rule)
    assert united(changed) == united(intervals)
    assert all(one[1] < other[0] for one, other in pairwise(united(changed)))


@given(agendas(), spans(), RULES)
def test_the_order_of_the_agenda_changes_nothing(
    segments: list[Segment], intervals: list[Interval], rule: Rule
) -> None:
    backwards = mcle.credit(segments[::-1], intervals, rule)
    assert backwards == mcle.credit(segments, intervals, rule)


@given(agendas(), spans())
def test_seconds_are_the_agenda_s_seconds_that_were_attended(
    segments: list[Segment], intervals: list[Interval]
) -> None:
    """Counted once more, second by second."""
    attended: set[int] = set()
    for one in intervals:
        assert one.end is not None
        attended.update(range(int(one.start.timestamp()), int(one.end.timestamp())))
    slots = {
        second
        for one in segments
        if one.kind != "break"
        for second in range(int(one.start.timestamp()), int(one.end.timestamp()))
    }
    got = mcle.credit(segments, intervals, CA)
    missed = len(slots - attended)
    expected = len(slots) if missed < 60 else len(slots & attended)
    assert (got.minutes, got.full) == (expected // 60, missed < 60)


@given(agendas(), st.dictionaries(st.integers(0, 8), st.integers(0, 70)))
def test_a_speaker_s_attendance_and_speaking_share_the_time(
    segments: list[Segment], spoken: dict[int, int]
) -> None:
    talked = {
        one.key: min(spoken.get(place, 0), (one.span[1] - one.span[0]) // 60)
        for place, one in enumerate(segments)
        if one.kind != "break"
    }
    lines = mcle.speaker_lines(segments, throughout(segments), talked, CA)
    whole = mcle.scheduled(segments, CA).minutes
    minutes = {line.kind: line.credit.minutes for line in lines}
    if "speaking" in minutes:
        assert minutes["speaking"] == sum(talked.values())
    if "attendance" in minutes:
        assert minutes["attendance"] == whole - sum(talked.values())


# Agendas that are wrong


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


# Codes spoken online


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
        pytest.param(True, 14, [*FIVE, 9, 13], "accepted", id="tries do not lengthen the lock"),
        pytest.param(False, 15, [*FIVE, 14.5], "wrong", id="counted afresh after a lock"),
        pytest.param(True, -1, [], "early", id="early"),
        pytest.param(True, 1, [-5, -4, -3, -2, -1], "accepted", id="early never blocks later ones"),
        pytest.param(True, 1, [-1, 0, 0.2, 0.4, 0.6], "accepted", id="nor counts to the five"),
    ],
)
def test_codes(right: bool, now: float, wrong: list[float], result: str) -> None:
    tries = [at(when) for when in wrong]
    assert code_result(right, at(now), at(0), at(15), tries) == result


# What may be claimed


LINES = agenda((300, "general"), (60, "ethics"))
NONE = ("none", None, "")
APPROVED = Approval(state="approved", hours=Hours(total=24), until=date(2027, 5, 4))


@pytest.mark.parametrize(
    ("approval", "day", "expected", "note"),
    [
        pytest.param(
            APPROVED,
            DAY,
            (
                "approved",
                24,
                "6.00 hours of California MCLE credit, including 1.00 hour of Legal Ethics.",
            ),
            "Approved for California MCLE credit.",
            id="approved, to its last day",
        ),
        pytest.param(
            replace(APPROVED, until=None, hours=Hours(total=8, parts={})),
            DAY,
            ("approved", 8, "2.00 hours of California MCLE credit."),
            "Approved for California MCLE credit.",
            id="never more than approved",
        ),
        pytest.param(
            APPROVED,
            date(2027, 5, 5),
            NONE,
            "Approval for California MCLE credit expired after May 4, 2027.",
            id="approval expired → cannot publish credit",
        ),
        pytest.param(
            Approval(state="pending"),
            DAY,
            ("pending", None, "California MCLE credit is pending approval."),
            "California MCLE credit is pending approval.",
            id="pending as pending, no number",
        ),
        pytest.param(
            Approval(state="denied"),
            DAY,
            NONE,
            "Approval for California MCLE credit was denied.",
            id="denied → MCLE text gone",
        ),
        pytest.param(
            None, DAY, NONE, "No approval for California MCLE credit is recorded.", id="no row"
        ),
    ],
)
def test_claim(
    approval: Approval | None, day: date, expected: tuple[str, int | None, str], note: str
) -> None:
    got = mcle.claim(LINES, approval, CA, day)
    assert (got.standing, got.credit and got.credit.total, got.words) == expected
    assert got.note == note


def test_an_approval_without_hours_is_none() -> None:
    with pytest.raises(ValueError, match="how many hours"):
        Approval(state="approved")


@pytest.mark.parametrize(
    ("granted", "until"),
    [
        (date(2026, 6, 1), date(2028, 5, 31)),
        (date(2028, 2, 29), date(2030, 2, 28)),
        (date(2026, 3, 1), date(2028, 2, 28)),
        (date(2028, 3, 1), date(2030, 2, 28)),
    ],
)
def test_approval_holds_two_years(granted: date, until: date) -> None:
    assert mcle.approved_until(granted) == until


def test_a_claim_above_agenda_and_approval_is_refused() -> None:
    supported = mcle.scheduled(LINES, CA, Hours(total=20))
    assert mcle.refused(20, supported) == ""
    assert (
        mcle.refused(24, supported)
        == "6.00 hours cannot be claimed: agenda and approval support 5.00."
    )


WHOLE = mcle.scheduled(HOUR, CA)
NOTHING = mcle.credit(HOUR, [], CA)
BRIEF = mcle.credit(HOUR, there((0, 7)), CA)


@pytest.mark.parametrize(
    ("standing", "earned", "attorney", "number", "kind", "said"),
    [
        pytest.param(
            "approved", WHOLE, True, "123456", "certificate", "1.00 hour of", id="certificate"
        ),
        pytest.param(
            "pending", WHOLE, True, "123456", "held", "pending", id="pending → no certificate"
        ),
        pytest.param("none", WHOLE, True, "123456", "letter", "60 of 60", id="denied → letter"),
        pytest.param(
            "approved", WHOLE, False, "", "letter", "60 of 60", id="non-attorney → letter"
        ),
        pytest.param("pending", WHOLE, False, "", "letter", "60 of 60", id="letter waits for none"),
        pytest.param(
            "approved", WHOLE, True, "", "held", "Add your bar number", id="no number → held"
        ),
        pytest.param("approved", BRIEF, True, "1", "letter", "7 of 60", id="too short for credit"),
        pytest.param("approved", NOTHING, True, "1", "none", "No attendance", id="absent"),
    ],
)
def test_document(
    standing: mcle.Standing, earned: Credit, attorney: bool, number: str, kind: str, said: str
) -> None:
    got, sentence = mcle.document(standing, earned, CA, attorney=attorney, bar_number=number)
    assert got == kind
    assert said in sentence
    if kind == "letter":
        assert "MCLE" not in sentence
        assert "credit" not in sentence


# Rules, words, numbers, deadlines


def test_rules_are_dated() -> None:
    old = replace(CA, minutes=50, valid_from=date(2000, 1, 1), valid_until=date(2007, 12, 31))
    rules = [CA, old]
    assert mcle.rule_for("CA", date(2007, 12, 31), rules) is old
    assert mcle.rule_for("CA", date(2008, 1, 1), rules) is CA
    assert mcle.rule_for("CA", date(1999, 12, 31), rules) is None
    assert mcle.rule_for("NY", DAY) is NY
    assert mcle.rule_for("TX", DAY) is None
    assert mcle.statement(52, 60) == "Attended 52 of 60 minutes of instruction."


@pytest.mark.parametrize(
    ("units", "steps", "text"),
    [
        (0, 4, "0.00"),
        (1, 4, "0.25"),
        (3, 4, "0.75"),
        (24, 4, "6.00"),
        (57, 4, "14.25"),
        (1, 2, "0.5"),
        (14, 2, "7.0"),
        (3, 1, "3"),
    ],
)
def test_hours(units: int, steps: int, text: str) -> None:
    assert mcle.hours(units, steps) == text


@pytest.mark.parametrize(
    ("typed", "state", "kept"),
    [
        ("  123 456 ", "CA", "123456"),
        ("#123456", "CA", "123456"),
        ("# 123-456", "CA", "123456"),
        ("00012345", "CA", "12345"),
        ("12345", "CA", "12345"),
        ("１２３４５６", "CA", "123456"),
        ("\u00a0123456", "CA", "123456"),
        ("1234567", "NY", "1234567"),
        ("24012345", "TX", "24012345"),
        ("", "CA", ""),
        (" # ", "CA", ""),
    ],
)
def test_bar_number(typed: str, state: str, kept: str) -> None:
    assert mcle.bar_number(typed, state) == kept
    assert mcle.bar_number(kept, state) == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("12A456", "digits only"),
        ("SBN 123456", "digits only"),
        ("123456?", "digits only"),
        ("12#456", "digits only"),
        ("١٢٣٤٥٦", "digits only"),
        ("000", "not zero"),
        ("1234567", "at most 6 digits"),
    ],
)
def test_bad_bar_number(typed: str, sentence: str) -> None:
    with pytest.raises(mcle.BadBarNumber, match=sentence):
        mcle.bar_number(typed)


@pytest.mark.parametrize(
    ("number", "shown"),
    [("123456", "•••• 56"), ("12345", "•••• 45"), ("1234", "••••"), ("7", "••••"), ("", "••••")],
)
def test_masked(number: str, shown: str) -> None:
    assert mcle.masked(number) == shown


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


@pytest.mark.parametrize("change", [mcle.scheduled, mcle.credit])
def test_nothing_here_holds_a_float(change: Callable[..., Credit]) -> None:
    got = change(LINES, throughout(LINES), CA) if change is mcle.credit else change(LINES, CA)
    figures = [got.total, got.general, got.minutes, got.scheduled, *dict(got.parts).values()]
    assert {type(figure) for figure in figures} == {int}
