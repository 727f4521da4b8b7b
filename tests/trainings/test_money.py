"""The ledger of a registration, case by case."""

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from hub.refusal import Refused
from tests.trainings.paying import (
    TODAY,
    OfferingFactory,
    RegistrationFactory,
    UserFactory,
    pacific,
    promised,
)
from trainings.models import Entry, OfferingPrice, Refund, WaiverCode
from trainings.services import money

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bob():
    """An attorney with a seat, charged $300 by invoice."""
    registration = RegistrationFactory(state="confirmed", method="invoice")
    money.charge(registration)
    return registration


@pytest.fixture
def alice():
    return UserFactory(email="alice@example.org", is_staff=True)


def check(registration, cents, by=None, number="1001"):
    return money.receive(registration, cents, method="check", reference=number, by=by)


def kinds(registration):
    return list(registration.entries.values_list("kind", "cents"))


def test_a_fee_is_charged_once(bob):
    money.charge(bob)
    assert kinds(bob) == [("charge", 30000)]
    assert money.balance(bob) == 30000
    assert promised() == ["invoice"]


@pytest.mark.parametrize("kind", ["free", "pledge"])
def test_what_costs_nothing_is_not_charged(kind):
    registration = RegistrationFactory(state="confirmed", price_kind=kind)
    money.charge(registration)
    assert kinds(registration) == []
    assert money.balance(registration) == 0


def test_who_pays_by_card_gets_no_invoice_until_they_change_to_a_check():
    registration = RegistrationFactory()
    money.charge(registration)
    assert promised() == []
    registration.method = "invoice"
    registration.save()
    money.charge(registration)
    money.charge(registration)
    assert promised() == ["invoice"]
    assert money.balance(registration) == 30000


def test_price_changed_after_registration_old_snapshot_kept():
    registration = RegistrationFactory()
    OfferingPrice.objects.filter(kind="fee").update(amount_cents=45000)
    money.charge(registration)
    assert money.balance(registration) == 30000


def test_invoice_numbers_tell_nothing_of_order(bob):
    other = RegistrationFactory(method="invoice")
    money.charge(other)
    numbers = [line.reference for line in Entry.objects.all()]
    assert len(set(numbers)) == 2
    assert all(len(number) == len("CAST-") + 8 for number in numbers)


def test_check_recorded_30000_by_staff_a_void_by_staff_b_with_reason(bob, alice):
    line = check(bob, 30000, by=alice)
    assert money.balance(bob) == 0
    betty = UserFactory(email="betty@example.org", is_staff=True)
    taken_back = money.void(line, betty, "It was for another person.")
    assert money.balance(bob) == 30000
    assert (line.by, taken_back.by) == (alice, betty)
    assert taken_back.reason == "It was for another person."


def test_overpay_31000_credit_1000(bob):
    check(bob, 31000)
    assert money.balance(bob) == -1000


def test_bounced_check_reverses_and_the_payer_is_told(bob, alice):
    line = check(bob, 30000)
    money.bounce_check(line, alice, "Insufficient funds")
    assert money.balance(bob) == 30000
    assert money.received(bob) == 0
    assert promised()[-1] == "payment_bounced"


def test_a_check_bounces_once(bob, alice):
    line = check(bob, 30000)
    money.bounce_check(line, alice, "Insufficient funds")
    with pytest.raises(Refused, match="taken back before"):
        money.bounce_check(line, alice, "Again")
    with pytest.raises(Refused, match="taken back before"):
        money.void(line, alice, "Again")
    assert money.balance(bob) == 30000


def test_a_bounce_entered_by_mistake_is_taken_back(bob, alice):
    bounce = money.bounce_check(check(bob, 30000), alice, "Insufficient funds")
    money.void(bounce, alice, "The bank corrected itself.")
    assert (money.balance(bob), money.received(bob)) == (0, 30000)


def test_only_a_check_bounces(bob, alice):
    with pytest.raises(Refused, match="Only a check"):
        money.bounce_check(bob.entries.get(), alice, "Why not")


@pytest.mark.parametrize("verb", [money.void, money.bounce_check])
def test_taking_back_asks_for_a_reason(bob, alice, verb):
    with pytest.raises(Refused, match="Give a reason"):
        verb(check(bob, 30000), alice, " ")


@pytest.mark.parametrize("cents", [0, -1, 1_000_001, 10**10])
def test_no_payment_is_nothing_negative_or_beyond_any_fee(bob, cents):
    with pytest.raises(Refused, match="more than \\$0 and at most \\$10,000"):
        check(bob, cents)


def test_partial_refund_10000_twice_then_10001_refused(bob, alice):
    check(bob, 30000)
    money.refund(bob, 10000, alice, "Came for half a day")
    money.refund(bob, 10000, alice, "Came for half a day")
    with pytest.raises(Refused, match=r"\$100\.01 cannot be refunded: \$100 is left"):
        money.refund(bob, 10001, alice, "Once more")
    assert money.received(bob) == 10000
    money.refund(bob, 10000, alice, "The rest")
    assert money.received(bob) == 0


def test_refund_failed_later_balance_restored(bob, alice):
    check(bob, 30000)
    (line,) = money.refund(bob, 10000, alice, "Left early")
    assert money.balance(bob) == 10000
    money.refund_failed(line, "The check came back.", alice)
    money.refund_failed(line, "The check came back.", alice)
    assert (money.balance(bob), money.received(bob)) == (0, 30000)
    assert [row.entry for row in money.refunds_failed()] == [line]


def test_a_refund_by_check_waits_for_staff_and_is_sent_once(bob, alice):
    check(bob, 30000)
    (line,) = money.refund(bob, 10000, alice, "Left early")
    (waiting,) = money.refunds_to_send()
    assert waiting.entry == line
    money.refund_made(waiting, "check 2002")
    money.refund_made(waiting, "check 2003")
    assert not money.refunds_to_send()
    waiting.refresh_from_db()
    assert waiting.reference == "check 2002"
    assert promised().count("refund_made") == 1


def test_a_failed_refund_is_not_sent_after_all(bob, alice):
    check(bob, 30000)
    (line,) = money.refund(bob, 10000, alice, "Left early")
    money.refund_failed(line, "No address", alice)
    with pytest.raises(Refused, match="enter a new one"):
        money.refund_made(line.refund, "check 2002")


def test_paid_and_later_takes_a_case_staff_may_refund_with_reason(bob, alice):
    check(bob, 30000)
    with pytest.raises(Refused, match="Give a reason"):
        money.refund(bob, 30000, alice, "")
    money.refund(bob, 30000, alice, "Took a case after all")
    assert money.received(bob) == 0


def test_a_refunded_check_cannot_be_taken_back(bob, alice):
    line = check(bob, 30000)
    money.refund(bob, 1, alice, "A cent")
    with pytest.raises(Refused, match="Part of this payment was refunded"):
        money.void(line, alice, "Mistake")


def test_a_refund_is_not_taken_back_but_fails(bob, alice):
    check(bob, 30000)
    (line,) = money.refund(bob, 1, alice, "A cent")
    with pytest.raises(Refused, match="as failed"):
        money.void(line, alice, "Mistake")


def test_release_takes_back_an_unpaid_charge(bob):
    money.release(bob, "Canceled")
    money.release(bob, "Canceled")
    assert kinds(bob) == [("charge", 30000), ("void", -30000)]
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    "paid", [10000, 30000, 31000], ids=["in part", "in full", "more than in full"]
)
def test_cancel_offering_payers_refunded_in_full(bob, alice, paid):
    check(bob, paid)
    money.release(bob, "The training is canceled.", alice)
    assert (money.balance(bob), money.received(bob)) == (0, 0)
    (row,) = money.refunds_to_send()
    assert row.entry.cents == paid
    assert row.entry.by == alice


def test_switch_pay_to_pledge_refund_30000_and_back_a_new_charge(bob):
    check(bob, 30000)
    money.release(bob, "Changed to the pledge.")
    assert [row.entry.cents for row in money.refunds_to_send()] == [30000]
    money.charge(bob)
    assert money.balance(bob) == 30000


def test_the_ledger_is_only_added_to(bob):
    line = bob.entries.get()
    for change in (lambda: Entry.objects.update(cents=1), line.delete):
        with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
            change()
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(cents) FROM trainings_entry")
        assert cursor.fetchone() == (30000,)


# Waiver codes


def waiver(offering, **fields):
    fields = {"code": "KIND-2027", "expires_at": pacific("2027-01-01T00:00")} | fields
    return WaiverCode.objects.create(offering=offering, **fields)


def test_a_waiver_code_pays_the_fee():
    registration = RegistrationFactory(method="waiver")
    code = waiver(registration.offering)
    money.use_waiver(registration, " kind-2027 ")
    money.use_waiver(registration, "KIND-2027")
    assert kinds(registration) == [("charge", 30000), ("waiver", -30000)]
    assert money.received(registration) == 0
    code.refresh_from_db()
    assert (code.used_by, code.used_at) == (registration, timezone.now())
    assert promised() == []


def test_waiver_code_single_use():
    first = RegistrationFactory()
    second = RegistrationFactory(offering=first.offering)
    waiver(first.offering)
    money.use_waiver(first, "KIND-2027")
    with pytest.raises(Refused, match="has been used already"):
        money.use_waiver(second, "KIND-2027")
    assert kinds(second) == []


def test_waiver_code_expired(clock):
    registration = RegistrationFactory()
    waiver(registration.offering)
    clock.move_to(pacific("2027-01-01T00:00"))
    with pytest.raises(Refused, match="has expired"):
        money.use_waiver(registration, "KIND-2027")


def test_waiver_code_wrong_training():
    registration = RegistrationFactory()
    waiver(OfferingFactory())
    with pytest.raises(Refused, match="is for another training"):
        money.use_waiver(registration, "KIND-2027")


@pytest.mark.parametrize("typed", ["", "  ", "KIND-2028", "%", "K_ND-2027"])
def test_waiver_code_unknown(typed):
    registration = RegistrationFactory()
    waiver(registration.offering)
    with pytest.raises(Refused, match="do not know this code"):
        money.use_waiver(registration, typed)


def test_a_second_waiver_code_is_not_used_up():
    registration = RegistrationFactory()
    waiver(registration.offering)
    spare = waiver(registration.offering, code="KIND-2029")
    money.use_waiver(registration, "KIND-2027")
    with pytest.raises(Refused, match="already"):
        money.use_waiver(registration, "KIND-2029")
    spare.refresh_from_db()
    assert spare.used_by is None


def test_a_waiver_pays_what_a_check_left(bob):
    check(bob, 10000)
    waiver(bob.offering)
    money.use_waiver(bob, "KIND-2027")
    assert money.balance(bob) == 0
    money.release(bob, "Canceled")
    assert (money.balance(bob), money.received(bob)) == (0, 0)
    assert [row.entry.cents for row in money.refunds_to_send()] == [10000]
