"""Credit from an agenda and attendance: the worked cases."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainings.agendas import (
    CA,
    HOUR,
    MORNING,
    NY,
    SPECIALS,
    agenda,
    at,
    there,
    total,
)
from trainings import credits as mcle
from trainings.agenda import (
    Interval,
    Segment,
    missing_end,
    present,
    throughout,
)
from trainings.credits import Hours, Rule


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


def test_nearest_rounds_a_half_up() -> None:
    hours_only = replace(CA, steps=1)
    assert [hours_only.units(minutes) for minutes in (29, 30, 89, 90)] == [0, 1, 1, 2]


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


def test_attendance_by_segment_knows_no_breaks() -> None:
    seconds = present(MORNING, there((5, 85), (89.5, 120)))
    assert seconds == {"s0": 300, "s1": 3600, "s3": 1800}


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
    part = mcle.credit(TWO_DAYS[1], [Interval(at(0), at(420))], CA)
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


def test_a_part_within_another_never_exceeds_it() -> None:
    approved = Hours(total=28, parts={"bias": 2, "implicit_bias": 4})
    counted = mcle.scheduled(agenda((60, "implicit_bias"), (60, "general")), CA, approved)
    assert counted.parts == (("bias", 2), ("implicit_bias", 2))
    assert (counted.total, counted.general) == (8, 6)


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
            HOUR,
            {"s0": 5},
            [("speaking", "0.25"), ("attendance", "1.00")],
            id="5 minutes count as 20 and are rounded then",
        ),
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


def test_nothing_here_holds_a_float() -> None:
    got = mcle.scheduled(agenda((300, "general"), (60, "ethics")), CA)
    figures = [got.total, got.general, got.minutes, got.scheduled, got.part("ethics")]
    assert {type(figure) for figure in figures} == {int}
