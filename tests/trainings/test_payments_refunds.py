"""Refunds and disputes of card payments: begun by the hub, or at the service's own pages."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.trainings.paying import TODAY, RegistrationFactory, UserFactory, promised
from tests.trainings.stripe_fake import tell
from trainings.models import CheckoutSession, Refund
from trainings.services import money, payments

pytestmark = pytest.mark.django_db

PAID = [("charge", 30000), ("payment", -30000)]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def alice():
    return UserFactory(email="alice@example.org", is_staff=True)


@pytest.fixture
def bob():
    """An attorney who holds a seat and is to pay $300 by card within a day."""
    registration = RegistrationFactory(email="bob@example.org", name="Bob Brown")
    money.charge(registration)
    return registration


@pytest.fixture
def session(stripe, bob):
    """The payment page that was opened for Bob, as the service sees it."""
    payments.begin_checkout(bob)
    return stripe.sessions[CheckoutSession.objects.get().session_id]


def state(registration):
    registration.refresh_from_db()
    return registration.state


def lines(registration):
    return list(registration.entries.values_list("kind", "cents"))


@pytest.fixture
def paid(client, stripe, bob, session):
    """Bob has paid; his payment's number at the service."""
    stripe.pay(session["id"])
    tell(client, stripe.event("checkout.session.completed", session))
    return session["payment_intent"]


def test_dashboard_refund_appears_once(client, stripe, bob, paid):
    made = stripe.refund(paid, 10000)
    for _ in range(2):
        tell(client, stripe.event("charge.refunded", {"id": "ch_1", "payment_intent": paid}))
    tell(client, stripe.event("refund.updated", made))
    assert lines(bob) == [*PAID, ("refund", 10000)]
    assert money.received(bob) == 20000
    assert promised().count("refund_made") == 1


def test_two_dashboard_refunds_are_two(client, stripe, bob, paid):
    stripe.refund(paid, 10000)
    stripe.refund(paid, 10000)
    tell(client, stripe.event("charge.refunded", {"id": "ch_1", "payment_intent": paid}))
    assert money.received(bob) == 10000


def test_news_of_a_refund_before_news_of_the_payment(client, stripe, bob, session):
    stripe.pay(session["id"])
    stripe.refund(session["payment_intent"], 30000)
    charge = {"id": "ch_1", "payment_intent": session["payment_intent"]}
    tell(client, stripe.event("charge.refunded", charge))
    assert lines(bob) == [*PAID, ("refund", 30000)]


def test_a_refund_of_somebody_elses_payment_is_none_of_ours(client, stripe, bob, paid):
    stripe.refund("pi_of_the_shop", 10000)
    charge = {"id": "ch_9", "payment_intent": "pi_of_the_shop"}
    assert tell(client, stripe.event("charge.refunded", charge)).status_code == 200
    assert (
        tell(
            client, stripe.event("charge.refunded", {"id": "ch_9", "payment_intent": None})
        ).status_code
        == 200
    )
    assert lines(bob) == PAID


def test_switch_pay_to_pledge_refund_30000_to_the_card(client, stripe, bob, paid):
    money.release(bob, "Changed to the pledge")
    payments.send_refunds(timezone.now())
    payments.send_refunds(timezone.now())
    (made,) = stripe.refunds.values()
    assert (made["amount"], made["payment_intent"]) == (30000, paid)
    row = Refund.objects.get()
    assert (row.state, row.reference) == ("made", made["id"])
    # The service then reports the hub's own refund, which is known.
    tell(client, stripe.event("charge.refunded", {"id": "ch_1", "payment_intent": paid}))
    assert (money.balance(bob), money.received(bob)) == (0, 0)
    assert promised().count("refund_made") == 1


def test_a_refund_names_nobody(stripe, bob, paid, alice):
    money.refund(bob, 10000, alice, "Bob Brown fell ill")
    payments.send_refunds(timezone.now())
    (_, _, params, _) = stripe.asked[-1]
    assert params == {
        "payment_intent": paid,
        "amount": "10000",
        "metadata[hub_refund]": str(Refund.objects.get().pk),
    }


def test_a_refund_the_hub_forgot_making_is_not_made_twice(stripe, bob, paid, alice):
    """As when the worker dies between the service's answer and the commit."""
    (line,) = money.refund(bob, 30000, alice, "Fell ill")
    stripe.refund(paid, 30000, {"hub_refund": str(line.refund.pk)})
    payments.send_refunds(timezone.now())
    assert len(stripe.refunds) == 1
    assert Refund.objects.get().state == "made"


def test_the_service_reports_our_refund_before_we_know_it_is_made(client, stripe, bob, paid, alice):
    (line,) = money.refund(bob, 30000, alice, "Fell ill")
    stripe.refund(paid, 30000, {"hub_refund": str(line.refund.pk)})
    tell(client, stripe.event("charge.refunded", {"id": "ch_1", "payment_intent": paid}))
    assert lines(bob) == [*PAID, ("refund", 30000)]
    assert Refund.objects.get().state == "made"


def test_a_refund_waits_while_the_service_is_down(stripe, bob, paid, alice):
    money.refund(bob, 30000, alice, "Fell ill")
    stripe.down = True
    payments.send_refunds(timezone.now())
    assert Refund.objects.get().state == "waiting"
    stripe.down = False
    payments.send_refunds(timezone.now())
    assert Refund.objects.get().state == "made"


def test_a_refund_the_service_refuses_is_staffs(stripe, bob, paid, alice):
    money.refund(bob, 30000, alice, "Fell ill")
    stripe.refuses_refunds = True
    payments.send_refunds(timezone.now())
    assert [row.state for row in money.refunds_failed()] == ["failed"]
    assert money.received(bob) == 30000
    assert "refund_made" not in promised()


def test_refund_failed_later_balance_restored(client, stripe, bob, paid, alice):
    money.refund(bob, 30000, alice, "Fell ill")
    payments.send_refunds(timezone.now())
    (made,) = stripe.refunds.values()
    made["status"] = "failed"
    for _ in range(2):
        tell(client, stripe.event("refund.failed", made))
    assert (money.balance(bob), money.received(bob)) == (0, 30000)
    money.refund(bob, 30000, alice, "By check then", by_check=True)
    assert [row.entry.cents for row in money.refunds_to_send()] == [30000]


def test_a_refund_that_failed_can_be_made_to_the_card_again(client, stripe, bob, paid, alice):
    (first,) = money.refund(bob, 30000, alice, "Fell ill")
    money.refund_failed(first, "The card was closed.", alice)
    (second,) = money.refund(bob, 30000, alice, "The card is open again")
    assert second.refund.checkout == first.refund.checkout
    payments.send_refunds(timezone.now())
    assert [made["amount"] for made in stripe.refunds.values()] == [30000]


def test_card_first_then_check(client, stripe, alice):
    registration = RegistrationFactory()
    money.charge(registration)
    payments.record_check(registration, 10000, "1001", alice)
    payments.begin_checkout(registration)
    (session,) = stripe.sessions.values()
    stripe.pay(session["id"])
    tell(client, stripe.event("checkout.session.completed", session))
    money.refund(registration, 15000, alice, "Half")
    money.refund(registration, 15000, alice, "The rest")
    refunds = [(row.entry.cents, bool(row.checkout)) for row in Refund.objects.order_by("pk")]
    assert refunds == [(15000, True), (5000, True), (10000, False)]


def test_dispute_flags_registration(client, stripe, bob, paid):
    dispute = stripe.event("charge.dispute.created", {"id": "dp_1", "payment_intent": paid})
    tell(client, dispute)
    assert [checkout.registration for checkout in payments.disputed()] == [bob]
    assert state(bob) == "confirmed"
    assert lines(bob) == PAID


@pytest.mark.parametrize("work", [payments.send_refunds, payments.settle])
def test_without_keys_the_worker_asks_nobody(stripe, bob, paid, settings, alice, work, clock):
    money.refund(bob, 30000, alice, "Fell ill")
    other = RegistrationFactory()
    money.charge(other)
    payments.begin_checkout(other)
    settings.STRIPE_SECRET_KEY = ""
    asked = len(stripe.asked)
    clock.shift(timedelta(hours=1))
    work(timezone.now())
    assert len(stripe.asked) == asked
