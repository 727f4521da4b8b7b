"""The queue of refunds and the card payments to look at, in the back office."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.reading import inline_code, text
from tests.trainings.cast import make_offering, make_person
from tests.trainings.making import address
from tests.trainings.paying import promised
from trainings.models import CheckoutSession, Refund
from trainings.services import money


def do(verb, row):
    return address("refund_verb", row.pk, verb)


def refund_of(offering, who, *, by_card=False):
    """$300 paid, and $100 of it to give back."""
    payer = make_person(offering, who, choice="card" if by_card else "invoice")
    method = "card" if by_card else "check"
    if by_card:
        payer.checkouts.create(session_id=f"cs_{who}", amount_cents=30000, state="paid")
    money.receive(payer, 30000, method=method, reference=f"ref {who}")
    (line,) = money.refund(payer, 10000, None, "Ill")
    return line.refund


@pytest.fixture
def check(offering, back_office):
    return refund_of(offering, "paula")


QUEUE = "?queue=send"


def listed(client, query=""):
    return text(client.get(address("refund_changelist") + query))


def test_the_queue_holds_the_checks_to_send(back_office, offering, check):
    refund_of(offering, "carol", by_card=True)
    page = listed(back_office, QUEUE)
    assert "Paula Brown $100 A check of ours To be made" in page
    assert "Sent or Failed" in page
    assert "Carol Brown" not in page
    assert "Carol Brown $100 Their card To be made" in listed(back_office)
    assert "Carol Brown" not in listed(back_office, "?queue=failed")


def test_a_check_that_is_sent_leaves_the_queue_and_is_told(back_office, check):
    assert "They are told, with its number." in text(back_office.get(do("sent", check)))
    answer = back_office.post(do("sent", check), {"reference": ""})
    assert "Enter the number of the check." in text(answer)
    answer = back_office.post(do("sent", check), {"reference": "901"}, follow=True)
    assert "Check 901 for $100 is sent. Paula Brown is told." in text(answer)
    assert "Paula Brown $100" not in text(answer)
    check.refresh_from_db()
    assert (check.state, check.reference) == ("made", "901")
    assert promised()[-1] == "refund_made"
    again = back_office.get(do("sent", check), follow=True)
    assert "“Sent” is not possible any more." in text(again)


def test_a_check_that_did_not_arrive_counts_as_paid_again(back_office, check):
    payer = check.entry.registration
    back_office.post(do("sent", check), {"reference": "901"})
    assert money.received(payer) == 20000
    assert "Give a reason" in text(back_office.post(do("failed", check), {"reason": ""}))
    answer = back_office.post(do("failed", check), {"reason": "Returned by mail"}, follow=True)
    assert "Marked as failed: $100 is with us again." in text(answer)
    assert (money.received(payer), money.balance(payer)) == (30000, 0)
    line = payer.entries.last()
    assert (line.kind, line.cents, line.by.email) == ("refund_failed", -10000, "alice@example.org")
    assert "Paula Brown $100 A check of ours Failed" in listed(back_office, "?queue=failed")
    answer = back_office.post(do("sent", check), {"reference": "902"})
    assert "This refund is marked as failed: enter a new one." in text(answer)


def test_a_refund_to_a_card_goes_by_itself(back_office, offering):
    row = refund_of(offering, "carol", by_card=True)
    page = back_office.get(address("refund_change", row.pk))
    assert page.context["tools"] == []
    assert "Sent" not in listed(back_office)
    answer = back_office.get(do("failed", row), follow=True)
    assert "is not possible any more" in text(answer)
    row.refresh_from_db()
    assert row.state == "waiting"


def test_card_payments_to_look_at_are_found(back_office, offering):
    for who, values in (
        ("wanda", {"state": "wrong"}),
        ("dan", {"state": "paid", "disputed_at": timezone.now()}),
        ("carol", {"state": "paid"}),
    ):
        payer = make_person(offering, who, choice="card")
        payer.checkouts.create(session_id=f"cs_{who}", amount_cents=30000, **values)
    page = address("checkoutsession_changelist")

    def found(query):
        said = text(back_office.get(page + query))
        return [name for name in ("Wanda", "Dan", "Carol") if f"{name} Brown $300" in said]

    assert found("") == ["Wanda", "Dan", "Carol"]
    assert found("?look=wrong") == ["Wanda"]
    assert found("?look=disputed") == ["Dan"]
    row = CheckoutSession.objects.get(state="wrong")
    assert "cs_wanda" in text(back_office.get(address("checkoutsession_change", row.pk)))
    sent = {"state": "paid"}
    assert back_office.post(address("checkoutsession_change", row.pk), sent).status_code == 403
    assert back_office.post(address("checkoutsession_delete", row.pk), sent).status_code == 403
    assert back_office.get(address("checkoutsession_add")).status_code == 403


def test_what_staff_without_the_right_ask_is_refused(client, settings, django_user_model, check):
    """Looking is not doing: no button is shown, and no address works."""
    payer = check.entry.registration
    pledged = make_person(payer.offering, "bob")
    rows = {"registration": payer, "entry": check.entry, "refund": check, "pledge": pledged.pledge}
    helper = django_user_model.objects.create_user("helper@example.org", is_staff=True)
    views = Permission.objects.filter(codename__in=[f"view_{name}" for name in rows])
    helper.user_permissions.set(views)
    client.force_login(helper)
    verbs = {
        "registration": ["cancel", "check", "refund", "invoice", "pledge", "fee", "pay", "links"],
        "entry": ["bounce", "void"],
        "refund": ["sent", "failed"],
        "pledge": [
            "match",
            "accept",
            "fulfil",
            "extend",
            "attorney",
            "client",
            "release",
            "waive",
            "convert",
        ],
    }
    for name, row in rows.items():
        page = client.get(address(f"{name}_change", row.pk))
        assert page.status_code == 200
        assert "/do/" not in page.content.decode()
        for verb in verbs[name]:
            for answer in (
                client.get(address(f"{name}_verb", row.pk, verb)),
                client.post(address(f"{name}_verb", row.pk, verb), {"reason": "x"}),
            ):
                assert answer.status_code == 403, (name, verb)
    assert "/do/" not in client.get(address("refund_changelist")).content.decode()
    client.logout()
    answer = client.post(do("sent", check), {"reference": "1"})
    # What was sent is given back, to be sent again after signing in.
    assert (answer.status_code, "Your text is kept" in answer.content.decode()) == (403, True)
    check.refresh_from_db()
    assert check.state == "waiting"


def test_what_is_not_there_is_not_found(back_office, check):
    assert back_office.get(address("refund_verb", 999999, "sent")).status_code == 404
    answer = back_office.get(address("refund_verb", check.pk, "burn"))
    assert answer.status_code == 302


def test_lists_and_pages_cost_the_same_for_more_rows(back_office, offering, check):
    payer = check.entry.registration

    def costs():
        found = {}
        for page in (
            address("refund_changelist"),
            address("refund_changelist") + QUEUE,
            address("checkoutsession_changelist"),
            address("checkoutsession_changelist") + "?look=disputed",
            address("pledge_changelist") + "?due=soon",
            address("registration_change", payer.pk),
        ):
            with CaptureQueriesContext(connection) as seen:
                answer = back_office.get(page)
            assert answer.status_code == 200
            assert inline_code(answer) == [], page
            found[page] = len(seen)
        return found

    def fill(number):
        row = refund_of(offering, f"c{number}", by_card=True)
        row.checkout.disputed_at = timezone.now()
        row.checkout.save()
        refund_of(offering, f"p{number}")
        make_person(offering, f"b{number}")
        alice = payer.entries.model._meta.get_field("by").related_model.objects.first()
        payer.entries.create(kind="charge", cents=1, by=alice)
        payer.events.create(state="confirmed", by=alice)

    fill(0)
    # Kinds of rows are asked for once a process.
    costs()
    before = costs()
    for number in range(1, 30):
        fill(number)
    assert Refund.objects.count() == 61
    assert costs() == before


@pytest.mark.parametrize("name", ["refund", "checkoutsession", "entry", "pledge", "certificate"])
def test_a_list_is_narrowed_to_one_training(back_office, offering, name):
    other = make_offering(offering.course, days=("2027-03-05",))
    for of, who in ((offering, "paula"), (other, "dora")):
        refund_of(of, who, by_card=True)
        one = make_person(of, f"{who}2")
        one.certificates.create(activity=of.activities.get(), kind="mcle", data={})
    page = address(f"{name}_changelist")
    # The address is what the filter's own link says.
    (link,) = re.findall(
        rf'href="\?([^"]*offering[^"]*={other.pk})"', back_office.get(page).content.decode()
    )
    said = text(back_office.get(f"{page}?{link}"))
    assert ("Dora" in said, "Paula" in said) == (True, False)
