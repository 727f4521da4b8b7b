"""How money arrives: checks, cards, webhooks. The real client asks a service on this machine."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from hub.refusal import Refused
from tests.trainings.paying import TODAY, RegistrationFactory, UserFactory, promised
from tests.trainings.stripe_fake import tell
from trainings.models import CheckoutSession, Entry, PaymentEvent, Refund, WaiverCode
from trainings.services import money, payments

pytestmark = pytest.mark.django_db


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


PAID = [("charge", 30000), ("payment", -30000)]


# Checks


def test_a_full_check_confirms_who_awaits_payment(bob, alice):
    line = payments.record_check(bob, 30000, " 1001 ", alice)
    assert state(bob) == "confirmed"
    assert (line.method, line.reference, line.by) == ("check", "1001", alice)
    assert promised().count("payment_received") == 1


def test_a_check_for_a_part_confirms_nothing(bob, alice):
    payments.record_check(bob, 10000, "1001", alice)
    assert state(bob) == "awaiting_payment"
    payments.record_check(bob, 20000, "1002", alice)
    assert state(bob) == "confirmed"


@pytest.mark.parametrize("was", ["confirmed", "canceled"])
def test_a_check_confirms_nothing_by_itself(alice, was, monkeypatch):
    registration = RegistrationFactory(state=was, method="invoice")
    money.charge(registration)
    asked = []
    monkeypatch.setattr(payments.registration, "paid", asked.append)
    payments.record_check(registration, 30000, "1001", alice)
    assert state(registration) == was
    assert asked == []


def test_the_same_check_is_entered_once(bob, alice):
    line = payments.record_check(bob, 10000, "1001", alice)
    with pytest.raises(Refused, match="Check 1001 is entered already"):
        payments.record_check(bob, 10000, "1001", alice)
    money.void(line, alice, "Wrong amount")
    payments.record_check(bob, 30000, "1001", alice)
    assert money.balance(bob) == 0


def test_a_check_has_a_number(bob, alice):
    with pytest.raises(Refused, match="number of the check"):
        payments.record_check(bob, 10000, " ", alice)


# Beginning to pay


def test_no_key_set_no_payment_by_card(bob):
    assert not money.card_enabled()
    with pytest.raises(Refused, match="You can pay by check"):
        payments.begin_checkout(bob)


@pytest.mark.parametrize("missing", ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
def test_one_key_is_not_enough(stripe, settings, missing):
    setattr(settings, missing, "")
    assert not money.card_enabled()


def test_pay_300_dollars_30000_cents(stripe, bob, session):
    assert (session["amount_total"], session["currency"]) == (30000, "usd")
    assert session["client_reference_id"] == str(bob.pk)
    checkout = CheckoutSession.objects.get()
    assert (checkout.registration, checkout.amount_cents) == (bob, 30000)
    assert state(bob) == "awaiting_payment"


def test_the_service_is_told_nothing_of_the_person(stripe, bob, session):
    (_, _, params, _) = stripe.asked[0]
    said = " ".join(params.values())
    assert not {name for name in params if "metadata" in name or "email" in name}
    for secret in (bob.name, bob.email, bob.organization or "-none-", bob.nonce):
        assert secret not in said


@pytest.mark.parametrize(
    ("hours", "expires_in"),
    [(300, None), (24, None), (5, timedelta(hours=5)), (0.1, timedelta(minutes=31))],
    ids=["two weeks: a day", "a day", "five hours", "the least the service allows"],
)
def test_a_payment_page_ends_with_the_seat(stripe, bob, hours, expires_in):
    bob.pay_until = timezone.now() + timedelta(hours=hours)
    bob.save()
    payments.begin_checkout(bob)
    (_, _, params, _) = stripe.asked[0]
    expected = expires_in and str(int((TODAY + expires_in).timestamp()))
    assert params.get("expires_at") == expected


def test_who_asks_twice_gets_the_same_page(stripe, bob, session):
    assert payments.begin_checkout(bob) == session["url"]
    assert len(stripe.sessions) == CheckoutSession.objects.count() == 1


def test_a_new_page_follows_one_that_ran_out(stripe, bob, session):
    stripe.expire(session["id"])
    assert payments.begin_checkout(bob) != session["url"]
    assert list(CheckoutSession.objects.order_by("pk").values_list("state", flat=True)) == [
        "expired",
        "open",
    ]


def test_a_page_for_another_amount_is_closed(stripe, bob, alice, session):
    payments.record_check(bob, 10000, "1001", alice)
    payments.begin_checkout(bob)
    assert session["status"] == "expired"
    assert [one["amount_total"] for one in stripe.sessions.values()] == [30000, 20000]


def test_who_has_paid_is_not_asked_again(stripe, bob, session):
    stripe.pay(session["id"])
    with pytest.raises(Refused, match="no need to pay again"):
        payments.begin_checkout(bob)


def test_nothing_to_pay(stripe, bob, alice):
    payments.record_check(bob, 30000, "1001", alice)
    with pytest.raises(Refused, match="nothing to pay"):
        payments.begin_checkout(bob)


def test_too_late_to_pay(stripe, bob, clock):
    clock.move_to(bob.pay_until)
    with pytest.raises(Refused, match="time to pay for this seat has passed"):
        payments.begin_checkout(bob)


def test_the_service_is_down_and_nothing_is_lost(stripe, bob):
    stripe.down = True
    with pytest.raises(payments.Unreachable):
        payments.begin_checkout(bob)
    assert not CheckoutSession.objects.exists()
    assert state(bob) == "awaiting_payment"
    stripe.down = False
    assert payments.begin_checkout(bob).startswith("https://checkout.stripe.com/")


def test_a_page_whose_making_we_forgot_is_the_same_page(stripe, bob):
    """As when the process dies between the service's answer and our commit."""
    first = payments.begin_checkout(bob)
    CheckoutSession.objects.all().delete()
    assert payments.begin_checkout(bob) == first


# Being told


def test_pending_until_webhook(client, stripe, bob, session):
    stripe.pay(session["id"])
    assert state(bob) == "awaiting_payment"
    answer = tell(client, stripe.event("checkout.session.completed", session))
    assert answer.status_code == 200
    assert state(bob) == "confirmed"
    assert lines(bob) == PAID
    assert promised().count("payment_received") == 1


def test_webhook_first_idempotent(client, stripe, bob, session):
    stripe.pay(session["id"])
    tell(client, stripe.event("checkout.session.completed", session))
    payments.look_up(bob)
    payments.fulfil(session["id"])
    assert lines(bob) == PAID
    assert promised().count("payment_received") == 1


def test_same_event_twice_one_payment(client, stripe, bob, session):
    stripe.pay(session["id"])
    event = stripe.event("checkout.session.completed", session)
    assert [tell(client, event).status_code for _ in range(2)] == [200, 200]
    assert lines(bob) == PAID
    assert PaymentEvent.objects.count() == 1


def test_events_out_of_order_expired_after_completed_ignored(client, stripe, bob, session):
    early = stripe.event("checkout.session.expired", session)
    stripe.pay(session["id"])
    tell(client, stripe.event("checkout.session.completed", session))
    tell(client, early)
    assert CheckoutSession.objects.get().state == "paid"
    assert state(bob) == "confirmed"


@pytest.mark.parametrize(
    "paid",
    [{"amount": 29999}, {"amount": 30001}, {"currency": "eur"}, {"amount": 0}],
    ids=["too little", "too much", "euros", "nothing"],
)
def test_paid_amount_or_currency_not_the_ledgers_not_confirmed_staff_alert(
    client, stripe, bob, session, paid
):
    stripe.pay(session["id"], **paid)
    assert tell(client, stripe.event("checkout.session.completed", session)).status_code == 200
    assert state(bob) == "awaiting_payment"
    assert lines(bob) == [("charge", 30000)]
    assert [checkout.registration for checkout in payments.wrong()] == [bob]


def test_payment_status_unpaid_on_completed_still_pending(client, stripe, bob, session):
    stripe.pay(session["id"], status="unpaid")
    tell(client, stripe.event("checkout.session.completed", session))
    assert state(bob) == "awaiting_payment"
    assert CheckoutSession.objects.get().state == "open"
    stripe.pay(session["id"])
    tell(client, stripe.event("checkout.session.async_payment_succeeded", session))
    assert state(bob) == "confirmed"


def test_a_payment_that_fails_later_is_told_and_can_be_tried_again(client, stripe, bob, session):
    stripe.pay(session["id"], status="unpaid")
    tell(client, stripe.event("checkout.session.completed", session))
    tell(client, stripe.event("checkout.session.async_payment_failed", session))
    assert state(bob) == "awaiting_payment"
    assert CheckoutSession.objects.get().state == "failed"
    assert promised() == ["payment_failed"]
    assert payments.begin_checkout(bob) != session["url"]


def test_session_expired_leaves_the_seat_to_its_deadline(client, stripe, bob, session):
    stripe.expire(session["id"])
    tell(client, stripe.event("checkout.session.expired", session))
    assert CheckoutSession.objects.get().state == "expired"
    assert lines(bob) == [("charge", 30000)]


def test_paying_an_old_session_after_the_seat_went_refund_queue(client, stripe, bob, session):
    money.release(bob, "Not paid in time")
    type(bob).objects.update(state="canceled", canceled_at=timezone.now())
    stripe.pay(session["id"])
    tell(client, stripe.event("checkout.session.completed", session))
    assert state(bob) == "canceled"
    row = Refund.objects.get()
    assert (row.entry.cents, row.state, row.checkout) == (
        30000,
        "waiting",
        CheckoutSession.objects.get(),
    )
    assert money.balance(bob) == 0
    assert promised() == ["payment_late"]


def test_paid_by_check_and_card_the_second_goes_back(client, stripe, bob, alice, session):
    payments.record_check(bob, 30000, "1001", alice)
    stripe.pay(session["id"])
    tell(client, stripe.event("checkout.session.completed", session))
    assert state(bob) == "confirmed"
    assert Refund.objects.get().checkout is not None
    assert (money.balance(bob), money.received(bob)) == (0, 30000)


def test_who_owes_later_can_pay_by_card_too(client, stripe):
    """An invoice, or a pledge converted to the fee: confirmed long ago, and owing."""
    registration = RegistrationFactory(state="confirmed", method="invoice")
    money.charge(registration)
    payments.begin_checkout(registration)
    (session,) = stripe.sessions.values()
    stripe.pay(session["id"])
    tell(client, stripe.event("checkout.session.completed", session))
    assert money.balance(registration) == 0
    assert not Refund.objects.exists()


@pytest.mark.parametrize("secret", ["whsec_of_somebody_else", ""])
def test_wrong_signature_400(client, stripe, bob, session, secret):
    stripe.pay(session["id"])
    answer = tell(client, stripe.event("checkout.session.completed", session), secret=secret)
    assert answer.status_code == 400
    assert state(bob) == "awaiting_payment"
    assert not PaymentEvent.objects.exists()


def test_a_signature_of_long_ago_400(client, stripe, bob, session):
    stripe.pay(session["id"])
    event = stripe.event("checkout.session.completed", session)
    old = int(TODAY.timestamp()) - 301
    assert tell(client, event, at=old).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"null", b'{"id": 1}'])
def test_what_is_not_a_signed_message_400(client, stripe, body):
    for headers in ({}, {"Stripe-Signature": "t=1,v1=00"}, {"Stripe-Signature": "nonsense"}):
        answer = client.post(
            "/trainings/payments/webhook/",
            data=body,
            content_type="application/json",
            headers=headers,
        )
        assert answer.status_code == 400


def test_the_service_has_no_form_token(stripe):
    careful = Client(enforce_csrf_checks=True)
    assert tell(careful, stripe.event("customer.created", {"id": "cus_1"})).status_code == 200


def test_unknown_event_200(client, stripe):
    assert tell(client, stripe.event("customer.created", {"id": "cus_1"})).status_code == 200
    assert not PaymentEvent.objects.exists()


def test_sessions_of_others_at_the_same_service_200(client, stripe, bob):
    theirs = {"id": "cs_of_the_shop", "client_reference_id": str(bob.pk)}
    assert tell(client, stripe.event("checkout.session.completed", theirs)).status_code == 200
    assert state(bob) == "awaiting_payment"


def test_no_webhook_without_keys_404(client):
    assert tell(client, {"id": "evt_1"}).status_code == 404


def test_get_is_no_message_405(client, stripe):
    assert client.get("/trainings/payments/webhook/").status_code == 405


def test_the_service_goes_down_while_telling_and_tells_again(client, stripe, bob, session):
    stripe.pay(session["id"])
    event = stripe.event("checkout.session.completed", session)
    stripe.down = True
    assert tell(client, event).status_code == 503
    assert not PaymentEvent.objects.exists()
    stripe.down = False
    assert tell(client, event).status_code == 200
    assert state(bob) == "confirmed"


# The worker


def test_a_payment_of_which_no_news_came_is_found(stripe, bob, session, clock):
    stripe.pay(session["id"])
    payments.settle(timezone.now())
    assert state(bob) == "awaiting_payment"
    clock.shift(timedelta(hours=1))
    payments.settle(timezone.now())
    assert state(bob) == "confirmed"


def test_a_page_nobody_should_pay_any_more_is_closed(stripe, bob, session, clock):
    WaiverCode.objects.create(
        offering=bob.offering, code="KIND", expires_at=timezone.now() + timedelta(days=1)
    )
    money.use_waiver(bob, "KIND")
    clock.shift(timedelta(hours=1))
    payments.settle(timezone.now())
    assert session["status"] == "expired"
    assert CheckoutSession.objects.get().state == "expired"


def test_the_worker_goes_on_when_the_service_is_down(stripe, bob, session, clock):
    stripe.down = True
    clock.shift(timedelta(hours=1))
    payments.settle(timezone.now())
    assert CheckoutSession.objects.get().state == "open"


def test_no_log_line_holds_anything_of_a_person_or_payment(client, stripe, bob, session, caplog):
    caplog.set_level(logging.INFO)
    stripe.pay(session["id"], amount=1)
    tell(client, stripe.event("checkout.session.completed", session))
    stripe.down = True
    with pytest.raises(payments.Unreachable):
        payments.fulfil(session["id"])
    assert "another amount" in caplog.text
    for secret in (bob.name, bob.email, session["id"], session["payment_intent"]):
        assert secret not in caplog.text
    assert Entry.objects.count() == 1
