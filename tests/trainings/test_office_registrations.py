"""What staff do with a registration in the back office, and what becomes of the ledger."""

import pytest
from django.contrib.admin.models import LogEntry

from hub.models import Mail
from tests.reading import inline_code, text
from tests.trainings.cast import charged, history, make_person, promised
from tests.trainings.making import address
from tests.trainings.paying import promised as promised_kinds
from trainings.models import Entry, Pledge, Refund, WaiverCode
from trainings.services import money, payments


def do(verb, row):
    return address("registration_verb", row.pk, verb)


def lines(registration):
    """The ledger: (kind, cents) in order."""
    return list(registration.entries.values_list("kind", "cents"))


def tools(client, row):
    return [
        button for _, button in client.get(address("registration_change", row.pk)).context["tools"]
    ]


@pytest.fixture
def alice(back_office, django_user_model):
    return django_user_model.objects.get(email="alice@example.org")


@pytest.fixture
def payer(offering, back_office):
    """Confirmed against an invoice of $300 that is not paid."""
    return make_person(offering, "paula", choice="invoice")


@pytest.fixture
def paid(payer, alice):
    payments.record_check(payer, 30000, "77", alice)
    return payer


def test_the_page_offers_what_the_state_allows(back_office, offering, payer):
    always = "End mailed links"
    assert tools(back_office, payer) == [
        "Cancel the registration",
        "Record a check",
        "Send the invoice again",
        "Switch to the pledge",
        "Pay another way",
        always,
    ]
    pledged = make_person(offering, "bob")
    assert tools(back_office, pledged) == [
        "Cancel the registration",
        "Record a check",
        "Switch to the fee",
        always,
    ]
    assert tools(back_office, make_person(offering, "dan", "unconfirmed")) == [always]
    gone = make_person(offering, "eve", "canceled", "invoice")
    assert tools(back_office, gone) == ["Record a check", always]
    Pledge.objects.filter(registration=pledged).update(state="accepted")
    assert "Switch to the fee" not in tools(back_office, pledged)


def test_the_page_tells_balance_ledger_pledge_and_history(back_office, offering, paid):
    paid.events.create(state="confirmed", reason="By phone.")
    page = back_office.get(address("registration_change", paid.pk))
    assert inline_code(page) == []
    said = text(page)
    assert "Owes: $0" in said
    assert "Can be refunded: $300" in said
    assert "-$300 check 77" in said
    assert "By phone." in said
    pledged = make_person(offering, "bob")
    page = back_office.get(address("registration_change", pledged.pk))
    assert "Made, signed as Bob Brown" in text(page)
    assert address("pledge_change", pledged.pledge.pk) in page.content.decode()


# Cancel


def test_canceling_needs_a_reason_and_tells_it(back_office, paid):
    page = back_office.get(do("cancel", paid))
    assert "what they paid goes to the refunds" in text(page)
    assert inline_code(page) == []
    assert "Give a reason" in text(back_office.post(do("cancel", paid), {"reason": " "}))
    paid.refresh_from_db()
    assert paid.state == "confirmed"
    answer = back_office.post(do("cancel", paid), {"reason": "The room is shut."}, follow=True)
    assert "Canceled. Paula Brown is told with your reason" in text(answer)
    paid.refresh_from_db()
    assert paid.state == "canceled"
    last = paid.events.last()
    assert (last.reason, last.by.email) == ("The room is shut.", "alice@example.org")
    assert lines(paid)[-2:] == [("void", -30000), ("refund", 30000)]
    assert money.balance(paid) == 0
    assert [kind for kind, *_ in promised()] == ["trainings.canceled"]
    log = LogEntry.objects.get()
    assert (log.object_id, log.get_change_message()) == (str(paid.pk), "Cancel the registration.")


# Checks


def test_a_check_is_entered_in_dollars_and_kept_in_cents(back_office, payer):
    page = back_office.get(do("check", payer))
    assert 'value="300.00"' in page.content.decode(), "what they owe"
    answer = back_office.post(do("check", payer), {"cents": "$299.50", "number": "12"}, follow=True)
    assert "Entered $299.50: $0.50 is still owed. Paula Brown is told." in text(answer)
    assert lines(payer) == [("charge", 30000), ("payment", -29950)]
    assert payer.entries.last().by.email == "alice@example.org"
    again = back_office.post(do("check", payer), {"cents": "299.50", "number": "12"})
    assert "Check 12 is entered already." in text(again)
    assert money.balance(payer) == 50
    answer = back_office.post(do("check", payer), {"cents": "1", "number": "13"}, follow=True)
    assert "$0.50 is a credit of theirs" in text(answer)


def test_a_check_confirms_a_seat_that_waits_for_it(back_office, offering):
    waiting = make_person(offering, "wanda", "awaiting_payment", "card")
    sent = {"cents": "300", "number": "5"}
    answer = back_office.post(do("check", waiting), sent, follow=True)
    assert "nothing is owed. Wanda Brown is told. State: confirmed." in text(answer)
    waiting.refresh_from_db()
    assert waiting.state == "confirmed"


@pytest.mark.parametrize("verb", ["check", "refund"])
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "This field is required."),
        ("-5", "An amount is never negative."),
        ("0", "An amount is more than $0."),
        ("0.00", "An amount is more than $0."),
        ("1234567890", "An amount is at most $10,000."),
        ("10000.01", "An amount is at most $10,000."),
        ("9" * 5000, "An amount is at most $10,000."),
        ("abc", "Enter an amount in dollars, such as 300 or 299.50."),
        ("1e3", "Enter an amount in dollars, such as 300 or 299.50."),
        ("3,00", "Enter an amount in dollars, such as 300 or 299.50."),
        ("3.001", "Enter an amount in dollars, such as 300 or 299.50."),
        ("٣٠", "Enter an amount in dollars, such as 300 or 299.50."),
    ],
)
def test_an_amount_that_is_none_is_explained(back_office, paid, verb, typed, sentence):
    before = lines(paid)
    sent = {"cents": typed, "number": "8", "reason": "Ill", "left": "30000"}
    answer = back_office.post(do(verb, paid), sent)
    assert answer.status_code == 200
    assert sentence in text(answer)
    assert lines(paid) == before


def test_an_amount_with_a_comma_is_read(back_office, payer):
    back_office.post(do("check", payer), {"cents": "1,250.50", "number": "1"})
    assert lines(payer)[-1] == ("payment", -125050)


# Refunds


def test_a_refund_is_at_first_all_that_can_be(back_office, paid):
    page = back_office.get(do("refund", paid))
    assert 'value="300.00"' in page.content.decode()
    assert "$300 at most" in text(page)
    sent = {"cents": "300.01", "reason": "Ill", "left": "30000"}
    assert "$300.01 cannot be refunded: $300 is left." in text(
        back_office.post(do("refund", paid), sent)
    )
    assert "Give a reason" in text(back_office.post(do("refund", paid), sent | {"reason": ""}))
    sent |= {"cents": "100"}
    answer = back_office.post(do("refund", paid), sent, follow=True)
    assert "Send a check for $100: it waits under Refunds." in text(answer)
    assert lines(paid)[-1] == ("refund", 10000)
    assert (money.balance(paid), money.received(paid)) == (10000, 20000)
    row = Refund.objects.get()
    assert (row.state, row.checkout, row.entry.reason) == ("waiting", None, "Ill")


def test_a_refund_sent_twice_is_made_once(back_office, paid):
    sent = {"cents": "100", "reason": "Ill", "left": "30000"}
    back_office.post(do("refund", paid), sent)
    again = text(back_office.post(do("refund", paid), sent))
    assert "Money has moved since this page was opened: $200 can be refunded now." in again
    assert Refund.objects.count() == 1


def test_a_refund_to_a_card_unless_staff_send_a_check(back_office, offering):
    payer = make_person(offering, "carol", choice="card")
    payer.checkouts.create(session_id="cs_1", amount_cents=30000, state="paid")
    money.receive(payer, 30000, method="card", reference="pi_1")
    sent = {"cents": "100", "reason": "Ill", "left": "30000"}
    answer = back_office.post(do("refund", payer), sent, follow=True)
    assert "$100 goes back to their card by itself." in text(answer)
    sent |= {"left": "20000", "by_check": "on"}
    back_office.post(do("refund", payer), sent)
    assert list(Refund.objects.order_by("pk").values_list("checkout__session_id", flat=True)) == [
        "cs_1",
        None,
    ]


def test_there_is_nothing_to_refund_where_nothing_came(back_office, payer):
    answer = back_office.get(do("refund", payer), follow=True)
    assert "“Refund” is not possible any more." in text(answer)
    sent = {"cents": "1", "reason": "x", "left": "0"}
    answer = back_office.post(do("refund", payer), sent)
    assert "$1 cannot be refunded: $0 is left." in text(answer)


# The invoice


def test_the_invoice_goes_out_again_but_not_twice_at_once(back_office, payer):
    invoices = Mail.objects.filter(kind="trainings.invoice", subject_id=payer.pk)
    back_office.post(do("invoice", payer))
    assert invoices.count() == 1, "the first still waits"
    invoices.update(sent_at=payer.created_at)
    answer = back_office.post(do("invoice", payer), follow=True)
    assert "The invoice is mailed to Paula Brown again." in text(answer)
    back_office.post(do("invoice", payer))
    assert list(invoices.order_by("pk").values_list("version", "about_id")) == [
        (0, payer.entries.get().pk),
        (1, payer.entries.get().pk),
    ]


def test_no_invoice_where_nothing_is_owed(back_office, paid):
    answer = back_office.post(do("invoice", paid))
    assert "Nothing is owed, so there is no invoice to send." in text(answer)


# Terms


def test_from_the_fee_to_the_pledge(back_office, paid):
    assert "Enter the name they signed" in text(
        back_office.post(do("pledge", paid), {"pledge_name": ""})
    )
    sent = {"pledge_name": "Paula Brown"}
    answer = back_office.post(do("pledge", paid), sent, follow=True)
    assert "takes part for a pledge now and is told" in text(answer)
    paid.refresh_from_db()
    assert (paid.state, paid.price_kind, paid.pledge.signed_name) == (
        "confirmed",
        "pledge",
        "Paula Brown",
    )
    assert (charged(paid), money.balance(paid), money.received(paid)) == (0, 0, 0)
    assert list(Refund.objects.values_list("entry__cents", "state")) == [(30000, "waiting")]
    assert paid.events.last().by.email == "alice@example.org"


def test_from_the_pledge_to_the_fee(back_office, offering):
    bob = make_person(offering, "bob")
    page = back_office.get(do("fee", bob))
    assert 'value="card"' not in page.content.decode(), "no card without the payment service"
    assert "Choose how they pay." in text(back_office.post(do("fee", bob), {}))
    assert "Choose one of the ways" in text(back_office.post(do("fee", bob), {"way": "card"}))
    answer = back_office.post(do("fee", bob), {"way": "invoice"}, follow=True)
    assert "takes part for the fee now: check, against an invoice. The invoice is mailed." in text(
        answer
    )
    bob.refresh_from_db()
    assert (bob.state, bob.price_kind, bob.pledge.state) == ("confirmed", "fee", "void")
    assert (charged(bob), money.balance(bob)) == (30000, 30000)
    assert "invoice" in promised_kinds()


def test_a_waiver_code_pays_the_fee(back_office, offering, payer):
    assert "Enter the waiver code." in text(
        back_office.post(do("pay", payer), {"way": "waiver", "waiver_code": ""})
    )
    sent = {"way": "waiver", "waiver_code": "NOPE"}
    assert "We do not know this code." in text(back_office.post(do("pay", payer), sent))
    WaiverCode.objects.create(offering=offering, code="W1", expires_at=offering.days[0].ends_at)
    back_office.post(do("pay", payer), {"way": "waiver", "waiver_code": "w1"})
    assert lines(payer) == [("charge", 30000), ("waiver", -30000)]
    payer.refresh_from_db()
    assert payer.method == "waiver"


# Links


def test_mailed_links_end(back_office, payer):
    before, noted = payer.nonce, len(history(payer))
    page = back_office.get(do("links", payer))
    assert "No link mailed so far works after this" in text(page)
    assert before == type(payer).objects.get(pk=payer.pk).nonce, "nothing happens on looking"
    answer = back_office.post(do("links", payer), follow=True)
    assert "The links mailed so far no longer work." in text(answer)
    payer.refresh_from_db()
    assert payer.nonce != before
    assert (payer.state, len(history(payer))) == ("confirmed", noted + 1)


def test_links_end_without_changing_why_somebody_was_canceled(back_office, payer):
    back_office.post(do("cancel", payer), {"reason": "The room is shut."})
    back_office.post(do("links", payer))
    assert payer.events.last().reason == "The room is shut."


# The ledger


def entry_do(verb, entry):
    return address("entry_verb", entry.pk, verb)


def test_a_check_bounces(back_office, paid):
    check = paid.entries.get(kind="payment")
    assert "The check bounced" in text(back_office.get(address("entry_change", check.pk)))
    assert "Give a reason" in text(back_office.post(entry_do("bounce", check), {"reason": ""}))
    sent = {"reason": "No funds"}
    answer = back_office.post(entry_do("bounce", check), sent, follow=True)
    assert "$300 is owed again. Paula Brown is told." in text(answer)
    assert lines(paid)[-1] == ("bounce", 30000)
    assert money.balance(paid) == 30000
    assert promised_kinds()[-1] == "payment_bounced"
    again = back_office.post(entry_do("bounce", check), sent)
    assert "This line has been taken back before." in text(again)
    assert money.balance(paid) == 30000


def test_a_line_entered_by_mistake_is_taken_back(back_office, paid):
    check = paid.entries.get(kind="payment")
    sent = {"reason": "Of somebody else"}
    answer = back_office.post(entry_do("void", check), sent, follow=True)
    assert "Taken back: payment of $300." in text(answer)
    assert lines(paid)[-1] == ("void", 30000)
    assert back_office.get(address("entry_change", check.pk)).context["tools"] == []
    charge = paid.entries.get(kind="charge")
    assert "Only a check can bounce." in text(back_office.post(entry_do("bounce", charge), sent))


def test_a_card_payment_is_refunded_not_taken_back(back_office, offering):
    payer = make_person(offering, "carol", choice="card")
    line = money.receive(payer, 30000, method="card", reference="pi_1")
    assert back_office.get(address("entry_change", line.pk)).context["tools"] == []
    answer = back_office.post(entry_do("void", line), {"reason": "x"})
    assert "refund it instead" in text(answer)
    assert Entry.objects.filter(kind="void").count() == 0
