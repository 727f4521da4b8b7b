"""Registrations, the waitlist, prices, the ledger and what a payment page reports."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.refusal import Refused
from trainings import states
from trainings.states import HOLDS_SEAT, LIVE, REGISTRATION, Actor, Place, Posting

NOW = datetime(2027, 5, 4, 16, tzinfo=UTC)
FEE = 30000
EIGHT_HOURS = {"pledge": 0, "fee": FEE}

ALLOWED = {
    "unconfirmed": "waitlisted awaiting_payment confirmed lapsed canceled",
    "waitlisted": "offered canceled",
    "offered": "awaiting_payment confirmed lapsed canceled",
    "awaiting_payment": "confirmed lapsed canceled",
    "confirmed": "awaiting_payment attended no_show canceled",
    "attended": "no_show",
    "no_show": "attended",
    "lapsed": "",
    "canceled": "",
}


@pytest.mark.parametrize("before", REGISTRATION.states)
@pytest.mark.parametrize("after", REGISTRATION.states)
def test_every_move_is_allowed_or_refused_with_a_sentence(before: str, after: str) -> None:
    if after in ALLOWED[before].split():
        assert REGISTRATION.move(before, after, "staff", "Wrong row ticked.") == after
    else:
        with pytest.raises(Refused, match=r"^A registration that is .+ cannot become .+\.$"):
            REGISTRATION.move(before, after, "staff", "Wrong row ticked.")


@pytest.mark.parametrize(
    ("before", "attorney"),
    [
        ("unconfirmed", ["waitlisted", "awaiting_payment", "confirmed", "canceled"]),
        ("waitlisted", ["canceled"]),
        ("offered", ["awaiting_payment", "confirmed", "canceled"]),
        ("awaiting_payment", ["confirmed", "canceled"]),
        ("confirmed", ["awaiting_payment", "canceled"]),
        ("attended", []),
        ("no_show", []),
    ],
)
def test_what_an_attorney_can_do(before: str, attorney: list[str]) -> None:
    assert REGISTRATION.next(before, "attorney") == attorney


def test_attendance_is_corrected_by_staff_with_a_reason() -> None:
    with pytest.raises(Refused, match="Say why this registration becomes attended"):
        REGISTRATION.move("no_show", "attended", "staff")
    with pytest.raises(Refused, match="Only staff can change a registration from marked absent"):
        REGISTRATION.move("no_show", "attended", "hub", "Import.")


def test_who_holds_a_seat() -> None:
    assert {"offered", "awaiting_payment", "confirmed", "attended", "no_show"} == HOLDS_SEAT
    assert {"unconfirmed", "waitlisted"} == LIVE - HOLDS_SEAT


# The waitlist


def place(key: int, state: str = "waitlisted", joined: int = 0, until: int | None = None) -> Place:
    ends = None if until is None else NOW + timedelta(minutes=until)
    return Place(key, state, NOW + timedelta(minutes=joined), ends)


@pytest.mark.parametrize(
    ("places", "capacity", "keys"),
    [
        pytest.param([place(1, joined=5), place(2, joined=1)], 1, [2], id="first come, first"),
        pytest.param([place(9), place(3)], 1, [3], id="same moment: the earlier row"),
        pytest.param([place(1, "confirmed"), place(2)], 1, [], id="full"),
        pytest.param([place(1, "offered"), place(2)], 1, [], id="an open offer holds its seat"),
        pytest.param([place(1, "awaiting_payment"), place(2)], 1, [], id="so does a payment"),
        pytest.param([place(1, "lapsed"), place(2)], 1, [2], id="offer times out → next"),
        pytest.param(
            [place(1, "canceled"), place(2, "canceled")],
            2,
            [],
            id="a seat canceled: not re-offered",
        ),
        pytest.param([place(1), place(2), place(3)], 2, [1, 2], id="as many as are free"),
        pytest.param(
            [place(1, "confirmed"), place(2, "confirmed"), place(3), place(4)], 1, [], id="overfull"
        ),
        pytest.param([place(1, "unconfirmed"), place(2)], 1, [2], id="unproven waits nowhere"),
    ],
)
def test_next_offers(places: list[Place], capacity: int, keys: list[int]) -> None:
    assert states.next_offers(places, capacity) == keys


def test_an_offer_lapses_after_its_last_moment() -> None:
    places = [
        place(1, "offered", until=-1),
        place(2, "offered", until=0),
        place(3, "confirmed", until=-1),
        place(4, "offered"),
    ]
    assert states.lapsed_offers(places, NOW) == [1]


@given(
    st.lists(st.tuples(st.sampled_from([*REGISTRATION.states]), st.integers(0, 5)), max_size=12),
    st.integers(0, 8),
)
def test_offers_never_oversell_and_never_strand_a_seat(
    rows: list[tuple[str, int]], capacity: int
) -> None:
    places = [place(key, state, joined) for key, (state, joined) in enumerate(rows)]
    offered = states.next_offers(places, capacity)
    taken = sum(one.state in HOLDS_SEAT for one in places)
    waiting = [one for one in places if one.state == "waitlisted"]
    assert len(offered) == min(len(waiting), max(0, capacity - taken))
    left = [one.joined_at for one in waiting if one.key not in offered]
    chosen = [one.joined_at for one in waiting if one.key in offered]
    assert not left or not chosen or max(chosen) <= min(left)


# Prices


@pytest.mark.parametrize(
    ("options", "choice", "state", "cents"),
    [
        pytest.param(EIGHT_HOURS, "pledge", "confirmed", 0, id="8 h: pledge → $0, confirmed"),
        pytest.param(EIGHT_HOURS, "fee", "awaiting_payment", 30000, id="pay → $300.00, pending"),
        pytest.param({"free": 0}, "", "confirmed", 0, id="2 h → free, nothing to choose"),
        pytest.param({"fee": 0}, "fee", "confirmed", 0, id="a fee of nothing awaits none"),
        pytest.param(EIGHT_HOURS, "waiver", "confirmed", 0, id="waiver code"),
    ],
)
def test_enter(options: dict[str, int], choice: str, state: str, cents: int) -> None:
    got = states.enter(options, choice)
    assert (got.state, got.option, got.cents) == (state, choice or "free", cents)


@pytest.mark.parametrize(
    ("options", "choice", "sentence"),
    [
        pytest.param(EIGHT_HOURS, "", "Choose between the pledge and the fee.", id="neither"),
        pytest.param(EIGHT_HOURS, "free", "Choose between the pledge and the fee.", id="not one"),
        pytest.param({"pledge": 0}, "", "Make the pledge to register.", id="pledge only"),
        pytest.param({"unstated": 0}, "", "the price of this training is not set", id="16 h"),
        pytest.param({"unstated": 0}, "waiver", "is not set", id="16 h with a code"),
        pytest.param({}, "pledge", "is not set", id="no option"),
    ],
)
def test_enter_refuses(options: dict[str, int], choice: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        states.enter(options, choice)


@pytest.mark.parametrize(
    ("cents", "problem"),
    [
        (0, ""),
        (30000, ""),
        (1000000, ""),
        (1000001, "A price cannot be above $10,000.00."),
        (1234567890, "A price cannot be above $10,000.00."),
        (-1, "A price cannot be negative."),
    ],
)
def test_price_problem(cents: int, problem: str) -> None:
    assert states.price_problem(cents) == problem


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param({}, "", id="good"),
        pytest.param({"expires_on": None}, "", id="never expires"),
        pytest.param({"used": True}, "This code has already been used.", id="single use"),
        pytest.param({"expires_on": date(2027, 5, 3)}, "This code has expired.", id="expired"),
        pytest.param({"fits": False}, "This code is for another training.", id="wrong training"),
    ],
)
def test_waiver_problem(changes: dict[str, Any], problem: str) -> None:
    today = date(2027, 5, 4)
    good = {"used": False, "expires_on": today, "fits": True, "today": today}
    assert states.waiver_problem(**good | changes) == problem


@pytest.mark.parametrize(
    ("to", "begun", "actor", "expected"),
    [
        pytest.param(
            "pledge",
            False,
            "attorney",
            (20000, 0, "made"),
            id="pay → pledge: what was paid goes back",
        ),
        pytest.param("fee", False, "attorney", (0, FEE, "void"), id="pledge → pay: void, charge"),
        pytest.param("fee", True, "staff", (0, FEE, "void"), id="after training: staff"),
        pytest.param("pledge", True, "attorney", None, id="after training: not the attorney"),
        pytest.param("fee", True, "hub", None, id="nor by itself"),
        pytest.param("free", False, "staff", None, id="nothing else"),
    ],
)
def test_switch(to: str, begun: bool, actor: Actor, expected: tuple[int, int, str] | None) -> None:
    paid = 20000 if to == "pledge" else 0
    if expected is None:
        with pytest.raises(Refused):
            states.switch(to, fee=FEE, paid=paid, begun=begun, actor=actor)
    else:
        got = states.switch(to, fee=FEE, paid=paid, begun=begun, actor=actor)
        assert (got.refund, got.charge, got.pledge) == expected


# The ledger


def ledger(*lines: tuple[str, int]) -> list[Posting]:
    return [Posting(kind, cents) for kind, cents in lines]


INVOICED = ("charge", 30000)
PAID = ("payment", 30000)


@pytest.mark.parametrize(
    ("lines", "owed", "refundable"),
    [
        pytest.param([], 0, 0, id="nothing"),
        pytest.param([INVOICED], 30000, 0, id="invoice 30000"),
        pytest.param([INVOICED, PAID], 0, 30000, id="cheque recorded 30000"),
        pytest.param(
            [INVOICED, PAID, ("payment_reversed", 30000)], 30000, 0, id="void, or a bounced cheque"
        ),
        pytest.param([INVOICED, ("payment", 31000)], -1000, 31000, id="overpay → credit 1000"),
        pytest.param([INVOICED, PAID, ("refund", 10000)], 10000, 20000, id="partial refund"),
        pytest.param(
            [INVOICED, PAID, ("refund", 10000), ("refund_failed", 10000)],
            0,
            30000,
            id="refund failed later → balance restored",
        ),
        pytest.param(
            [INVOICED, PAID, ("charge_void", 30000), ("refund", 30000)], 0, 0, id="canceled in full"
        ),
    ],
)
def test_ledger(lines: list[tuple[str, int]], owed: int, refundable: int) -> None:
    assert states.owed(ledger(*lines)) == owed
    assert states.refundable(ledger(*lines)) == refundable


def test_partial_refund_10000_twice_then_10001_is_refused() -> None:
    lines = ledger(INVOICED, PAID)
    for _ in range(2):
        lines.append(states.refund(lines, 10000))
    with pytest.raises(Refused, match=r"^\$100.01 cannot be refunded: \$100.00 is left to refund"):
        states.refund(lines, 10001)
    lines.append(states.refund(lines, 10000))
    assert states.refundable(lines) == 0


@pytest.mark.parametrize("cents", [0, -1])
def test_a_refund_is_more_than_nothing(cents: int) -> None:
    with pytest.raises(Refused, match="more than nothing"):
        states.refund(ledger(INVOICED, PAID), cents)


@pytest.mark.parametrize(("kind", "cents"), [("payment", 0), ("charge", -5), ("tip", 5)])
def test_no_posting_of_another_kind_or_of_nothing(kind: str, cents: int) -> None:
    with pytest.raises(ValueError, match="no posting"):
        Posting(kind, cents)


@given(st.lists(st.integers(-10, 40000), max_size=8), st.lists(st.integers(1, 40000), max_size=3))
def test_refunds_never_exceed_what_was_received(refunds: list[int], payments: list[int]) -> None:
    lines = ledger(*[("payment", cents) for cents in payments])
    for cents in refunds:
        try:
            lines.append(states.refund(lines, cents))
        except Refused:
            assert cents <= 0 or cents > states.refundable(lines)
    assert 0 <= states.refundable(lines) <= sum(payments)
    assert states.owed(lines) == -states.refundable(lines)


@pytest.mark.parametrize(
    ("cents", "text"),
    [(30000, "$300.00"), (5, "$0.05"), (-1000, "−$10.00"), (123456789, "$1,234,567.89")],
)
def test_dollars(cents: int, text: str) -> None:
    assert states.dollars(cents) == text


# What a payment page reports


@pytest.mark.parametrize(
    ("event", "changes", "outcome"),
    [
        pytest.param("completed", {}, "confirm", id="paid"),
        pytest.param("completed", {"paid": False}, "wait", id="unpaid on completed → pending"),
        pytest.param("paid_later", {}, "confirm", id="paid later"),
        pytest.param("failed_later", {"paid": False}, "release", id="failed later"),
        pytest.param("completed", {"cents": 29999}, "alert", id="amount ≠ ledger"),
        pytest.param("completed", {"cents": 30001}, "alert", id="more than the ledger"),
        pytest.param("completed", {"currency": "eur"}, "alert", id="currency ≠ ledger"),
        pytest.param("completed", {"currency": "USD"}, "confirm", id="currency in capitals"),
        pytest.param(
            "completed",
            {"state": "confirmed", "known": True},
            "ignore",
            id="same payment twice → one payment",
        ),
        pytest.param("completed", {"state": "confirmed"}, "refund", id="paid twice over"),
        pytest.param("expired", {"paid": False}, "release", id="session expired → seat released"),
        pytest.param(
            "expired",
            {"state": "confirmed", "paid": False},
            "ignore",
            id="expired after completed ignored",
        ),
        pytest.param(
            "expired", {"current": False, "paid": False}, "ignore", id="an older page expired"
        ),
        pytest.param(
            "completed",
            {"state": "lapsed"},
            "refund",
            id="old session after the seat went → refund",
        ),
        pytest.param("completed", {"state": "canceled"}, "refund", id="paid after canceling"),
        pytest.param(
            "completed", {"state": "lapsed", "paid": False}, "ignore", id="unpaid and lapsed"
        ),
        pytest.param("completed", {"current": False}, "confirm", id="an older page, still a seat"),
    ],
)
def test_checkout_outcome(event: Any, changes: dict[str, Any], outcome: str) -> None:
    report = {
        "state": "awaiting_payment",
        "current": True,
        "known": False,
        "paid": True,
        "cents": 30000,
        "currency": "usd",
        "expected": 30000,
    }
    assert states.checkout_outcome(event, **report | changes) == outcome


@given(
    st.sampled_from(["completed", "paid_later", "failed_later", "expired"]),
    st.sampled_from([*REGISTRATION.states]),
    st.booleans(),
    st.booleans(),
    st.integers(0, 3),
)
def test_only_the_right_money_confirms_and_none_of_it_is_lost(
    event: Any, state: str, paid: bool, known: bool, cents: int
) -> None:
    got = states.checkout_outcome(
        event,
        state=state,
        current=True,
        known=known,
        paid=paid,
        cents=cents,
        currency="usd",
        expected=2,
    )
    if got == "confirm":
        assert (state, paid, cents) == ("awaiting_payment", True, 2)
    if paid and not known and event in {"completed", "paid_later"}:
        assert got in {"confirm", "alert", "refund"}
    if got == "release":
        assert REGISTRATION.move(state, "lapsed", "hub") == "lapsed"
