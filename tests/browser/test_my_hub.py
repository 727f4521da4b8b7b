"""My hub as people use it: sign up, confirm, sign in, change, take along, leave, erase."""

import json
import re
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import expect

from calls.models import CallSeries, SignUp
from hub import outbox
from hub.models import PersonalFeed, User
from tests.browser.visitor import WIDTHS
from tests.front.conftest import join, signed_in
from tests.mailbox import mailed_code
from tests.trainings import certified, making
from trainings.models import Entry, NewsRequest, Pledge, PledgeText
from trainings.services import certificates

pytestmark = pytest.mark.django_db(transaction=True)

LEGAL = "/calls/legal-working-group/"


@pytest.fixture
def content(settings):
    call_command("seed_content", settings.BASE_DIR / "hub/content/seed_content.yaml", verbosity=0)
    CallSeries.objects.update(
        joining_url="https://meet.example.org/1",
        joining_phone="(213) 555-0117",
        joining_passcode="4711",
    )


def heading(page, words):
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def type_code(one):
    one.page.get_by_label("Email").fill("bob@example.org")
    one.press("Email me a code")
    one.page.get_by_label("Code from our email").fill(mailed_code())
    one.press("Sign in")


@pytest.mark.parametrize(
    ("width", "script"), [(390, True), (1280, False)], ids=["phone", "no script"]
)
def test_from_the_sign_up_to_the_end(visitor, content, width, script, tmp_path: Path):
    one = visitor(width=width, script=script)
    page = one.visit(LEGAL)
    page.get_by_label("Name").fill("Bob Stone")
    page.get_by_label("Email").fill("bob@example.org")
    page.get_by_label("Organization").fill("Stone Law")
    page.get_by_label("Role").select_option("attorney")
    one.press("Sign up")
    outbox.send_due()
    text = mail.outbox[-1].message().get_body(("plain",)).get_content()
    link = re.search(r"http://testserver(/calls/sign-up/\S+)", text)
    assert link
    one.visit(link[1])
    one.press("Confirm")

    page = one.visit("/my/")
    type_code(one)
    page.wait_for_url("**/my/")
    heading(page, "My hub")
    expect(page.get_by_text("Passcode: 4711")).to_be_visible()
    one.read_by_everyone()

    page.get_by_text("Change name or organization").click()
    page.get_by_label("Name").fill("")
    one.press("Save")
    assert page.title().startswith("Error: ")
    one.read_by_everyone()
    page.get_by_label("Name").fill("Robert Stone")
    one.press("Save")
    expect(page.get_by_text("Your name and organization are changed.")).to_be_visible()
    assert SignUp.objects.get().name == "Robert Stone"

    one.press("Make my private address")
    address = page.locator("#address").inner_text().replace("http://testserver", "")
    copy = page.get_by_role("button", name="Copy the address")
    expect(copy).to_be_visible() if script else expect(copy).to_be_hidden()
    one.read_by_everyone()
    assert b"4711" in one.context.request.get(address).body()

    page.get_by_role("link", name="See and download all we store of you").click()
    heading(page, "Your data")
    one.read_by_everyone()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download it as a file").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.name == "my-cast-data.json"
    assert json.loads(file.read_text())["stored"]["Sign-ups for calls"][0]["Name"] == "Robert Stone"

    one.visit("/my/")
    page.get_by_text("Leave this call").click()
    one.press("Yes, leave")
    expect(page.get_by_text("no more email comes of it")).to_be_visible()
    expect(page.get_by_text("Here is where to begin")).to_be_visible()
    assert "4711" not in page.content()
    one.read_by_everyone()

    page.get_by_role("link", name="erase it").click()
    heading(page, "Erase your data")
    one.read_by_everyone()
    one.press("Erase my data")
    heading(page, "Your data is erased")
    one.read_by_everyone()
    assert not User.objects.exists()
    assert not SignUp.objects.exists()
    one.visit(address, 404)
    one.visit("/my/")
    heading(page, "Sign in")


def test_a_code_of_a_while_ago_is_asked_for_again(visitor, as_user):
    bob = User.objects.create_user("bob@example.org", name="Bob Stone")
    one = as_user(visitor(), signed_in(bob))
    page = one.visit("/my/erase/")
    one.read_by_everyone()
    one.press("Sign in with a new code")
    type_code(one)
    page.wait_for_url("**/my/erase/")
    expect(page.get_by_role("button", name="Erase my data")).to_be_visible()


@pytest.fixture
def full(content):
    """Bob, of whom every part of the page has something to say."""
    bob = User.objects.create_user("bob@example.org", name="Bob Stone")
    alice = User.objects.create_superuser("alice@example.org")
    first, second = CallSeries.objects.all()
    join(bob, first)
    join(bob, second, state="awaiting")
    day = certified.held_day(status="approved")
    day.starts_at, day.ends_at = making.at("2026-01-29 09:00"), making.at("2026-01-29 17:00")
    day.save()
    for segment in day.segments.all():
        segment.starts_at = segment.starts_at.replace(year=2026)
        segment.ends_at = segment.ends_at.replace(year=2026)
        segment.save()
    certified.approve(day, decided_on=making.at("2025-10-01 12:00").date())
    over = making.person(day.offering, bob.name, email=bob.email, user=bob, bar="123456")
    over.attendance.create(
        activity=day, starts_at=day.starts_at, ends_at=day.ends_at, source="tick"
    )
    Pledge.objects.create(
        registration=over,
        text=PledgeText.objects.create(version=90, text="I promise."),
        signed_name="Bob",
        due_on=making.at("2027-01-29 12:00").date(),
        state="eligible",
    )
    certificates.issue(day, alice)
    for slug, state in (("seat", "confirmed"), ("list", "waitlisted"), ("offer", "offered")):
        row = making.person(
            making.offering(making.course(slug), day="2099-01-30", address="1 Main Street"),
            bob.name,
            email=bob.email,
            user=bob,
            state=state,
        )
        Entry.objects.create(registration=row, kind="charge", cents=30000)
    NewsRequest.objects.create(email=bob.email, state="active", region="west")
    return bob


@pytest.mark.parametrize("width", [*WIDTHS, 320])
def test_every_page_can_be_read_by_everyone(visitor, as_user, full, width):
    one = as_user(visitor(width=width), signed_in(full, lately=True))
    page = one.visit("/my/")
    expect(page.get_by_text("You are on the waitlist, place 1.")).to_be_visible()
    expect(page.get_by_role("link", name="Certificate of attendance (MCLE) (PDF)")).to_be_visible()
    expect(page.get_by_role("link", name="See or leave the waitlist")).to_be_visible()
    for summary in page.locator("details:not([open]) > summary").all():
        if summary.is_visible():
            summary.click()
    one.read_by_everyone()
    for path in ("/my/data/", "/my/erase/", "/privacy/"):
        one.visit(path)
        one.read_by_everyone()


def test_the_focus_is_seen_at_each_stop(visitor, as_user, full):
    one = as_user(visitor(), signed_in(full))
    one.visit("/my/")
    stops = one.tab_through()
    for name in ("Leave this call", "Stop", "Make my private address"):
        assert name in stops
    assert not PersonalFeed.objects.exists()
