"""The pages of a payment: what somebody sees before, while and after they pay."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from hub import links
from tests.reading import inline_code, text
from tests.trainings.paying import TODAY, RegistrationFactory
from trainings.models import CheckoutSession
from trainings.services import money, payments

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bob():
    registration = RegistrationFactory(email="bob@example.org", name="Bob Brown")
    money.charge(registration)
    return registration


@pytest.fixture
def page(bob):
    """The path of Bob's payment page; "pay/" beside it begins the payment."""
    return payments.payment_page(bob).removeprefix("http://testserver")


@pytest.fixture
def session(stripe, client, page):
    client.post(page.replace("/paid/", "/pay/"))
    return stripe.sessions[CheckoutSession.objects.get().session_id]


def test_what_is_to_pay_and_until_when(client, stripe, page):
    read = text(client.get(page))
    assert "To pay $300" in read
    assert "held until Wednesday, November 25, 2026, 12:00 pm Pacific" in read
    assert "Pay $300 by card" in read


def test_without_keys_the_card_is_absent_not_broken(client, page):
    answer = client.get(page)
    assert "To pay $300" in text(answer)
    assert "<form" not in answer.content.decode()


def test_pay_leads_on_by_a_plain_link(client, stripe, page):
    """`form-action 'self'` would stop a redirect to another site in answer to a form."""
    answer = client.post(page.replace("/paid/", "/pay/"))
    (session,) = stripe.sessions.values()
    assert answer.status_code == 200
    assert f'href="{session["url"]}"' in answer.content.decode()
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert inline_code(answer) == []


def test_looking_does_not_begin_a_payment(client, stripe, page):
    assert client.get(page.replace("/paid/", "/pay/")).url == page
    client.head(page)
    assert stripe.asked == []


def test_the_link_of_the_registration_works_too(client, stripe, bob):
    token = links.make("trainings.registration", bob.pk, bob.nonce)
    answer = client.post(f"/trainings/registration/{token}/pay/")
    assert "Go on to payment" in text(answer)


def test_the_way_back_lets_its_bearer_only_pay(stripe, bob, session):
    """The payment service is given this address, so it must not open the registration."""
    (_, _, params, _) = stripe.asked[0]
    token = params["success_url"].split("/")[-3]
    assert links.read("trainings.registration", token, payments.LONGEST) is None
    assert links.read("trainings.payment", token, payments.LONGEST) == (bob.pk, bob.nonce)


def test_success_page_before_webhook_processing(client, stripe, page, session):
    stripe.pay(session["id"], status="unpaid")
    read = text(client.get(page))
    assert "Your payment is processing." in read
    assert "by card" not in read


def test_success_page_while_the_service_is_down(client, stripe, page, session):
    stripe.pay(session["id"])
    stripe.down = True
    answer = client.get(page)
    assert answer.status_code == 200
    read = text(answer)
    assert "cannot reach our payment service" in read
    assert "your payment is processing" in read


def test_success_page_fulfils(client, stripe, bob, page, session):
    stripe.pay(session["id"])
    for _ in range(2):
        read = text(client.get(page))
        assert "We received $300" in read
        assert "Your seat is confirmed" in read
    assert money.received(bob) == 30000


def test_a_page_left_without_paying_can_be_tried_again(client, stripe, page, session):
    read = text(client.get(page))
    assert "If you have just paid" in read
    assert "Pay $300 by card" in read


def test_a_card_that_was_turned_down_is_not_processing(client, stripe, page, session):
    session["payment_intent"] = "pi_turned_down"
    read = text(client.get(page))
    assert "is processing." not in read
    assert "Pay $300 by card" in read


def test_a_wrong_amount_is_looked_into(client, stripe, page, session):
    stripe.pay(session["id"], amount=1)
    read = text(client.get(page))
    assert "not with the amount or currency we asked for" in read
    assert "by card" not in read


def test_a_failed_payment_can_be_tried_again(client, stripe, page, session):
    CheckoutSession.objects.update(state="failed")
    read = text(client.get(page))
    assert "did not go through" in read
    assert "Pay $300 by card" in read


def test_the_service_is_down_clear_page_nothing_lost(client, stripe, page):
    stripe.down = True
    answer = client.post(page.replace("/paid/", "/pay/"))
    assert answer.status_code == 503
    read = text(answer)
    assert "Nothing is lost" in read
    assert "Pay $300 by card" in read


def test_too_late_to_pay_says_so(client, stripe, bob, page, clock):
    clock.move_to(bob.pay_until)
    answer = client.post(page.replace("/paid/", "/pay/"))
    assert answer.status_code == 409
    assert "The time to pay for this seat has passed." in text(answer)


def test_a_canceled_registration_has_nothing_to_pay(client, stripe, bob, page):
    money.release(bob, "Canceled")
    type(bob).objects.update(state="canceled", canceled_at=timezone.now())
    assert "This registration is canceled" in text(client.get(page))


def test_an_invoice_is_paid_by_check_or_card(client, stripe):
    registration = RegistrationFactory(state="confirmed", method="invoice")
    money.charge(registration)
    read = text(client.get(payments.payment_page(registration)))
    assert "see the invoice in your email" in read
    assert "Pay $300 by card" in read


@pytest.mark.parametrize("what", ["pay", "paid"])
@pytest.mark.parametrize("token", ["foreign", "unsigned", "revoked", "old"])
def test_a_link_that_is_not_good_is_no_page(client, stripe, bob, what, token, clock):
    tokens = {
        "foreign": links.make("calls.sign-up", bob.pk, bob.nonce),
        "unsigned": "nonsense",
        "revoked": links.make("trainings.payment", bob.pk, "another-nonce"),
        "old": links.make("trainings.payment", bob.pk, bob.nonce),
    }
    if token == "old":
        clock.move_to(timezone.now() + timedelta(days=401))
    path = f"/trainings/registration/{tokens[token]}/{what}/"
    bodies = {client.post(path).status_code} if what == "pay" else {client.get(path).status_code}
    assert bodies == {404}


def test_no_page_names_the_person(client, stripe, bob, page, session):
    for answer in (client.get(page), client.post(page.replace("/paid/", "/pay/"))):
        assert bob.name not in text(answer)
        assert bob.email not in text(answer)
