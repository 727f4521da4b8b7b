"""What holds for every request, and a walk by the minute that finds the same due moments."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from hub.words import PACIFIC
from ta_requests import turnaround
from ta_requests.turnaround import Pause, Policy
from tests.ta_requests.cases import CLOSURES
from tests.ta_requests.oracle import MINUTE, Office

POLICY = Policy()
FIRST = date(2026, 1, 1)
HOUR = timedelta(hours=1)


@st.composite
def instants(draw, within=timedelta(days=700), whole=False):
    """Of 2026 and 2027, many of them at the edges of a day and of office hours."""
    day = FIRST + timedelta(draw(st.integers(0, within.days)))
    edge = st.sampled_from([time(0), time(9), time(12), time(17)])
    seconds = st.sampled_from([0, 0, 60, -60] if whole else [0, 1, -1, 0.000001, -0.000001])
    near = st.builds(
        lambda at, by: (
            datetime.combine(day, at, ZoneInfo(PACIFIC)).astimezone(UTC) + timedelta(seconds=by)
        ),
        edge,
        seconds,
    )
    start = datetime.combine(day, time(0), UTC)
    span = st.integers(0, 1439).map(lambda n: start + n * MINUTE)
    if not whole:
        span = st.integers(0, 86_399_999_999).map(lambda n: start + timedelta(microseconds=n))
    return draw(near | span)


AS_USUAL = "as usual"
EARLY = [time(8), time(9), time(9, 1), time(12), time(16, 59), time(18)]


def unreliable(*days):
    """What an office does day after day, over and over, so that every request meets closures."""

    def laid_out(pattern):
        dates = {FIRST + timedelta(n): pattern[n % len(pattern)] for n in range(-30, 740)}
        return {**CLOSURES, **{day: early for day, early in dates.items() if early != AS_USUAL}}

    pattern = st.lists(st.sampled_from(days), min_size=9, max_size=25)
    return pattern.filter(lambda some: 2 * some.count(AS_USUAL) > len(some)).map(laid_out)


CLOSED = st.just(CLOSURES) | unreliable(AS_USUAL, AS_USUAL, AS_USUAL, None)
SHORT = st.just(CLOSURES) | unreliable(*[AS_USUAL] * 12, None, *EARLY)
POLICIES = st.builds(
    Policy,
    office_days=st.integers(1, 4),
    opens=st.sampled_from([time(7, 30), time(9), time(10)]),
    closes=st.sampled_from([time(12), time(17), time(20, 15)]),
    zone=st.sampled_from([PACIFIC, "America/New_York", "Pacific/Honolulu"]),
)


def office(policy, closures):
    return Office(closures, policy.opens, policy.closes, policy.zone)


@given(instants(), CLOSED, st.integers(1, 4))
def test_staff_get_the_office_hours_of_so_many_days_exactly(received, closures, days):
    policy = Policy(office_days=days)
    due = turnaround.due(received, policy, closures)
    assert turnaround.office_time(received, due, policy, closures) == days * 8 * HOUR


@given(instants(), POLICIES, SHORT)
def test_due_is_an_open_moment_after_receipt(received, policy, closures):
    due = turnaround.due(received, policy, closures)
    assert turnaround.is_open(due, policy, closures)
    assert due > received


@given(instants(), instants(), POLICIES, SHORT)
def test_who_writes_earlier_is_never_due_later(one, other, policy, closures):
    first, second = sorted([one, other])
    assert turnaround.due(first, policy, closures) <= turnaround.due(second, policy, closures)


@given(instants(), POLICIES, SHORT)
def test_due_is_never_later_than_the_weekday_hours_say(received, policy, closures):
    zone, counted = ZoneInfo(policy.zone), timedelta(0)
    due = turnaround.due(received, policy, closures).astimezone(zone).replace(tzinfo=None)
    moment = received.astimezone(zone).replace(tzinfo=None)
    while moment < due:
        midnight = datetime.combine(moment.date() + timedelta(1), time(0))
        if office(policy, closures).works(moment.date()):
            counted += min(midnight, due) - moment
        moment = midnight
    assert counted <= policy.office_days * timedelta(hours=24)


@given(instants(), POLICIES, SHORT)
def test_due_rests_on_the_closures_from_receipt_to_due_alone(received, policy, closures):
    due = turnaround.due(received, policy, closures)
    used = turnaround.used(closures, received, due, policy)
    assert turnaround.due(received, policy, used) == due


# Pauses


@given(instants(), instants(), st.floats(0, 1), POLICIES, SHORT)
def test_a_pause_in_closed_time_changes_nothing(received, start, part, policy, closures):
    assume(not turnaround.is_open(start, policy, closures))
    end = start + part * (turnaround.next_opening(start, policy, closures) - start)
    due = turnaround.due_with_pauses(received, [Pause(start=start, end=end)], policy, closures)
    assert due == turnaround.due(received, policy, closures)


@given(instants(), st.floats(0, 1.5), st.floats(0, 9), POLICIES, SHORT)
@example(datetime(2026, 11, 2, 17, tzinfo=UTC), 0.8, 2, POLICY, CLOSURES)
def test_a_pause_moves_due_by_its_office_time(received, part, days, policy, closures):
    due = turnaround.due(received, policy, closures)
    start = received + part * (due - received)
    end = start + timedelta(days=days)
    moved = turnaround.due_with_pauses(received, [Pause(start=start, end=end)], policy, closures)
    if start >= due:
        assert moved == due
        return
    paused = turnaround.office_time(start, end, policy, closures)
    assert turnaround.office_time(due, moved, policy, closures) == paused
    assert moved >= max(due, end)
    assert turnaround.is_open(moved, policy, closures)


@given(st.lists(st.tuples(st.integers(0, 99), st.none() | st.integers(0, 40)), max_size=8))
def test_united_pauses_hold_the_same_moments_and_never_touch(spans):
    start = datetime(2026, 11, 2, 17, tzinfo=UTC)
    pauses = [
        Pause(start=start + n * HOUR, end=None if length is None else start + (n + length) * HOUR)
        for n, length in spans
    ]
    far = start + 999 * HOUR

    def held(some):
        return {
            n
            for n in range(200)
            for one in some
            if one.start <= start + (n + 0.5) * HOUR < (one.end or far)
        }

    united = turnaround.united(pauses)
    assert held(united) == held(pauses)
    ends = [one.end or far for one in united]
    assert all(end < after.start for end, after in zip(ends, united[1:], strict=False))


@settings(max_examples=25)
@given(
    instants(within=timedelta(300), whole=True),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 4000)), max_size=4),
    SHORT,
)
# Due at an opening, paused from the night before it into the night after.
@example(datetime(2026, 11, 2, 17, tzinfo=UTC), [(2100, 1440)], CLOSURES)
def test_a_walk_with_pauses_finds_the_same(received, spans, closures):
    there = office(POLICY, closures)
    pauses = [(received + n * MINUTE, received + (n + length) * MINUTE) for n, length in spans]

    def waits(moment):
        return any(start <= moment < end for start, end in pauses)

    due = there.due(received, POLICY.office_days)
    moment, waiting = received, False
    while moment < due or (waiting and waits(moment)):
        waiting = waits(moment)
        if waiting and there.open_minutes(moment, moment + MINUTE):
            counted = 0
            while not counted:
                counted = there.open_minutes(due, due + MINUTE)
                due += MINUTE
        moment += MINUTE
    while not there.open_at(due) or due < moment:
        due += MINUTE
    found = turnaround.due_with_pauses(
        received, [Pause(start=start, end=end) for start, end in pauses], POLICY, closures
    )
    assert found == due


# Office time


@given(instants(), instants(), instants(), POLICIES, SHORT)
def test_office_time_adds_up(one, two, three, policy, closures):
    first, second, third = sorted([one, two, three])
    total = turnaround.office_time(first, third, policy, closures)
    assert total == turnaround.office_time(
        first, second, policy, closures
    ) + turnaround.office_time(second, third, policy, closures)


@given(instants(), st.integers(0, 200_000), POLICIES, SHORT)
def test_office_time_added_or_subtracted_is_what_goes_by(instant, seconds, policy, closures):
    amount = timedelta(seconds=seconds)
    after = turnaround.add_office_time(instant, amount, policy, closures)
    before = turnaround.subtract_office_time(instant, amount, policy, closures)
    assert before <= instant <= after
    assert turnaround.office_time(instant, after, policy, closures) == amount
    assert turnaround.office_time(before, instant, policy, closures) == amount
    assert turnaround.is_open(after, policy, closures)
    assert turnaround.is_open(before, policy, closures)


@given(instants(), POLICIES, SHORT)
def test_the_nudge_comes_in_open_time_and_before_closing(due, policy, closures):
    nudge = turnaround.nudge_at(due, policy, closures)
    assert turnaround.is_open(nudge, policy, closures)
    assert turnaround.is_open(nudge + timedelta(microseconds=1), policy, closures)
    assert turnaround.office_time(nudge, due, policy, closures) == 4 * HOUR


@settings(max_examples=25)
@given(instants(whole=True), st.integers(0, 8000), SHORT)
def test_a_walk_counts_the_same_office_time(start, minutes, closures):
    end = start + minutes * MINUTE
    counted = office(POLICY, closures).open_minutes(start, end)
    assert turnaround.office_time(start, end, POLICY, closures) == counted * MINUTE


# The walk


@given(instants(), POLICIES, SHORT)
def test_a_walk_finds_the_same(received, policy, closures):
    walked = office(policy, closures).due(received, policy.office_days)
    assert turnaround.due(received, policy, closures) == walked


WEEKENDS = [date(2026, 3, 8), date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7)]


@pytest.mark.parametrize("sunday", WEEKENDS, ids=str)
def test_a_walk_finds_the_same_for_each_minute_while_clocks_change(sunday):
    """From the Thursday before to the Tuesday after, in which the office hours of all lie."""
    pacific = ZoneInfo(PACIFIC)
    first = datetime.combine(sunday - timedelta(3), time(0), pacific).astimezone(UTC)
    last = datetime.combine(sunday + timedelta(3), time(0), pacific).astimezone(UTC)
    walked = Office(CLOSURES).every_due(first, last, POLICY.office_days)
    assert len(walked) >= (6 * 24 - 1) * 60
    differing = {
        str(received): str(due)
        for received, due in walked.items()
        if turnaround.due(received, POLICY, CLOSURES) != due
    }
    assert differing == {}


def test_both_walks_agree():
    first = datetime(2026, 11, 25, 3, tzinfo=UTC)
    there = Office({**CLOSURES, date(2026, 12, 1): time(12)})
    walked = there.every_due(first, first + timedelta(4), 2)
    for received in list(walked)[::333]:
        assert there.due(received, 2) == walked[received]
