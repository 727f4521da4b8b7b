"""What may become of a registration, its seat and its money. Pure: plain values only.

A `Machine` is a table of the moves that exist and of who may make them; a move that is
not in it is refused with a sentence. Money is integer cents, and what somebody owes is
the sum of a ledger, never a stored figure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from hub.refusal import Refused

# "hub" is a job or a webhook: something nobody asked for at that moment.
Actor = Literal["attorney", "staff", "hub"]
ANYONE: frozenset[Actor] = frozenset({"attorney", "staff", "hub"})
OFFICE: frozenset[Actor] = frozenset({"staff", "hub"})
STAFF: frozenset[Actor] = frozenset({"staff"})


@dataclass(frozen=True)
class Machine:
    """The states of one kind of thing, in words, and the moves between them.

    moves: (from, to) to the actors that may make it. reasoned: moves that need a reason.
    """

    name: str
    states: Mapping[str, str]
    moves: Mapping[tuple[str, str], frozenset[Actor]]
    reasoned: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def move(self, before: str, after: str, actor: Actor, reason: str = "") -> str:
        """`after`, if this actor may move it there. Raises Refused; KeyError for no state."""
        was, becomes = self.states[before], self.states[after]
        if (before, after) not in self.moves:
            raise Refused(f"A {self.name} that is {was} cannot become {becomes}.")
        if actor not in self.moves[before, after]:
            raise Refused(f"Only staff can change a {self.name} from {was} to {becomes}.")
        if (before, after) in self.reasoned and not reason.strip():
            raise Refused(f"Say why this {self.name} becomes {becomes}.")
        return after

    def next(self, before: str, actor: Actor) -> list[str]:
        """The states this actor may move it to, in the order of `states`."""
        return [after for after in self.states if actor in self.moves.get((before, after), ())]


REGISTRATION = Machine(
    name="registration",
    states={
        "unconfirmed": "unconfirmed",
        "waitlisted": "on the waitlist",
        "offered": "offered a seat",
        "awaiting_payment": "awaiting payment",
        "confirmed": "confirmed",
        "attended": "attended",
        "no_show": "marked absent",
        "lapsed": "lapsed",
        "canceled": "canceled",
    },
    moves={
        ("unconfirmed", "waitlisted"): ANYONE,
        ("unconfirmed", "awaiting_payment"): ANYONE,
        ("unconfirmed", "confirmed"): ANYONE,
        ("unconfirmed", "lapsed"): OFFICE,
        ("waitlisted", "offered"): OFFICE,
        ("offered", "awaiting_payment"): ANYONE,
        ("offered", "confirmed"): ANYONE,
        ("offered", "lapsed"): OFFICE,
        ("awaiting_payment", "confirmed"): ANYONE,
        ("awaiting_payment", "lapsed"): OFFICE,
        # From pledge to fee: the seat stays, the payment is now awaited.
        ("confirmed", "awaiting_payment"): ANYONE,
        ("confirmed", "attended"): OFFICE,
        ("confirmed", "no_show"): OFFICE,
        ("attended", "no_show"): STAFF,
        ("no_show", "attended"): STAFF,
        ("unconfirmed", "canceled"): ANYONE,
        ("waitlisted", "canceled"): ANYONE,
        ("offered", "canceled"): ANYONE,
        ("awaiting_payment", "canceled"): ANYONE,
        ("confirmed", "canceled"): ANYONE,
    },
    reasoned=frozenset({("attended", "no_show"), ("no_show", "attended")}),
)
# One person has one registration in these for an offering.
LIVE = frozenset(REGISTRATION.states) - {"lapsed", "canceled"}
HOLDS_SEAT = LIVE - {"unconfirmed", "waitlisted"}


# The waitlist


@dataclass(frozen=True)
class Place:
    """A registration as the waitlist sees it; whichever price option it chose."""

    key: int
    state: str
    joined_at: datetime
    offered_until: datetime | None = None


def lapsed_offers(places: Iterable[Place], now: datetime) -> list[int]:
    """Keys of those whose time to take the offered seat is over; the last moment is theirs."""
    return [
        place.key
        for place in places
        if place.state == "offered"
        and place.offered_until is not None
        and place.offered_until < now
    ]


def next_offers(places: Sequence[Place], capacity: int) -> list[int]:
    """Keys of those to offer a seat now, first come first, as many as seats are free.

    Run it after `lapsed_offers` were moved: an open offer holds its seat.
    """
    free = capacity - sum(place.state in HOLDS_SEAT for place in places)
    waiting = sorted(
        (place for place in places if place.state == "waitlisted"),
        key=lambda place: (place.joined_at, place.key),
    )
    return [place.key for place in waiting[: max(0, free)]]


# Prices


PRICE_LIMIT = 10_000_00
_CHOICES = {
    frozenset({"pledge", "fee"}): "Choose between the pledge and the fee.",
    frozenset({"pledge"}): "Make the pledge to register.",
    frozenset({"fee"}): "Choose how you pay the fee.",
}


@dataclass(frozen=True)
class Entry:
    """What a registration begins with: the option and price it keeps whatever changes later."""

    state: Literal["confirmed", "awaiting_payment"]
    option: str
    cents: int


def enter(options: Mapping[str, int], choice: str) -> Entry:
    """What choosing an option leads to when there is a seat. Raises Refused.

    options: of the offering, its price in cents by option. choice: "" for none; a free
    training has nothing to choose, and a waiver must already have been checked.
    """
    if not options or "unstated" in options:
        raise Refused("Registration is not open: the price of this training is not set yet.")
    if set(options) == {"free"}:
        return Entry("confirmed", "free", 0)
    if choice == "waiver":
        return Entry("confirmed", "waiver", 0)
    if choice not in options:
        raise Refused(_CHOICES.get(frozenset(options), "Choose one of the price options."))
    cents = options[choice]
    return Entry("awaiting_payment" if cents else "confirmed", choice, cents)


def price_problem(cents: int) -> str:
    """Why this cannot be a price: a sentence, or "" for a good one."""
    if cents < 0:
        return "A price cannot be negative."
    if cents > PRICE_LIMIT:
        return f"A price cannot be above {dollars(PRICE_LIMIT)}."
    return ""


def waiver_problem(*, used: bool, expires_on: date | None, fits: bool, today: date) -> str:
    """Why a waiver code does not work: a sentence, or "". fits: it is for this training."""
    if not fits:
        return "This code is for another training."
    if used:
        return "This code has already been used."
    if expires_on is not None and expires_on < today:
        return "This code has expired."
    return ""


@dataclass(frozen=True)
class Switch:
    """What changing between pledge and fee takes, in cents."""

    refund: int
    charge: int
    pledge: Literal["made", "void"]


def switch(to: str, *, fee: int, paid: int, begun: bool, actor: Actor) -> Switch:
    """From fee to pledge or back; once the training has begun only staff can. Raises Refused."""
    if to not in {"pledge", "fee"}:
        raise Refused("One can change to the pledge or to the fee.")
    if begun and actor != "staff":
        raise Refused("The training has begun: ask us to change between pledge and fee.")
    if to == "pledge":
        return Switch(refund=paid, charge=0, pledge="made")
    return Switch(refund=0, charge=fee, pledge="void")


# The ledger


# What one cent of an entry does to what is owed, and to what was received.
_OWED = {
    "charge": 1,
    "charge_void": -1,
    "payment": -1,
    "payment_reversed": 1,
    "refund": 1,
    "refund_failed": -1,
}
_RECEIVED = {"payment": 1, "payment_reversed": -1, "refund": -1, "refund_failed": 1}


@dataclass(frozen=True)
class Posting:
    """A line of the ledger: a kind of _OWED and cents, always above 0. Never changed, only
    answered: a bounced or voided payment by "payment_reversed"."""

    kind: str
    cents: int

    def __post_init__(self) -> None:
        if self.kind not in _OWED or self.cents <= 0:
            raise ValueError(f"no posting: {self.kind} {self.cents}")


def owed(ledger: Iterable[Posting]) -> int:
    """Cents still to be paid; below 0 a credit."""
    return sum(_OWED[line.kind] * line.cents for line in ledger)


def refundable(ledger: Iterable[Posting]) -> int:
    """Cents received and not given back."""
    return sum(_RECEIVED.get(line.kind, 0) * line.cents for line in ledger)


def refund(ledger: Sequence[Posting], cents: int) -> Posting:
    """The posting of a refund. Raises Refused above what was received and not given back."""
    if cents <= 0:
        raise Refused("A refund is more than nothing.")
    if cents > (most := refundable(ledger)):
        raise Refused(f"{dollars(cents)} cannot be refunded: {dollars(most)} is left to refund.")
    return Posting("refund", cents)


def dollars(cents: int) -> str:
    """30000: "$300.00"; -1000: "−$10.00" """
    whole, rest = divmod(abs(cents), 100)
    return f"{'−' if cents < 0 else ''}${whole:,}.{rest:02}"


# What a payment page reports


Outcome = Literal["confirm", "wait", "alert", "release", "refund", "ignore"]


def checkout_outcome(
    event: Literal["completed", "paid_later", "failed_later", "expired"],
    *,
    state: str,
    current: bool,
    known: bool,
    paid: bool,
    cents: int,
    currency: str,
    expected: int,
) -> Outcome:
    """What a report about a payment page means for its registration.

    event: "completed" may be unpaid still, and is then followed by "paid_later" or
    "failed_later". current: the page is the last one made for the registration.
    known: this payment is in the ledger already, told by its own id, not the event's.
    cents, currency, paid: as reported. expected: cents of the registration's charge.
    "alert" and "refund" are staff's queues: money that fits nothing, or no seat any more.
    """
    if event in {"expired", "failed_later"}:
        return "release" if current and state == "awaiting_payment" else "ignore"
    if known:
        return "ignore"
    if not paid:
        return "wait" if state == "awaiting_payment" else "ignore"
    if cents != expected or currency.lower() != "usd":
        return "alert"
    return "confirm" if state == "awaiting_payment" else "refund"
