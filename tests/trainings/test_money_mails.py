"""What each mail about money and pledges looks like, header to content.

The snapshots are read as a person would read them; renew them with --force-regen.
"""

import uuid
from datetime import date

import pytest
import time_machine
from django.utils import timezone

from hub.models import Mail, Organization
from tests.mailbox import deliver
from tests.trainings.paying import (
    TODAY,
    RegistrationFactory,
    UserFactory,
    in_state,
    pacific,
    pledge_text,
    registered,
)
from trainings.for_hub import MAILS
from trainings.models import CheckoutSession
from trainings.services import money, payments, pledges

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(db, monkeypatch):
    monkeypatch.setattr(money, "new_code", lambda: "K7QM2XWD9RTA")
    with time_machine.travel(TODAY, tick=False) as traveller:
        Organization.objects.create(
            id=1, name="Coalition to Abolish Slavery & Trafficking", short_name="CAST"
        )
        pledge_text()
        yield traveller


@pytest.fixture
def alice():
    return UserFactory(email="alice@example.org", is_staff=True)


PERSON = {"email": "bob@example.org", "name": "Bob <b>Brown</b>", "nonce": "bobs-nonce"}


@pytest.fixture
def bob():
    """An attorney with a seat, to pay $300 by check."""
    return RegistrationFactory(
        pk=7001, state="confirmed", method="invoice", organization="Brown & Diaz LLP", **PERSON
    )


@pytest.fixture
def by_card():
    """Bob, with a day to pay by card, and a payment page opened for him."""
    registration = RegistrationFactory(pk=7001, **PERSON)
    money.charge(registration)
    CheckoutSession.objects.create(
        registration=registration, session_id="cs_1", payment_intent="pi_1", amount_cents=30000
    )
    return registration


@pytest.fixture
def pledge():
    return pledges.make(registered(pk=7001, **PERSON), "Bob Brown")


def written(message):
    """A whole message as text: its headers, then each part's headers and content decoded."""
    lines = [f"{name}: {value}" for name, value in message.items() if name != "Content-Type"]
    lines += [f"Content-Type: {message.get_content_type()}"]
    for part in message.iter_parts():
        lines += ["", f"===== {part['Content-Type']}", part.get_content().replace("\r\n", "\n")]
    return "\n".join(lines)


@pytest.fixture
def shown(file_regression):
    """Deliver the one mail of a kind that waits and compare all of it with the snapshot."""

    def check(kind):
        waiting = Mail.objects.filter(sent_at=None, dropped_at=None)
        waiting.exclude(kind=f"trainings.{kind}").delete()
        (mail,) = waiting
        Mail.objects.filter(pk=mail.pk).update(uuid=uuid.UUID(int=1))
        (message,) = deliver()
        file_regression.check(written(message), extension=".eml.txt", encoding="utf-8")

    return check


def pays_by_card(registration, **said):
    session = {
        "id": "cs_1",
        "payment_intent": "pi_1",
        "payment_status": "paid",
        "status": "complete",
        "amount_total": 30000,
        "currency": "usd",
    }
    payments._paid(registration, registration.checkouts.get(), session | said)


def test_invoice(bob, shown):
    money.charge(bob)
    shown("invoice")


def test_invoice_where_a_card_can_be_used(bob, shown, settings):
    settings.STRIPE_SECRET_KEY = settings.STRIPE_WEBHOOK_SECRET = "on"
    money.charge(bob)
    shown("invoice")


def test_payment_received(bob, alice, shown):
    money.charge(bob)
    payments.record_check(bob, 30000, "1001", alice)
    shown("payment_received")


@pytest.mark.parametrize("cents", [10000, 31000], ids=["in part", "too much"])
def test_payment_received_that_is_not_the_amount(bob, alice, shown, cents):
    money.charge(bob)
    payments.record_check(bob, cents, "1001", alice)
    shown("payment_received")


def test_payment_received_by_card(by_card, shown):
    pays_by_card(by_card)
    shown("payment_received")


def test_payment_failed(by_card, shown, monkeypatch):
    unpaid = {"payment_status": "unpaid", "status": "complete", "payment_intent": "pi_1"}
    monkeypatch.setattr(payments, "_retrieve", lambda session_id: unpaid)
    payments._about_session("cs_1", failed=True)()
    shown("payment_failed")


def test_payment_bounced(bob, alice, shown):
    money.charge(bob)
    line = payments.record_check(bob, 30000, "1001", alice)
    money.bounce_check(line, alice, "Insufficient funds: CANARY")
    shown("payment_bounced")


def test_payment_late(by_card, shown):
    money.release(by_card, "Not paid in time")
    pays_by_card(by_card)
    shown("payment_late")


def test_refund_made_by_check(bob, alice, shown):
    money.charge(bob)
    payments.record_check(bob, 30000, "1001", alice)
    (line,) = money.refund(bob, 10000, alice, "CANARY")
    money.refund_made(line.refund, "2002")
    shown("refund_made")


def test_refund_made_to_a_card(by_card, alice, shown):
    pays_by_card(by_card)
    (line,) = money.refund(by_card, 30000, alice, "CANARY")
    money.refund_made(line.refund, "re_1")
    shown("refund_made")


def test_pledge_made(pledge, shown):
    shown("pledge_made")


@pytest.mark.parametrize(
    ("state", "day"),
    [("eligible", "2027-07-29"), ("matched", "2027-10-29"), ("eligible", "2028-01-29")],
    ids=["no case yet", "matched", "due today"],
)
def test_pledge_reminder(pledge, alice, clock, shown, state, day):
    in_state(pledge, state, alice)
    clock.move_to(pacific(f"{day}T09:00"))
    pledges.remind(timezone.now())
    shown("pledge_reminder")


@pytest.mark.parametrize(
    "state",
    [
        "eligible",
        "matched",
        "accepted",
        "fulfilled",
        "extended",
        "waived",
        "released",
        "converted",
        "void",
    ],
)
def test_pledge_changed(pledge, alice, shown, state):
    in_state(pledge, state, alice)
    newest = Mail.objects.filter(kind="trainings.pledge_changed").latest("pk")
    Mail.objects.exclude(pk=newest.pk).delete()
    shown("pledge_changed")


@pytest.mark.parametrize("state", ["matched", "accepted"])
@pytest.mark.parametrize("verb", [pledges.attorney_withdraws, pledges.client_withdraws])
def test_pledge_changed_as_a_case_ends(pledge, alice, shown, state, verb):
    verb(in_state(pledge, state, alice), alice, "CANARY")
    newest = Mail.objects.filter(kind="trainings.pledge_changed").latest("pk")
    Mail.objects.exclude(pk=newest.pk).delete()
    shown("pledge_changed")


# What is no longer true is not sent


def test_no_invoice_for_a_charge_taken_back_or_paid(bob, alice):
    money.charge(bob)
    money.void(bob.entries.get(), alice, "Mistake")
    assert deliver() == []
    money.charge(bob)
    payments.record_check(bob, 30000, "1001", alice)
    assert [message["Subject"] for message in deliver()] == [
        "We received your payment: Pro Bono Attorney Training"
    ]


def test_no_receipt_for_a_payment_taken_back(bob, alice):
    money.charge(bob)
    deliver()
    line = payments.record_check(bob, 30000, "1001", alice)
    money.void(line, alice, "Mistake")
    assert deliver() == []


def test_no_news_of_a_change_that_another_followed(pledge, alice):
    in_state(pledge, "fulfilled", alice)
    assert [message["Subject"] for message in deliver()] == [
        "Your pledge: Pro Bono Attorney Training"
    ]


def test_reasons_stay_in_the_office(bob, alice):
    """What staff write of a change can be about a case, or about somebody's life."""
    money.charge(bob)
    line = payments.record_check(bob, 30000, "1001", alice)
    money.refund_made(money.refund(bob, 1, alice, "CANARY")[0].refund, "2002")
    money.bounce_check(line, alice, "CANARY")
    pledge = pledges.make(registered(offering=bob.offering), "Name")
    in_state(pledge, "matched", alice)
    pledges.extend(pledge, date(2029, 1, 1), alice, "CANARY")
    pledges.convert_to_fee(pledge, alice, "CANARY")
    messages = deliver()
    assert len(messages) > 3
    assert not [message["Subject"] for message in messages if "CANARY" in message.as_string()]


def test_every_kind_of_mail_has_a_snapshot(request):
    """A new kind of mail about money or pledges fails here until it is shown above."""
    stems = {path.name for path in request.path.with_suffix("").iterdir()}
    ours = ("invoice", "payment_", "refund_", "pledge_")
    kinds = [kind.removeprefix("trainings.") for kind in MAILS]
    for kind in filter(lambda kind: kind.startswith(ours), kinds):
        assert any(stem.startswith(f"test_{kind}") for stem in stems), kind
