"""What holds for the credit of every agenda and attendance."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from tests.trainings.agendas import (
    CA,
    EASTERN,
    NY,
    SPECIALS,
    agenda,
    there,
)
from trainings import credits as mcle
from trainings.agenda import (
    Interval,
    Segment,
    throughout,
    united,
)
from trainings.credits import Credit, Hours, Rule

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
