"""What questions, answers and closures do to the clock of one request."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.refusal import Refused
from hub.words import PACIFIC
from ta_requests import cycles, turnaround
from ta_requests.turnaround import Policy
from tests.ta_requests.cases import CLOSURES

HOUR = timedelta(hours=1)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(PACIFIC)).astimezone(UTC)


@pytest.fixture
def monday():
    """Began Monday at 10, due Wednesday at 10."""
    return cycles.begin(at("2026-11-02 10:00"), Policy(), CLOSURES)


@pytest.fixture
def thanksgiving():
    """Began Tuesday at 16:30, due the Monday after at 16:30."""
    return cycles.begin(at("2026-11-24 16:30"), Policy(), CLOSURES)


def asked_and_answered(cycle, start, end):
    return cycles.resume(cycles.ask(cycle, at(start)), at(end), CLOSURES)


def test_it_begins_with_what_is_promised_and_what_that_rests_on(thanksgiving):
    assert thanksgiving.promised_at == thanksgiving.due_at == at("2026-11-30 16:30")
    assert thanksgiving.closures == {date(2026, 11, 26): None, date(2026, 11, 27): None}
    assert thanksgiving.outcome is None
    assert not thanksgiving.waiting


def test_a_question_pauses_the_clock_and_its_answer_moves_due_but_not_what_was_promised(monday):
    paused = cycles.ask(monday, at("2026-11-02 15:00"))
    assert paused.due_at is None
    assert paused.waiting
    later = cycles.resume(paused, at("2026-11-05 13:00"), CLOSURES)
    assert later.due_at == at("2026-11-06 16:00")
    assert later.promised_at == at("2026-11-04 10:00")
    assert not later.waiting


def test_the_time_left_stands_in_a_pause(monday):
    assert monday.left(at("2026-11-02 14:00"), CLOSURES) == 12 * HOUR
    paused = cycles.ask(monday, at("2026-11-02 15:00"))
    for now in ("2026-11-02 15:00", "2026-11-03 12:00", "2026-11-07 12:00", "2027-02-01 10:00"):
        assert paused.left(at(now), CLOSURES) == 11 * HOUR
        assert not paused.late(at(now))


def test_the_time_left_of_a_late_one_is_below_zero_and_skips_closures(monday):
    assert monday.left(at("2026-11-12 10:00"), CLOSURES) == -5 * 8 * HOUR


def test_late_is_after_the_moment_it_was_due(monday):
    assert not monday.late(at("2026-11-04 10:00"))
    assert monday.late(at("2026-11-04 10:00") + timedelta(microseconds=1))
    # The same moment told in the zone of the office.
    assert not monday.late(at("2026-11-04 10:00").astimezone(ZoneInfo(PACIFIC)))


def test_a_late_one_stays_late_whatever_is_asked(monday):
    waiting = cycles.ask(monday, at("2026-11-04 11:00"))
    assert waiting.waiting
    assert waiting.due_at == at("2026-11-04 10:00")
    assert waiting.late(at("2026-11-04 12:00"))
    resumed = cycles.resume(waiting, at("2026-11-06 11:00"), CLOSURES)
    assert resumed.due_at == at("2026-11-04 10:00")
    assert cycles.answer(resumed, at("2026-11-06 11:30"), CLOSURES).outcome == "late"


def test_a_second_question_while_one_waits_changes_nothing(monday):
    paused = cycles.ask(monday, at("2026-11-02 15:00"))
    assert cycles.ask(paused, at("2026-11-03 15:00")) == paused


def test_a_second_question_after_an_answer_pauses_again(monday):
    once = asked_and_answered(monday, "2026-11-02 15:00", "2026-11-02 16:00")
    twice = asked_and_answered(once, "2026-11-04 10:30", "2026-11-04 12:30")
    assert twice.due_at == at("2026-11-04 13:00")
    assert len(twice.pauses) == 2


def test_an_answer_nobody_waited_for_changes_nothing(monday):
    assert cycles.resume(monday, at("2026-11-03 10:00"), CLOSURES) == monday


@pytest.mark.parametrize(
    ("moment", "outcome"),
    [
        ("2026-11-02 10:00", "on_time"),
        ("2026-11-04 10:00", "on_time"),
        ("2026-11-04 10:00:01", "late"),
    ],
)
def test_the_first_reply_settles_the_outcome(monday, moment, outcome):
    answered = cycles.answer(monday, at(moment), CLOSURES)
    assert (answered.outcome, answered.answered_at) == (outcome, at(moment))


def test_a_reply_while_the_clock_is_paused_is_on_time_and_ends_the_waiting(monday):
    paused = cycles.ask(monday, at("2026-11-02 15:00"))
    answered = cycles.answer(paused, at("2026-11-09 22:00"), CLOSURES)
    assert answered.outcome == "on_time"
    assert not answered.waiting
    assert answered.due_at == at("2026-11-12 12:00")


@pytest.mark.parametrize("first", ["2026-11-04 10:00", "2026-11-05 10:00"])
def test_an_outcome_never_changes(monday, first):
    answered = cycles.answer(monday, at(first), CLOSURES)
    closed = {date(2026, 11, 3): None, date(2026, 11, 4): None}
    assert cycles.answer(answered, at("2026-11-20 10:00"), CLOSURES) == answered
    assert cycles.resume(answered, at("2026-11-20 10:00"), CLOSURES) == answered
    assert cycles.recount(answered, closed) == answered
    assert cycles.moved({1: answered}, closed) == {}
    with pytest.raises(Refused, match="begins a new one"):
        cycles.ask(answered, at("2026-11-20 10:00"))
    with pytest.raises(FrozenInstanceError):
        answered.outcome = "late"


def test_nothing_happens_before_the_beginning_or_before_the_question(monday):
    before = at("2026-11-02 09:59")
    with pytest.raises(ValueError, match="before it came in"):
        cycles.ask(monday, before)
    with pytest.raises(ValueError, match="before it came in"):
        cycles.answer(monday, before, CLOSURES)
    paused = cycles.ask(monday, at("2026-11-02 15:00"))
    for verb in (cycles.resume, cycles.answer):
        with pytest.raises(ValueError, match="ends after it begins"):
            verb(paused, at("2026-11-02 14:00"), CLOSURES)


NAIVE = datetime(2026, 11, 3, 10)


def test_naive_moments_are_errors(monday):
    for verb in (
        lambda: cycles.begin(NAIVE, Policy(), {}),
        lambda: cycles.ask(monday, NAIVE),
        lambda: cycles.resume(cycles.ask(monday, at("2026-11-02 15:00")), NAIVE, {}),
        lambda: cycles.answer(monday, NAIVE, {}),
        lambda: monday.late(NAIVE),
        lambda: monday.left(NAIVE, {}),
    ):
        with pytest.raises(ValueError, match="without its time zone"):
            verb()


# Closures

STORM = {**CLOSURES, date(2026, 11, 30): None}
NOVEMBER_26 = date(2026, 11, 26)


def test_a_closure_added_moves_open_cycles_and_not_what_was_promised(thanksgiving, monday):
    moved = cycles.moved({7: thanksgiving, 8: monday}, STORM)
    assert list(moved) == [7]
    assert moved[7].due_at == at("2026-12-01 16:30")
    assert moved[7].promised_at == at("2026-11-30 16:30")
    assert date(2026, 11, 30) in moved[7].closures


def test_a_closure_added_twice_moves_them_once(thanksgiving):
    once = cycles.moved({7: thanksgiving}, STORM)[7]
    assert cycles.moved({7: once}, STORM) == {}


def test_an_early_closing_added_may_bring_due_forward(thanksgiving):
    noon = {**CLOSURES, date(2026, 11, 30): time(12)}
    assert cycles.moved({7: thanksgiving}, noon)[7].due_at == at("2026-11-30 12:00")


@pytest.mark.parametrize(
    "day", [date(2026, 11, 28), date(2026, 11, 23), date(2026, 12, 1)], ids=str
)
def test_a_closure_on_a_weekend_before_or_after_moves_nothing(thanksgiving, day):
    assert cycles.moved({7: thanksgiving}, {**CLOSURES, day: None}) == {}


@pytest.mark.parametrize("instead", [None, time(12)], ids=["removed", "now closes early"])
def test_a_closure_taken_away_counts_for_open_cycles_to_the_end(thanksgiving, instead):
    fewer = {day: early for day, early in CLOSURES.items() if day != NOVEMBER_26}
    if instead:
        fewer[NOVEMBER_26] = instead
    assert cycles.moved({7: thanksgiving}, fewer) == {}
    paused = cycles.ask(thanksgiving, at("2026-11-25 10:00"))
    later = cycles.resume(paused, at("2026-11-25 11:00"), fewer)
    assert later.due_at == at("2026-12-01 09:30")
    assert later.closures[NOVEMBER_26] is None
    # A storm after that finds the holiday still counted.
    stormy = cycles.recount(later, {**fewer, date(2026, 11, 30): None})
    assert stormy.due_at == at("2026-12-02 09:30")
    # Who writes now is promised the earlier moment.
    begun = cycles.begin(at("2026-11-24 16:30"), Policy(), fewer)
    assert begun.due_at < thanksgiving.due_at


def test_a_closure_added_in_a_pause_counts_when_the_clock_runs_on(monday):
    paused = cycles.ask(monday, at("2026-11-02 15:00"))
    closed = {**CLOSURES, date(2026, 11, 6): None}
    assert cycles.moved({7: paused}, closed) == {}
    later = cycles.resume(paused, at("2026-11-05 13:00"), closed)
    assert later.due_at == at("2026-11-09 16:00")
    assert paused.left(at("2026-11-07 10:00"), closed) == 11 * HOUR


def test_a_closure_added_after_the_day_can_undo_a_lateness_of_an_open_cycle(monday):
    """The office was closed after all; what is answered already stays as it was."""
    moved = cycles.moved({7: monday}, {**CLOSURES, date(2026, 11, 3): None})[7]
    assert moved.due_at == at("2026-11-05 10:00")


# The queue


@pytest.mark.parametrize(
    ("due", "deadline", "urgent"),
    [
        ("2026-11-25 10:02", None, "2026-11-25 10:02"),
        ("2026-11-25 10:02", date(2026, 11, 27), "2026-11-25 10:02"),
        ("2026-11-30 13:44", date(2026, 11, 27), "2026-11-27 00:00"),
        ("2026-11-27 10:00", date(2026, 11, 27), "2026-11-27 00:00"),
        (None, date(2026, 11, 27), "2026-11-27 00:00"),
    ],
)
def test_urgency_is_what_comes_first(due, deadline, urgent):
    assert cycles.urgency(due and at(due), deadline, PACIFIC) == at(urgent)


def test_paused_without_a_deadline_comes_last():
    last = cycles.urgency(None, None, PACIFIC)
    assert last > cycles.urgency(None, date.max, PACIFIC)


# Whatever happens

HOURS = st.integers(0, 400)


@given(
    st.integers(0, 20_000),
    st.lists(st.tuples(HOURS, HOURS), max_size=4),
    st.booleans(),
    st.integers(0, 400),
)
def test_an_answer_in_a_pause_that_counts_is_on_time_and_others_go_by_due(
    minutes, waits, still, hours
):
    now = at("2026-10-26 08:00") + timedelta(minutes=minutes)
    cycle = cycles.begin(now, Policy(), CLOSURES)
    promised = cycle.promised_at
    for before, length in waits:
        now += before * HOUR
        cycle = cycles.ask(cycle, now)
        now += length * HOUR
        cycle = cycles.resume(cycle, now, CLOSURES)
    if still:
        cycle = cycles.ask(cycle, now)
    now += hours * HOUR
    answered = cycles.answer(cycle, now, CLOSURES)
    assert answered.outcome == ("late" if cycle.late(now) else "on_time")
    assert (answered.outcome == "late") == (now > answered.due_at)
    assert answered.promised_at == promised <= answered.due_at
    # What is kept with it is all that its due moment rests on.
    assert answered.due_at == turnaround.due_with_pauses(
        answered.started_at, answered.pauses, Policy(), answered.closures
    )
    assert not answered.waiting
