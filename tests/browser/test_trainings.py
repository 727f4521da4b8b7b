"""A training from "new offering" to "certificate verified", by pledge and by fee."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import expect
from pypdf import PdfReader

from hub import outbox
from hub.models import User
from tests.browser.visitor import WIDTHS
from tests.people import staff_client
from tests.trainings import cast, certified, making
from trainings.models import Certificate, Offering, Pledge, Registration
from trainings.services import money

pytestmark = pytest.mark.django_db(transaction=True)

COURSE = "8 hour Southern California Pro Bono Attorney Training"
AGENDA = [
    ("09:00", "12:00", "Immigration benefits", "general"),
    ("13:00", "15:00", "Civil remedies", "general"),
    ("15:00", "16:00", "Conflicts of interest", "ethics"),
]


@pytest.fixture
def alice(settings, monkeypatch):
    call_command("seed_content", settings.BASE_DIR / "hub/content/seed_content.yaml", verbosity=0)
    # The test goes on to the day of the training.
    settings.SESSION_COOKIE_AGE = 10 * 365 * 24 * 3600
    monkeypatch.setattr("hub.sessions.LONGEST", timedelta(days=10 * 365))
    return User.objects.create_user(
        "alice@example.org", name="Alice", is_staff=True, is_superuser=True
    )


def newest(address: str, word: str) -> str:
    """The path of the link in the newest mail to an address whose subject has this word."""
    outbox.send_due()
    sent = [one for one in mail.outbox if one.to == [address]]
    message = next(one.message() for one in reversed(sent) if word in one.message()["Subject"])
    found = re.search(
        r"http://testserver(/trainings/registration/\S+)",
        message.get_body(("plain",)).get_content(),
    )
    assert found
    return found[1]


def build(page) -> None:
    """Staff make an offering with its day, agenda and approval, and open registration."""
    page.goto("/admin/trainings/offering/add/")
    page.locator("#id_course").select_option(label=COURSE)
    page.locator("#id_slug").fill("los-angeles")
    page.locator("#id_seats").fill("20")
    page.locator("#id_city").fill("Los Angeles")
    page.locator("#id_region").select_option("southern-california")
    page.get_by_text("Add another Activity").click()
    for field, value in {
        "title": "Day 1",
        "day": "2027-01-29",
        "begins": "09:00",
        "ends": "16:00",
    }.items():
        page.locator(f"#id_activities-0-{field}").fill(value)
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    page.get_by_role("link", name="Change").first.click()
    for row, (begins, ends, title, category) in enumerate(AGENDA):
        page.locator(f"#id_segments-{row}-begins").fill(begins)
        page.locator(f"#id_segments-{row}-ends").fill(ends)
        page.locator(f"#id_segments-{row}-title").fill(title)
        page.locator(f"#id_segments-{row}-category").select_option(category)
    page.get_by_text("Add another Approval").click()
    for field, value in {"number": "CA-1", "total": "24", "ethics": "4"}.items():
        page.locator(f"#id_approvals-0-{field}").fill(value)
    page.locator("#id_approvals-0-jurisdiction").select_option("CA")
    page.locator("#id_approvals-0-status").select_option("approved")
    page.locator("#id_approvals-0-decided_on").fill("2026-10-01")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    offering = Offering.objects.get()
    page.goto(f"/admin/trainings/offering/{offering.pk}/do/open/")
    page.get_by_role("button", name="Open registration").click()
    expect(page.locator(".messagelist")).to_contain_text("registration open")


def register(one, name: str, email: str, choice: str) -> str:
    """An attorney registers and confirms; the path of their own page."""
    page = one.visit(f"/trainings/socal-pro-bono-8h/{Offering.objects.get().slug}/")
    expect(page.get_by_text("6 hours").first).to_be_visible()
    page.get_by_label(choice).check()
    if "pledge" in choice:
        page.get_by_label("Sign the pledge with your name").fill(name)
    page.get_by_label("Your name, as it should be on a certificate").fill(name)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Yes").check()
    page.get_by_label("First license: state").select_option("CA")
    page.get_by_label("First license: bar number").fill("123456")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    link = newest(email, "Confirm")
    page = one.visit(link)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have a seat")
    return link


def test_from_a_new_offering_to_a_verified_certificate(visitor, as_user, alice):
    office = as_user(visitor(), staff_client(alice))
    build(office.page)
    by_pledge = register(visitor(), "Bob Stone", "bob@example.org", "Free, with a pledge")
    by_fee = register(visitor(script=False), "Carol Reed", "carol@example.org", "Pay $300")
    carol = Registration.objects.get(email="carol@example.org")
    assert money.balance(carol) == 30000

    page = office.visit(f"/admin/trainings/registration/{carol.pk}/do/check/")
    page.get_by_label("Amount").fill("300")
    page.get_by_label("Number of the check").fill("1001")
    page.get_by_role("button", name="Record a check").click()
    expect(page.locator(".messagelist")).to_be_visible()
    assert money.balance(carol) == 0

    day = Offering.objects.get().activities.get()
    with time_machine.travel(datetime(2027, 2, 1, 20, tzinfo=UTC)):
        page = office.visit(f"/admin/trainings/activity/{day.pk}/ticks/")
        page.get_by_label("Bob Stone").check()
        page.get_by_label("Carol Reed").check()
        page.get_by_role("button", name="Save the list").click()
        expect(page.get_by_text("2 of 2 ticked")).to_be_visible()
        page = office.visit(f"/admin/trainings/activity/{day.pk}/certificates/")
        page.get_by_role("button", name="Issue certificates").click()
        expect(page.locator(".messagelist")).to_be_visible()
        assert Certificate.objects.count() == 2
        assert Pledge.objects.get().state == Pledge.State.ELIGIBLE

        for link, name in [(by_pledge, "Bob Stone"), (by_fee, "Carol Reed")]:
            one = visitor()
            page = one.visit(link)
            pdf = one.context.request.get(
                page.get_by_role("link", name="PDF").get_attribute("href")
            )
            text = PdfReader(io.BytesIO(pdf.body())).pages[0].extract_text()
            assert name in text
            assert "6.00" in text
            page.get_by_role("link", name="check it").click()
            expect(page.get_by_text(name).first).to_be_visible()
            expect(page.get_by_text("1.00").first).to_be_visible()
            assert "123456" not in page.content()


@pytest.mark.parametrize("width", [*WIDTHS, 320])
def test_every_page_of_the_trainings_can_be_read_by_everyone(visitor, alice, width):
    day = certified.held_day(status="approved")
    offering = day.offering
    Offering.objects.update(status="open", published_at=datetime.now(UTC))
    person = making.person(offering, "Bob Stone", bar="123456")
    one = visitor(width=width)
    for path in [
        "/trainings/",
        "/trainings/socal-pro-bono-8h/",
        offering.course.get_absolute_url(),
        offering.get_absolute_url(),
        f"{offering.get_absolute_url()}check-your-email/",
        "/trainings/host/",
        "/trainings/news/",
        "/certificates/",
        cast.own(person),
    ]:
        one.visit(path)
        one.read_by_everyone()
    for path in [offering.get_absolute_url(), "/trainings/host/", "/trainings/news/"]:
        page = one.visit(path)
        page.locator("main form[method=post] button").first.click()
        expect(page.locator("#errors")).to_be_focused()
        one.read_by_everyone()
