"""Verbs on registrations: every state and verb, strangers, prices, history, the purge."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from hub.models import Mail, User
from hub.refusal import Refused
from tests.trainings.cast import (
    charged,
    deliver,
    history,
    kinds,
    make_offering,
    make_person,
    pacific,
    promised,
)
from trainings.mails.registration import by_link, link_for
from trainings.models import OfferingPrice, Pledge, PledgeText, Registration, WaiverCode
from trainings.services import deadlines, money, pledges
from trainings.services import registration as services
from trainings.services.registration import Details, Terms

BOB = Details(
    name="Bob Brown", organization="Legal Aid", bar_numbers=(("CA", "123456"), ("NY", "7654321"))
)
PLEDGE = Terms(choice="pledge", pledge_name="Bob Brown")
INVOICE = Terms(choice="invoice")
CARD = Terms(choice="card")


@pytest.fixture
def cards(monkeypatch):
    """As when keys for card payments are set."""
    monkeypatch.setattr(money, "card_enabled", lambda: True)


def register(offering, terms=PLEDGE, email="bob@example.org", details=BOB):
    services.register(offering, email, details, terms)
    return Registration.objects.exclude(state="canceled").get(email="bob@example.org")


class TestRegister:
    def test_snapshots_what_was_said_and_agreed(self, offering):
        bob = register(offering)
        assert (bob.state, bob.email, bob.name, bob.organization, bob.is_attorney) == (
            "unconfirmed",
            "bob@example.org",
            "Bob Brown",
            "Legal Aid",
            True,
        )
        assert (bob.price_kind, bob.price_cents, bob.pledge_name) == ("pledge", 0, "Bob Brown")
        assert bob.pledge_text == PledgeText.objects.get(version=1)
        assert list(bob.bar_numbers.order_by("pk").values_list("state", "number")) == [
            ("CA", "123456"),
            ("NY", "7654321"),
        ]
        assert bob.user is None
        assert promised() == [("trainings.link", bob.pk, 0, 1)]
        # Nobody has proven anything yet: nothing that cannot be deleted again.
        assert not bob.events.exists()
        assert not User.objects.exists()

    def test_fee_is_snapshot_with_how_it_is_paid(self, offering):
        bob = register(offering, INVOICE)
        assert (bob.price_kind, bob.price_cents, bob.method) == ("fee", 30000, "invoice")

    def test_price_changed_afterwards_keeps_the_snapshot(self, offering):
        bob = register(offering, INVOICE)
        OfferingPrice.objects.filter(kind="fee").update(amount_cents=40000)
        services.confirm(bob.pk)
        bob.refresh_from_db()
        assert (bob.price_cents, money.balance(bob)) == (30000, 30000)

    def test_text_of_the_pledge_changed_afterwards_keeps_the_one_signed(self, offering):
        bob = register(offering)
        PledgeText.objects.create(version=2, text="Other words.")
        services.confirm(bob.pk)
        assert Pledge.objects.get(registration=bob).text.version == 1

    def test_sent_again_within_ten_minutes_is_one_row_and_one_mail(self, offering, clock):
        bob = register(offering)
        clock.shift(timedelta(minutes=9, seconds=59))
        register(offering, INVOICE, " BOB@Example.org ")
        assert promised() == [("trainings.link", bob.pk, 0, 1)]
        clock.shift(timedelta(seconds=1))
        register(offering, INVOICE)
        assert promised() == [("trainings.link", bob.pk, 0, 1), ("trainings.link", bob.pk, 0, 2)]

    def test_before_confirming_the_last_form_counts(self, offering):
        register(offering)
        bob = register(offering, INVOICE, details=Details(name="Robert Brown"))
        assert (bob.name, bob.method, bob.pledge_name) == ("Robert Brown", "invoice", "")
        assert not bob.bar_numbers.exists()

    @pytest.mark.parametrize("state", ["waitlisted", "offered", "awaiting_payment", "confirmed"])
    def test_a_stranger_changes_nothing_of_a_known_person(self, offering, state):
        bob = make_person(offering, "bob", state, "invoice")
        before = Registration.objects.filter(pk=bob.pk).values().get()
        register(offering, PLEDGE, details=Details(name="Mallory"))
        after = Registration.objects.filter(pk=bob.pk).values().get()
        for changing in ("asked", "asked_at"):
            before.pop(changing), after.pop(changing)
        assert after == before
        assert bob.bar_numbers.count() == 1
        assert kinds() == ["trainings.link"]

    def test_a_canceled_registration_stays_and_a_new_one_begins(self, offering):
        old = make_person(offering, "bob", "canceled")
        new = register(offering, INVOICE)
        assert new.pk != old.pk
        assert new.state == "unconfirmed"

    def test_one_live_registration_a_person_and_offering(self, offering):
        make_person(offering, "bob")
        with pytest.raises(IntegrityError, match="one_live_registration"):
            Registration.objects.create(
                offering=offering, email="bob@example.org", price_kind="free"
            )

    @pytest.mark.parametrize(
        ("terms", "sentence"),
        [
            (Terms(choice="free"), "not offered that way"),
            (CARD, "not offered that way"),
            (Terms(choice="pledge"), "Type your name"),
            (Terms(choice="waiver"), "Enter your waiver code"),
        ],
    )
    def test_refuses_terms_it_does_not_have(self, offering, terms, sentence):
        with pytest.raises(Refused, match=sentence):
            register(offering, terms)
        assert not Registration.objects.exists()

    @pytest.mark.parametrize(
        ("status", "sentence"),
        [
            ("draft", "Registration for this training is closed."),
            ("closed", "Registration for this training is closed."),
            ("canceled", "This training is canceled. The roof leaks."),
        ],
    )
    def test_refuses_unless_open(self, offering, status, sentence):
        offering.status, offering.cancel_reason = status, "The roof leaks."
        with pytest.raises(Refused, match=sentence):
            register(offering)

    def test_refuses_once_it_has_begun(self, offering, clock):
        clock.move_to(pacific("2027-01-29T08:59:59"))
        register(offering)
        clock.shift(timedelta(seconds=1))
        with pytest.raises(Refused, match="has begun"):
            register(offering)


class TestConfirm:
    def test_pledge_is_made_and_the_seat_is_theirs(self, offering):
        bob = services.confirm(register(offering).pk)
        assert (bob.state, bob.confirmed_at) == ("confirmed", timezone.now())
        assert bob.user == User.objects.get(email="bob@example.org")
        assert Pledge.objects.get(registration=bob).signed_name == "Bob Brown"
        assert history(bob) == ["confirmed"]
        day = offering.activities.get()
        assert ("trainings.confirmed", bob.pk, day.pk, bob.round) in promised()

    def test_invoice_is_a_seat_at_once_with_the_fee_owed(self, offering):
        bob = services.confirm(register(offering, INVOICE).pk)
        assert (bob.state, money.balance(bob)) == ("confirmed", 30000)

    def test_card_holds_the_seat_until_it_is_paid(self, offering, cards):
        bob = services.confirm(register(offering, CARD).pk)
        assert (bob.state, money.balance(bob)) == ("awaiting_payment", 30000)
        assert bob.pay_until == timezone.now() + timedelta(hours=24)
        assert kinds() == ["trainings.link", "trainings.awaiting_payment"]

    def test_time_to_pay_ends_when_the_training_begins(self, offering, cards, clock):
        clock.move_to(pacific("2027-01-29T04:00"))
        bob = services.confirm(register(offering, CARD).pk)
        assert bob.pay_until == pacific("2027-01-29T09:00")

    def test_free_needs_no_further_step(self, db, clock):
        offering = make_offering(kinds=["free"])
        bob = services.confirm(register(offering, Terms(choice="free")).pk)
        assert bob.state == "confirmed"
        assert not bob.entries.exists()
        assert not Pledge.objects.exists()

    def test_waiver_code_pays(self, offering):
        code = WaiverCode.objects.create(
            offering=offering, code="KIND", expires_at=timezone.now() + timedelta(days=9)
        )
        terms = Terms(choice="waiver", waiver_code="KIND")
        bob = services.confirm(register(offering, terms).pk)
        code.refresh_from_db()
        assert (bob.state, money.balance(bob), code.used_by) == ("confirmed", 0, bob)

    def test_waiver_code_used_meanwhile_leaves_them_unconfirmed(self, offering):
        WaiverCode.objects.create(
            offering=offering, code="KIND", expires_at=timezone.now() + timedelta(hours=1)
        )
        bob = register(offering, Terms(choice="waiver", waiver_code="KIND"))
        WaiverCode.objects.update(used_by=make_person(offering, "carol"), used_at=timezone.now())
        with pytest.raises(Refused, match="code"):
            services.confirm(bob.pk)
        bob.refresh_from_db()
        assert (bob.state, bob.user) == ("unconfirmed", None)

    def test_waits_when_full_whatever_the_price(self, db, clock):
        offering = make_offering(seats=1)
        make_person(offering, "alice")
        bob = services.confirm(register(offering, INVOICE).pk)
        assert (bob.state, bob.waitlisted_at) == ("waitlisted", timezone.now())
        assert not bob.entries.exists()
        assert kinds() == ["trainings.link", "trainings.waitlisted"]

    @pytest.mark.parametrize("status", ["closed", "canceled"])
    def test_refuses_when_registration_ended_meanwhile(self, offering, status):
        bob = register(offering)
        offering.status, offering.cancel_reason = status, "The roof leaks."
        offering.save()
        with pytest.raises(Refused):
            services.confirm(bob.pk)
        bob.refresh_from_db()
        assert bob.state == "unconfirmed"


# What each verb makes of each state; "" is refused with a sentence.
VERBS = {
    "confirm": lambda pk, by: services.confirm(pk),
    "accept": lambda pk, by: services.accept_offer(pk),
    "decline": lambda pk, by: services.decline_offer(pk),
    "leave": lambda pk, by: services.leave(pk),
    "cancel": lambda pk, by: services.cancel(pk, by=by, reason="Registered twice."),
    "paid": lambda pk, by: services.paid(pk),
    "to pledge": lambda pk, by: services.switch_price(pk, PLEDGE),
}
STATES = ["unconfirmed", "waitlisted", "offered", "awaiting_payment", "confirmed", "canceled"]
TABLE = {
    "confirm": [
        "awaiting_payment",
        "waitlisted",
        "offered",
        "awaiting_payment",
        "confirmed",
        "canceled",
    ],
    "accept": ["", "", "awaiting_payment", "awaiting_payment", "confirmed", ""],
    "decline": ["", "", "canceled", "", "", "canceled"],
    "leave": ["unconfirmed", *["canceled"] * 5],
    "cancel": ["unconfirmed", *["canceled"] * 5],
    "paid": STATES,
    "to pledge": ["", "waitlisted", "offered", "confirmed", "confirmed", ""],
}
CASES = [
    (verb, state, after)
    for verb, row in TABLE.items()
    for state, after in zip(STATES, row, strict=True)
]


@pytest.mark.parametrize(("verb", "state", "after"), CASES)
def test_every_verb_in_every_state(offering, cards, verb, state, after):
    """A person who pays by card; the second click of each verb changes nothing more."""
    bob = make_person(offering, "bob", state, "card")
    staff = User.objects.create(email="alice@example.org", is_staff=True)
    if not after:
        with pytest.raises(Refused) as refusal:
            VERBS[verb](bob.pk, staff)
        assert str(refusal.value).endswith(".")
        bob.refresh_from_db()
        assert (bob.state, history(bob), kinds()) == (state, [], [])
        return
    VERBS[verb](bob.pk, staff)
    bob.refresh_from_db()
    assert bob.state == after
    if state != after:
        assert history(bob) == [after]
    first = (bob.round, promised(), history(bob), bob.entries.count())
    VERBS[verb](bob.pk, staff)
    bob.refresh_from_db()
    assert (bob.round, promised(), history(bob), bob.entries.count()) == first


def test_the_table_is_whole():
    assert len(CASES) == len(VERBS) * len(Registration.State.choices)


class TestPaid:
    def pay(self, person, cents=30000):
        person.entries.create(kind="payment", cents=-cents, method="card", reference="pi_1")

    def test_a_payment_in_full_makes_the_seat_theirs(self, offering):
        bob = make_person(offering, "bob", "awaiting_payment", "card")
        self.pay(bob)
        assert services.paid(bob.pk).state == "confirmed"
        assert history(bob) == ["confirmed"]
        assert kinds() == ["trainings.confirmed"]

    def test_part_of_it_does_not(self, offering):
        bob = make_person(offering, "bob", "awaiting_payment", "card")
        self.pay(bob, 29999)
        assert services.paid(bob.pk).state == "awaiting_payment"

    def test_after_the_seat_went_it_stays_gone(self, offering):
        bob = make_person(offering, "bob", "canceled", "card")
        self.pay(bob)
        assert services.paid(bob.pk).state == "canceled"
        assert kinds() == []


class TestSwitch:
    def test_pay_to_pledge_takes_the_charge_back(self, offering):
        bob = make_person(offering, "bob", "confirmed", "invoice")
        services.switch_price(bob.pk, PLEDGE)
        bob.refresh_from_db()
        assert (bob.state, bob.price_kind, bob.price_cents, bob.method) == (
            "confirmed",
            "pledge",
            0,
            "",
        )
        assert (money.balance(bob), bob.pledge.state) == (0, "made")
        assert history(bob) == ["confirmed"]
        # The seat and the calendar stay as they were.
        assert kinds() == []

    def test_what_was_paid_is_no_longer_charged(self, offering):
        bob = make_person(offering, "bob", "confirmed", "card")
        bob.entries.create(kind="payment", cents=-30000)
        services.switch_price(bob.pk, PLEDGE)
        assert charged(bob) == 0
        assert money.balance(bob) <= 0

    def test_pledge_to_pay_ends_the_pledge_and_charges_todays_fee(self, offering):
        bob = make_person(offering, "bob")
        OfferingPrice.objects.filter(kind="fee").update(amount_cents=35000)
        services.switch_price(bob.pk, INVOICE)
        bob.refresh_from_db()
        assert (bob.state, bob.price_cents, money.balance(bob)) == ("confirmed", 35000, 35000)
        assert (bob.pledge.state, bob.pledge_name) == ("void", "")

    def test_pledge_to_card_holds_the_seat_until_it_is_paid(self, offering, cards):
        bob = make_person(offering, "bob")
        services.switch_price(bob.pk, CARD)
        bob.refresh_from_db()
        assert (bob.state, money.balance(bob)) == ("awaiting_payment", 30000)
        assert kinds() == ["trainings.awaiting_payment"]

    def test_card_to_check_keeps_the_agreed_fee_and_frees_the_seat_from_its_deadline(
        self, offering
    ):
        bob = make_person(offering, "bob", "awaiting_payment", "card")
        OfferingPrice.objects.filter(kind="fee").update(amount_cents=35000)
        services.switch_price(bob.pk, INVOICE)
        bob.refresh_from_db()
        assert (bob.state, bob.pay_until, money.balance(bob)) == ("confirmed", None, 30000)

    def test_there_and_back_and_there_again(self, offering):
        bob = make_person(offering, "bob")
        for terms in (INVOICE, PLEDGE, INVOICE):
            services.switch_price(bob.pk, terms)
        bob.refresh_from_db()
        assert (bob.state, money.balance(bob), bob.pledge.state) == ("confirmed", 30000, "void")

    def test_nothing_to_change_once_paid(self, offering, cards):
        bob = make_person(offering, "bob", "confirmed", "card")
        bob.entries.create(kind="payment", cents=-30000)
        with pytest.raises(Refused, match="Nothing is left to pay"):
            services.switch_price(bob.pk, INVOICE)

    @pytest.mark.parametrize("state", ["waitlisted", "offered"])
    def test_who_waits_owes_nothing_yet(self, offering, state):
        bob = make_person(offering, "bob", state, "pledge")
        services.switch_price(bob.pk, INVOICE)
        bob.refresh_from_db()
        assert (bob.state, bob.price_kind, bob.price_cents) == (state, "fee", 30000)
        assert not bob.entries.exists()

    def test_after_it_has_begun_only_staff(self, offering, clock):
        bob = make_person(offering, "bob")
        staff = User.objects.create(email="alice@example.org", is_staff=True)
        clock.move_to(pacific("2027-01-29T09:00"))
        with pytest.raises(Refused, match="has begun"):
            services.switch_price(bob.pk, INVOICE)
        services.switch_price(bob.pk, INVOICE, by=staff)
        bob.refresh_from_db()
        assert (bob.price_kind, bob.events.get().by) == ("fee", staff)


class TestLeaving:
    def test_ends_the_pledge_and_the_charge(self, offering):
        bob, carol = make_person(offering, "bob"), make_person(offering, "carol", choice="invoice")
        services.leave(bob.pk)
        services.leave(carol.pk)
        assert (Pledge.objects.get().state, money.balance(carol)) == ("void", 0)

    def test_not_once_it_has_begun_but_staff_can(self, offering, clock):
        bob = make_person(offering, "bob")
        staff = User.objects.create(email="alice@example.org", is_staff=True)
        clock.move_to(pacific("2027-01-29T09:00"))
        with pytest.raises(Refused, match="has begun"):
            services.leave(bob.pk)
        services.cancel(bob.pk, by=staff, reason="Did not come.")
        event = bob.events.get()
        assert (event.state, event.by, event.reason) == ("canceled", staff, "Did not come.")

    def test_staff_give_a_reason(self, offering):
        bob = make_person(offering, "bob")
        with pytest.raises(Refused, match="Give a reason"):
            services.cancel(bob.pk, by=User.objects.create(email="a@example.org"), reason="  ")

    def test_a_calendar_takes_back_what_it_was_sent_and_nothing_else(self, offering):
        bob = make_person(offering, "bob")
        waiting = make_person(offering, "carol", "waitlisted")
        services.leave(bob.pk)
        services.leave(waiting.pk)
        bobs, carols = deliver()
        assert "METHOD:CANCEL" in bobs.as_string()
        assert "METHOD" not in carols.as_string()


class TestPurge:
    def test_unconfirmed_go_after_fourteen_days_and_their_links_with_them(self, offering, clock):
        bob = register(offering)
        token = link_for(bob).rsplit("/", 2)[1]
        clock.shift(timedelta(days=14))
        deadlines.forget_unconfirmed(timezone.now())
        assert by_link(token) is not None
        clock.shift(timedelta(seconds=1))
        deadlines.forget_unconfirmed(timezone.now())
        assert by_link(token) is None
        assert deliver() == []
        assert Mail.objects.get().dropped_at is not None

    def test_nobody_else_goes(self, offering, clock):
        for state in STATES[1:]:
            make_person(offering, state[:8], state)
        clock.shift(timedelta(days=400))
        deadlines.forget_unconfirmed(timezone.now())
        assert Registration.objects.count() == len(STATES) - 1


def test_pledge_of_a_leap_day_is_due_on_the_last_of_february(db, clock):
    offering = make_offering(days=("2028-02-28", "2028-02-29"))
    bob = make_person(offering, "bob")
    assert pledges.make(bob, "Bob").due_on.isoformat() == "2029-02-28"


def test_bar_numbers_can_be_added_later(offering):
    bob = make_person(offering, "bob")
    services.set_bar_numbers(bob.pk, Details(name="", bar_numbers=(("NY", "55"), ("CA", "66"))))
    assert dict(bob.bar_numbers.values_list("state", "number")) == {"NY": "55", "CA": "66"}
    services.set_bar_numbers(bob.pk, Details(name="", is_attorney=False))
    assert not bob.bar_numbers.exists()
