"""When pledges are due, what may become of them and how they count."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.refusal import Refused
from trainings import pledges
from trainings.agenda import months_later
from trainings.pledges import OPEN, PLEDGE, Pledge, Reminder
from trainings.states import Actor

PACIFIC = ZoneInfo("America/Los_Angeles")
EASTERN = ZoneInfo("America/New_York")
TRAINING = date(2027, 5, 4)
DUE = date(2028, 5, 4)
BEFORE = datetime(2028, 1, 10, 12, tzinfo=PACIFIC)
AFTER = datetime(2028, 5, 5, 0, tzinfo=PACIFIC)
STATES = st.sampled_from([*PLEDGE.states])


@pytest.mark.parametrize(
    ("last_session", "policy", "due"),
    [
        pytest.param(
            date(2028, 2, 29), "months", date(2029, 2, 28), id="Feb 29, 2028 → Feb 28, 2029"
        ),
        pytest.param(
            date(2028, 2, 29), "calendar_year", date(2028, 12, 31), id="calendar year → Dec 31"
        ),
        pytest.param(date(2027, 2, 28), "months", date(2028, 2, 28), id="not the leap day"),
        pytest.param(date(2027, 12, 31), "months", date(2028, 12, 31), id="over the year"),
        pytest.param(date(2027, 12, 31), "calendar_year", date(2027, 12, 31), id="the same day"),
    ],
)
def test_due(last_session: date, policy: pledges.Policy, due: date) -> None:
    assert pledges.due_on(last_session, policy) == due


def test_due_after_another_number_of_months() -> None:
    assert pledges.due_on(date(2027, 8, 31), months=18) == date(2029, 2, 28)


@pytest.mark.parametrize(
    ("accepted_at", "in_time"),
    [
        pytest.param(
            datetime(2028, 5, 4, 23, 59, 59, 999999, tzinfo=PACIFIC),
            True,
            id="on the due date 23:59 Pacific → in time",
        ),
        pytest.param(datetime(2028, 5, 5, 0, tzinfo=PACIFIC), False, id="midnight Pacific"),
        pytest.param(datetime(2028, 5, 5, 6, 59, tzinfo=UTC), True, id="the next day in UTC"),
        pytest.param(
            datetime(2028, 5, 5, 3, tzinfo=EASTERN), False, id="midnight, said in Eastern"
        ),
        pytest.param(
            datetime(2028, 5, 5, 2, 59, tzinfo=EASTERN), True, id="the next day in the east"
        ),
    ],
)
def test_in_time(accepted_at: datetime, in_time: bool) -> None:
    assert pledges.in_time(DUE, accepted_at) is in_time


# Reminders


PLANNED = [
    Reminder("30 days", date(2027, 6, 3)),
    Reminder("6 months", date(2027, 11, 4)),
    Reminder("9 months", date(2028, 2, 4)),
    Reminder("11 months", date(2028, 4, 4)),
    Reminder("due", DUE),
]


def test_reminders_at_30_days_6_9_11_months_and_due() -> None:
    assert pledges.reminders(TRAINING, DUE) == PLANNED


def test_a_short_calendar_year_has_only_the_reminders_before_it_ends() -> None:
    assert pledges.reminders(date(2027, 12, 20), date(2027, 12, 31)) == [
        Reminder("due", date(2027, 12, 31))
    ]
    # The sixth month's day is the due day itself: one mail, not two.
    assert [one.kind for one in pledges.reminders(date(2027, 6, 30), date(2027, 12, 30))] == [
        "30 days",
        "due",
    ]


def test_an_extension_reminds_again_only_of_its_new_due_day() -> None:
    extended = pledges.reminders(TRAINING, date(2028, 8, 4))
    assert [one for one in extended if one not in PLANNED] == [Reminder("due", date(2028, 8, 4))]


@pytest.mark.parametrize(
    ("state", "today", "sent", "expected"),
    [
        pytest.param("eligible", date(2027, 6, 2), [], [], id="not yet"),
        pytest.param("eligible", date(2027, 6, 3), [], PLANNED[:1], id="on its day"),
        pytest.param("eligible", date(2027, 6, 4), PLANNED[:1], [], id="once each"),
        pytest.param("matched", DUE, PLANNED[:4], PLANNED[4:], id="due"),
        pytest.param(
            "extended", date(2028, 3, 1), [], PLANNED[2:3], id="the latest, not all missed"
        ),
        pytest.param("eligible", date(2029, 1, 1), PLANNED, [], id="all sent"),
    ]
    + [
        pytest.param(state, date(2027, 6, 3), [], [], id=f"none when {state}")
        for state in PLEDGE.states
        if state not in OPEN
    ],
)
def test_reminders_to_send(
    state: str, today: date, sent: list[Reminder], expected: list[Reminder]
) -> None:
    assert pledges.reminders_to_send(state, TRAINING, DUE, sent, today) == expected


@given(
    st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    st.sampled_from(["months", "calendar_year"]),
    st.integers(1, 9),
)
def test_reminders_sent_day_by_day_are_all_sent_once(
    training: date, policy: pledges.Policy, every: int
) -> None:
    due = pledges.due_on(training, policy)
    sent: list[Reminder] = []
    for passed in range(0, 400, every):
        today = training + timedelta(days=passed)
        sent += pledges.reminders_to_send("eligible", training, due, sent, today)
    planned = pledges.reminders(training, due)
    assert len(set(sent)) == len(sent)
    assert set(sent) <= set(planned)
    assert sent[-1] == planned[-1] == Reminder("due", due)
    assert [one.on for one in planned] == sorted({one.on for one in planned})
    if every == 1:
        assert sent == planned


# States


WAY = ["made", "eligible", "matched", "accepted", "fulfilled"]
ALLOWED = {
    "made": "eligible void waived",
    "eligible": "matched extended waived converted released void",
    "matched": "eligible accepted extended waived converted released void",
    "extended": "matched extended waived converted released void",
    "accepted": "matched fulfilled",
    "fulfilled": "",
    "waived": "",
    "converted": "",
    "released": "",
    "void": "",
}


@pytest.mark.parametrize("before", PLEDGE.states)
@pytest.mark.parametrize("after", PLEDGE.states)
def test_every_move_is_allowed_or_refused_with_a_sentence(before: str, after: str) -> None:
    if after in ALLOWED[before].split():
        assert PLEDGE.move(before, after, "staff", "Asked by mail.") == after
    else:
        with pytest.raises(Refused, match=r"^A pledge that is .+ cannot become .+\.$"):
            PLEDGE.move(before, after, "staff", "Asked by mail.")


def test_the_way_of_a_pledge_that_is_kept_needs_no_reasons() -> None:
    for before, after in pairwise(WAY):
        assert PLEDGE.move(before, after, "staff") == after


@pytest.mark.parametrize(
    ("before", "after", "actor", "sentence"),
    [
        ("fulfilled", "void", "staff", "A pledge that is fulfilled cannot become void."),
        (
            "eligible",
            "waived",
            "attorney",
            "Only staff can change a pledge from eligible for a case to waived.",
        ),
        (
            "eligible",
            "converted",
            "hub",
            "Only staff can change a pledge from eligible for a case to converted to the fee.",
        ),
        ("eligible", "released", "staff", "Say why this pledge becomes released."),
        ("accepted", "matched", "staff", "Say why this pledge becomes matched with a case."),
    ],
)
def test_refusals(before: str, after: str, actor: Actor, sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        PLEDGE.move(before, after, actor, "  ")
    assert str(refusal.value) == sentence


def test_who_may_do_what() -> None:
    assert PLEDGE.next("made", "attorney") == ["void"]
    assert PLEDGE.next("made", "hub") == ["eligible", "void"]
    for state in PLEDGE.states:
        if state != "made":
            assert PLEDGE.next(state, "attorney") == []
            assert PLEDGE.next(state, "hub") == []


def test_an_unknown_state_is_a_mistake_not_a_refusal() -> None:
    with pytest.raises(KeyError):
        PLEDGE.move("made", "kept", "staff")


# How it counts


@pytest.mark.parametrize(
    ("state", "accepted_at", "now", "count"),
    [
        ("made", None, BEFORE, "open"),
        ("eligible", None, BEFORE, "open"),
        ("extended", None, BEFORE, "open"),
        ("matched", None, BEFORE, "open"),
        ("eligible", None, AFTER, "overdue"),
        ("matched", None, AFTER, "overdue"),
        ("extended", None, AFTER, "overdue"),
        ("accepted", BEFORE, AFTER, "kept"),
        ("fulfilled", BEFORE, AFTER, "kept"),
        ("fulfilled", AFTER, AFTER, "late"),
        ("waived", None, AFTER, "neither"),
        ("converted", None, AFTER, "neither"),
        pytest.param("released", None, AFTER, "neither", id="CAST has no suitable case → released"),
        pytest.param("void", None, AFTER, "neither", id="no attendance → void"),
        pytest.param("released", None, BEFORE, "neither", id="released early"),
    ],
)
def test_count(state: str, accepted_at: datetime | None, now: datetime, count: str) -> None:
    assert pledges.counted(state, DUE, accepted_at, now) == count


def test_accepted_without_a_time_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="time of acceptance"):
        pledges.counted("accepted", DUE, None, BEFORE)


@pytest.mark.parametrize(
    ("attended", "share", "state"),
    [
        pytest.param(0, 0, "void", id="pledge, no attendance → void"),
        pytest.param(1, 0, "eligible", id="attended part → eligible"),
        pytest.param(239, 50, "void", id="below the minimum share"),
        pytest.param(240, 50, "eligible", id="at the minimum share"),
        pytest.param(480, 100, "eligible", id="all of all"),
    ],
)
def test_after_training(attended: int, share: int, state: str) -> None:
    assert pledges.after_training(attended, 480, share) == state
    assert PLEDGE.move("made", state, "hub") == state


@pytest.mark.parametrize(
    ("state", "by", "after"),
    [
        pytest.param("accepted", "client", "fulfilled", id="client withdraws → stays fulfilled"),
        pytest.param("fulfilled", "client", "fulfilled", id="fulfilled stays fulfilled"),
        pytest.param("matched", "client", "eligible", id="client withdraws before acceptance"),
        pytest.param("accepted", "attorney", "matched", id="attorney withdraws → back to matched"),
        pytest.param("fulfilled", "attorney", "fulfilled", id="what is done is done"),
        pytest.param("matched", "attorney", "eligible", id="attorney declines the match"),
    ],
)
def test_after_withdrawal(state: str, by: Literal["client", "attorney"], after: str) -> None:
    assert pledges.after_withdrawal(state, by) == after
    if after != state:
        assert PLEDGE.move(state, after, "staff", "They withdrew.") == after
    if (state, by) == ("accepted", "attorney"):
        assert "extended" in PLEDGE.next(after, "staff")


# Which pledge, which share


EARLY, LATE = date(2028, 1, 1), date(2028, 6, 1)


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        pytest.param(
            [Pledge(1, "eligible", LATE), Pledge(2, "eligible", EARLY)],
            2,
            id="two pledges, one case: the oldest due",
        ),
        pytest.param(
            [Pledge(1, "eligible", LATE), Pledge(2, "fulfilled", EARLY)], 1, id="only open ones"
        ),
        pytest.param([Pledge(7, "matched", EARLY), Pledge(3, "extended", EARLY)], 3, id="a tie"),
        pytest.param([Pledge(1, "made", EARLY), Pledge(2, "void", EARLY)], None, id="none open"),
        pytest.param([], None, id="no pledge"),
    ],
)
def test_a_case_goes_to(rows: list[Pledge], key: int | None) -> None:
    chosen = pledges.satisfied_by_case(rows)
    assert (chosen and chosen.key) == key


@given(st.lists(st.tuples(STATES, st.dates(EARLY, LATE)), max_size=6), st.randoms())
def test_cases_satisfy_one_pledge_each_oldest_first(
    made: list[tuple[str, date]], random: Random
) -> None:
    rows = [Pledge(key, *one) for key, one in enumerate(made)]
    random.shuffle(rows)
    order = []
    while chosen := pledges.satisfied_by_case(rows):
        rows.remove(chosen)
        rows.append(Pledge(chosen.key, "accepted", chosen.due))
        order.append((chosen.due, chosen.key))
    assert order == sorted((due, key) for key, (state, due) in enumerate(made) if state in OPEN)


@pytest.mark.parametrize(
    ("promised", "cases", "words", "state"),
    [
        pytest.param(2, ["fulfilled"], "1/2", "matched", id="2 cases for 5 attendees: 1/2"),
        pytest.param(2, [], "0/2", "eligible", id="no case yet"),
        pytest.param(2, ["matched", "matched"], "0/2", "matched", id="matched is not kept"),
        pytest.param(2, ["accepted", "fulfilled"], "2/2", "accepted", id="both accepted"),
        pytest.param(2, ["fulfilled"] * 2, "2/2", "fulfilled", id="both done"),
        pytest.param(2, ["fulfilled"] * 3, "2/2", "fulfilled", id="more than promised"),
        pytest.param(2, ["accepted", "matched"], "1/2", "matched", id="one of two"),
    ],
)
def test_firm_progress(promised: int, cases: list[str], words: str, state: str) -> None:
    got = pledges.firm_progress(promised, cases)
    assert (str(got), got.state) == (words, state)


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2027, 5, 4), "12 months are left"),
        (date(2027, 7, 20), "9 months and 14 days are left"),
        (date(2028, 4, 4), "1 month is left"),
        (date(2028, 4, 3), "1 month and 1 day are left"),
        (date(2028, 5, 2), "2 days are left"),
        (date(2028, 5, 3), "1 day is left"),
        (date(2028, 5, 4), "it is due today"),
        (date(2028, 5, 5), "it was due 1 day ago"),
        (date(2028, 7, 5), "it was due 2 months and 1 day ago"),
    ],
)
def test_time_left(today: date, words: str) -> None:
    assert pledges.time_left(DUE, today) == words


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(1, 800))
def test_time_left_adds_up_to_the_day_it_is_due(today: date, days: int) -> None:
    due = today + timedelta(days=days)
    said = pledges.time_left(due, today)
    months, left = (
        int(found[1]) if (found := re.search(rf"(\d+) {unit}", said)) else 0
        for unit in ("month", "day")
    )
    assert left < 31
    assert months_later(today, months) + timedelta(days=left) == due
