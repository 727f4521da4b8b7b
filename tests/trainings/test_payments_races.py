"""Two at once, with real threads and real commits."""

import threading

import pytest
from django.db import connection, connections
from django.test import Client

from hub.refusal import Refused
from tests.trainings.paying import RegistrationFactory, pacific
from tests.trainings.stripe_fake import tell
from trainings.models import CheckoutSession, Entry, PaymentEvent, Refund, WaiverCode
from trainings.services import money, payments

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def content_version(transactional_db):
    """The row a migration wrote, which the end of a committing test takes away."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO hub_contentversion (id, number, changed_at, transaction) VALUES"
            " (1, 1, date_trunc('second', clock_timestamp()), '') ON CONFLICT DO NOTHING"
        )


def at_once(*works):
    """Run all of them together; what each returned or raised."""
    start = threading.Barrier(len(works))
    outcomes = [None] * len(works)

    def run(place, work):
        start.wait()
        try:
            outcomes[place] = work()
        except Exception as error:
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_waiver_code_single_use_under_concurrency():
    first = RegistrationFactory()
    people = [first] + [RegistrationFactory(offering=first.offering) for _ in range(7)]
    WaiverCode.objects.create(
        offering=first.offering, code="KIND", expires_at=pacific("2099-01-01T00:00")
    )
    outcomes = at_once(*[lambda who=who: money.use_waiver(who, "KIND") for who in people])
    refused = [outcome for outcome in outcomes if outcome is not None]
    assert len(refused) == 7
    assert {str(refusal) for refusal in refused} == {"This code has been used already."}
    assert all(isinstance(refusal, Refused) for refusal in refused)
    assert Entry.objects.filter(kind="waiver").count() == 1


def test_one_person_with_two_waiver_codes_at_once_uses_one():
    registration = RegistrationFactory()
    codes = ["KIND", "KINDER", "KINDEST"]
    for code in codes:
        WaiverCode.objects.create(
            offering=registration.offering, code=code, expires_at=pacific("2099-01-01T00:00")
        )
    outcomes = at_once(*[lambda code=code: money.use_waiver(registration, code) for code in codes])
    refused = [outcome for outcome in outcomes if outcome is not None]
    assert [type(refusal) for refusal in refused] == [Refused, Refused]
    assert WaiverCode.objects.exclude(used_at=None).count() == 1


@pytest.fixture
def paid(stripe):
    """A registration whose payment page has been paid, and nobody told the hub."""
    registration = RegistrationFactory()
    money.charge(registration)
    payments.begin_checkout(registration)
    (session,) = stripe.sessions.values()
    return registration, stripe.pay(session["id"])


def test_the_same_webhook_twice_at_once_one_payment(stripe, paid):
    registration, session = paid
    event = stripe.event("checkout.session.completed", session)
    answers = at_once(*[lambda: tell(Client(), event).status_code] * 4)
    assert answers == [200] * 4
    assert Entry.objects.filter(kind="payment").count() == 1
    assert PaymentEvent.objects.count() == 1
    assert registration.events.filter(state="confirmed").count() == 1


def test_two_webhooks_and_the_success_page_at_once_one_payment(stripe, paid):
    registration, session = paid
    page = payments.payment_page(registration)
    kinds = ["checkout.session.completed", "checkout.session.async_payment_succeeded"]
    events = [stripe.event(kind, session) for kind in kinds]
    answers = at_once(
        *[lambda event=event: tell(Client(), event).status_code for event in events],
        lambda: Client().get(page).status_code,
    )
    assert answers == [200] * 3
    assert Entry.objects.filter(kind="payment").count() == 1
    assert registration.events.filter(state="confirmed").count() == 1


def test_two_clicks_at_once_one_payment_page(stripe):
    registration = RegistrationFactory()
    money.charge(registration)
    addresses = at_once(*[lambda: payments.begin_checkout(registration)] * 4)
    assert len(set(addresses)) == 1
    assert CheckoutSession.objects.count() == len(stripe.sessions) == 1


def test_two_refunds_at_once_never_beyond_what_was_paid(stripe, paid):
    registration, session = paid
    payments.fulfil(session["id"])
    at_once(*[lambda: money.refund(registration, 20000, None, "Left early")] * 2)
    assert money.received(registration) == 10000
    assert Refund.objects.count() == 1
