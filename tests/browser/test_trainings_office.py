"""Staff at the buttons of a registration, its refund and its pledge, as a browser shows them."""

import pytest
from playwright.sync_api import expect

from hub.models import User
from tests.people import staff_client
from tests.trainings.cast import make_offering, make_person
from trainings.services import money, pledges

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice():
    return User.objects.create_user(
        "alice@example.org", name="Alice", is_staff=True, is_superuser=True
    )


@pytest.mark.parametrize(
    ("width", "scheme", "script"), [(390, "dark", True), (1280, "light", False)]
)
def test_staff_refund_a_check_and_match_a_pledge(visitor, as_user, alice, width, scheme, script):
    offering = make_offering()
    payer = make_person(offering, "paula", choice="invoice")
    money.receive(payer, 30000, method="check", reference="77")
    pledge = make_person(offering, "bob").pledge
    pledges.mark_eligible(pledge.registration)
    one = as_user(visitor(width=width, scheme=scheme, script=script), staff_client(alice))

    page = one.visit(f"/admin/trainings/registration/{payer.pk}/change/")
    page.get_by_role("link", name="Refund", exact=True).click()
    if script:
        one.axe()
    page.get_by_label("Amount").fill("300.01")
    page.get_by_label("Reason").fill("Ill")
    page.get_by_role("button", name="Refund").click()
    expect(page.get_by_text("$300.01 cannot be refunded: $300 is left.")).to_be_visible()
    one.no_sideways()
    if script:
        one.axe()
    expect(page.get_by_label("Reason")).to_have_value("Ill")
    page.get_by_label("Amount").fill("100")
    page.get_by_role("button", name="Refund").click()
    expect(page.get_by_text("Send a check for $100")).to_be_visible()

    page = one.visit("/admin/trainings/refund/?queue=send")
    page.get_by_role("link", name="Sent", exact=True).click()
    page.get_by_label("Number of the check").fill("901")
    page.get_by_role("button", name="Sent").click()
    expect(page.get_by_text("Check 901 for $100 is sent. Paula Brown is told.")).to_be_visible()

    page = one.visit(f"/admin/trainings/pledge/{pledge.pk}/change/")
    page.get_by_role("link", name="Extend").click()
    page.get_by_label("New due day").fill("2099-01-29")
    page.get_by_label("Reason").fill("A birth")
    page.get_by_role("button", name="Extend").click()
    expect(page.get_by_text("Extended until January 29, 2099.")).to_be_visible()
    pledge.refresh_from_db()
    assert (pledge.state, money.received(payer)) == ("extended", 20000)
