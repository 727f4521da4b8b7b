"""Cases of price, pledge and payment that take rows from end to end, by the words of the case."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from hub.models import Mail
from hub.refusal import Refused
from tests.mailbox import deliver
from tests.trainings.paying import (
    TODAY,
    OfferingFactory,
    RegistrationFactory,
    UserFactory,
    in_state,
    pacific,
    pledge_text,
    registered,
)
from trainings import pledges as heart
from trainings.models import NewsRequest, OfferingPrice, Pledge, Refund
from trainings.services import interest, money, payments, pledges
from trainings.services import registration as services
from trainings.services.registration import Terms

pytestmark = pytest.mark.django_db

INVOICE = Terms(choice="invoice")


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(TODAY, tick=False) as traveller:
        pledge_text()
        yield traveller


@pytest.fixture
def alice():
    return UserFactory(email="alice@example.org", is_staff=True)


@pytest.fixture
def pledge():
    """Bob's pledge for January 29, 2027, as just made."""
    return pledges.make(registered(email="bob@example.org"), "Bob Brown")


def ledger(registration):
    return list(registration.entries.values_list("kind", "cents"))


# Switching


@pytest.mark.parametrize("state", ["accepted", "fulfilled", "waived", "released", "converted"])
@pytest.mark.parametrize("begun", [False, True], ids=["before training", "after: staff"])
def test_a_pledge_with_its_case_or_at_its_end_is_not_switched_to_the_fee(
    pledge, alice, clock, state, begun
):
    in_state(pledge, state, alice)
    before = ledger(pledge.registration)
    if begun:
        clock.move_to(pacific("2027-02-10T12:00"))
    with pytest.raises(Refused, match="has its case or has ended"):
        services.switch_price(pledge.registration.pk, INVOICE, by=alice)
    pledge.refresh_from_db()
    row = pledge.registration
    assert (pledge.state, row.price_kind, ledger(row)) == (state, "pledge", before)


@pytest.mark.parametrize("state", ["made", "eligible", "matched", "extended"])
def test_switch_pledge_to_pay_before_a_case_is_accepted_pledge_void_charge(pledge, alice, state):
    if state == "matched":
        pledges.match(in_state(pledge, "eligible", alice), alice)
    else:
        in_state(pledge, state, alice)
    services.switch_price(pledge.registration.pk, INVOICE, by=alice)
    pledge.refresh_from_db()
    assert (pledge.state, ledger(pledge.registration)) == ("void", [("charge", 30000)])


# Paid and a case


def test_paid_and_later_takes_a_case_no_automatic_refund(alice):
    """Of one training the fee, of another the pledge: the case keeps the pledge only."""
    paid = RegistrationFactory(email="bob@example.org", state="confirmed", method="invoice")
    money.charge(paid)
    payments.record_check(paid, 30000, "1001", alice)
    other = pledges.make(
        registered(email="bob@example.org", offering=OfferingFactory(day="2027-02-05")), "Bob Brown"
    )
    in_state(other, "fulfilled", alice)
    assert ledger(paid) == [("charge", 30000), ("payment", -30000)]
    assert not Refund.objects.exists()
    money.refund(paid, 30000, alice, "Took a case after all")
    assert Refund.objects.get().entry.cents == 30000


def test_converted_paid_and_later_takes_a_case_no_automatic_refund(pledge, alice):
    in_state(pledge, "converted", alice)
    payments.record_check(pledge.registration, 30000, "1001", alice)
    with pytest.raises(Refused, match="no pledge that waits"):
        pledges.match_attorney("bob@example.org", alice)
    assert ledger(pledge.registration) == [("charge", 30000), ("payment", -30000)]
    assert not Refund.objects.exists()


# Checks


def test_converted_and_overpaid_31000_credit_1000_then_the_check_bounces(pledge, alice):
    in_state(pledge, "converted", alice)
    bob = pledge.registration
    line = payments.record_check(bob, 31000, "1001", alice)
    assert money.balance(bob) == -1000
    money.bounce_check(line, alice, "No funds")
    assert (money.balance(bob), money.received(bob)) == (30000, 0)


# Prices


@pytest.mark.parametrize("change", ["raised", "taken off"])
def test_price_changed_after_registration_old_snapshot_kept_to_the_payment(alice, change):
    bob = RegistrationFactory(method="invoice")
    fee = OfferingPrice.objects.filter(offering=bob.offering, kind="fee")
    if change == "raised":
        fee.update(amount_cents=45000)
    else:
        fee.delete()
    money.charge(bob)
    payments.record_check(bob, 30000, "1001", alice)
    bob.refresh_from_db()
    assert (bob.state, bob.price_cents, money.balance(bob)) == ("confirmed", 30000, 0)


# A firm


def test_firm_pledge_of_2_cases_for_5_attendees_progress_1_of_2_state_derived(alice):
    offering = OfferingFactory()
    made = [
        pledges.make(registered(offering=offering, organization="Stone LLP"), "Stone LLP")
        for _ in range(5)
    ]
    in_state(made[0], "fulfilled", alice)
    in_state(made[1], "eligible", alice)
    pledges.match(made[1], alice)
    firm = Pledge.objects.filter(registration__organization="Stone LLP")
    cases = firm.filter(state__in=["matched", "accepted", "fulfilled"])
    progress = heart.firm_progress(2, list(cases.values_list("state", flat=True)))
    assert (firm.count(), str(progress), progress.state) == (5, "1/2", "matched")
    pledges.accept(made[1], alice)
    pledges.fulfil(made[1], alice)
    progress = heart.firm_progress(2, list(cases.values_list("state", flat=True)))
    assert (str(progress), progress.state) == ("2/2", "fulfilled")


# Reminders


def reminders_sent(clock, day):
    """How many go out on a day on which the worker looks twice; nothing else waits."""
    clock.move_to(pacific(f"{day}T09:00"))
    pledges.remind(timezone.now())
    pledges.remind(timezone.now() + timedelta(minutes=5))
    return len(deliver())


DAYS = ["2027-02-28", "2027-07-29", "2027-10-29", "2027-12-29", "2028-01-29"]


@pytest.mark.parametrize("way", ["leave", "delete"])
def test_unsubscribe_from_marketing_never_stops_reminders_once_each(pledge, alice, clock, way):
    in_state(pledge, "eligible", alice)
    wish = NewsRequest.objects.create(email="bob@example.org", state="active")
    if way == "leave":
        interest.leave(wish.pk)
    else:
        assert interest.delete_address("bob@example.org") == 1
    deliver()
    assert [reminders_sent(clock, day) for day in DAYS] == [1, 1, 1, 1, 1]
    assert not Mail.objects.filter(kind="trainings.pledge_reminder", sent_at=None).exists()


@pytest.mark.parametrize("state", ["fulfilled", "released", "waived"])
def test_no_reminder_is_delivered_after(pledge, alice, clock, state):
    in_state(pledge, state, alice)
    deliver()
    assert [reminders_sent(clock, day) for day in DAYS] == [0, 0, 0, 0, 0]
