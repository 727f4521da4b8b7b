"""The calls as people use them: sign up, confirm, keep the dates, leave, come back."""

import re

import pytest
import recurring_ical_events
from django.core import mail
from django.core.management import call_command
from icalendar import Calendar
from playwright.sync_api import expect

from calls import dates
from calls.models import CallDate, CallSeries, SignUp
from hub import outbox
from hub.models import User
from tests.browser.visitor import WIDTHS
from tests.people import staff_client

pytestmark = pytest.mark.django_db(transaction=True)

LEGAL = "/calls/legal-working-group/"
SOCIAL = "/calls/social-services-ta-call/"
PEOPLE = [
    (LEGAL, "Bob Attorney", "bob@example.org", "attorney"),
    (SOCIAL, "Dan Worker", "dan@example.org", "social"),
]


@pytest.fixture
def content(settings):
    call_command("seed_content", settings.BASE_DIR / "hub/content/seed_content.yaml", verbosity=0)
    CallSeries.objects.update(joining_url="https://meet.example.org/1", joining_passcode="4711")


def newest(address):
    """The text of the newest mail to an address, after the worker has done its work."""
    outbox.send_due()
    return [sent for sent in mail.outbox if sent.to == [address]][-1].message()


def link_in(message, live_server):
    text = message.get_body(("plain",)).get_content()
    path = re.search(r"http://testserver(/calls/sign-up/\S+)", text)
    assert path, text
    return path[1]


def heading(page, words):
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def fill_in(page, name, email, role):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Organization").fill("Example Legal Aid")
    page.get_by_label("Role").select_option(role)
    page.get_by_role("button", name="Sign up").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize(("path", "name", "email", "role"), PEOPLE, ids=["attorney", "social"])
def test_from_the_page_to_the_call_and_back(
    visitor, content, live_server, path, name, email, role, script
):
    one = visitor(script=script)
    page = one.visit(path)
    fill_in(page, name, email, role)
    heading(page, "Check your email")

    link = link_in(newest(email), live_server)
    # A mail program looks at every link before the person does.
    scanner = visitor(script=script)
    scanner.visit(link)
    assert SignUp.objects.get().state == SignUp.State.UNCONFIRMED

    page = one.visit(link)
    assert "4711" not in page.content()
    page.get_by_role("button", name="Confirm").click()
    heading(page, "You are signed up")
    expect(page.get_by_text("4711").first).to_be_visible()
    invitation = newest(email)
    assert [part.get_content_type() for part in invitation.walk()][-1] == "text/calendar"
    assert "4711" in invitation.get_body(("plain",)).get_content()

    # The back button, and the button pressed again, change nothing.
    page.go_back()
    page.goto(link)
    sent = len(mail.outbox)
    page.get_by_role("button", name="Make my private address").click()
    address = page.locator("#address").inner_text().replace("http://testserver", "")
    feed = one.context.request.get(address)
    event = Calendar.from_ical(feed.body()).walk("VEVENT")[0]
    assert "4711" in event["DESCRIPTION"]

    page.get_by_role("button", name="Leave this call").click()
    heading(page, "You have left the call")
    assert "4711" not in page.content()
    assert b"VEVENT" not in one.context.request.get(address).body()
    goodbye = newest(email)
    assert "METHOD:CANCEL" in goodbye.get_payload()[-1].get_content()

    page = one.visit(link)
    page.get_by_role("button", name="Come back").click()
    heading(page, "You are signed up")
    assert "METHOD:REQUEST" in newest(email).get_payload()[-1].get_content()
    assert len(mail.outbox) == sent + 2


def test_what_was_typed_stays_after_an_error(visitor, content):
    page = visitor().visit(LEGAL)
    fill_in(page, "Bob Attorney", "not an address", "attorney")
    expect(page.locator("#errors")).to_be_focused()
    assert page.title().startswith("Error: ")
    assert page.get_by_label("Name").input_value() == "Bob Attorney"
    assert page.get_by_label("Email").input_value() == "not an address"
    page.get_by_role("link", name="Enter an email address").click()
    expect(page.get_by_label("Email")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("bob@example.org")
    page.keyboard.press("Enter")
    heading(page, "Check your email")


@pytest.mark.parametrize("width", [*WIDTHS, 320])
def test_every_page_of_the_calls_can_be_read_by_everyone(visitor, content, width):
    series = CallSeries.objects.get(slug="legal-working-group")
    ahead = list(CallDate.objects.filter(schedule__series=series)[1:4])
    dates.cancel(ahead[0], "The speaker is ill.")
    dates.move(ahead[1], ahead[1].starts_at.replace(hour=22), "A holiday.")
    dates.annotate(ahead[2], topic="Policy updates", speaker="Ann Example")
    one = visitor(width=width, zone="Europe/Berlin")
    for path in ["/", "/calls/", LEGAL, SOCIAL, f"{LEGAL}dates/", f"{LEGAL}check-your-email/"]:
        page = one.visit(path)
        one.read_by_everyone()
    page = one.visit(LEGAL)
    expect(page.get_by_text("The speaker is ill.").first).to_be_visible()
    expect(page.get_by_text("Your time: 9:00–10:00 pm").first).to_be_visible()
    one.press("Sign up")
    one.read_by_everyone()


def test_staff_cancel_a_date_and_a_calendar_hears_of_it(visitor, as_user, content):
    alice = User.objects.create_user(
        "alice@example.org", name="Alice", is_staff=True, is_superuser=True
    )
    one = as_user(visitor(), staff_client(alice))
    page = one.visit("/admin/calls/calldate/?which=undecided")
    page.get_by_role("link", name="Cancel").first.click()
    page.get_by_label("Reason").fill("The office is closed.")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Done: cancel this date").first).to_be_visible()

    row = CallDate.objects.get(status=CallDate.Status.CANCELED)
    feed = one.context.request.get(f"/calls/{row.schedule.series.slug}.ics").body()
    (event,) = recurring_ical_events.of(Calendar.from_ical(feed)).at(row.local_start.date())
    assert event["STATUS"] == "CANCELLED"
    assert event["SUMMARY"].startswith("Canceled: ")


def test_staff_see_ten_dates_and_their_closures_before_a_rule_is_saved(visitor, as_user, content):
    alice = User.objects.create_user(
        "alice@example.org", name="Alice", is_staff=True, is_superuser=True
    )
    one = as_user(visitor(), staff_client(alice))
    series = CallSeries.objects.get(slug="social-services-ta-call")
    page = one.visit(f"/admin/calls/callseries/{series.pk}/schedule/")
    page.get_by_label("First day").fill("2027-10-01")
    page.get_by_label("Which one in the month").select_option("third")
    page.get_by_role("button", name="Show the next ten dates").click()
    expect(page.get_by_text("Every third Thursday: the next ten dates").first).to_be_visible()
    expect(page.get_by_text("Thursday, November 18, 2027")).to_be_visible()
    page.get_by_role("button", name="Save these dates").click()
    expect(page.get_by_text("Every third Thursday from October 21, 2027").first).to_be_visible()
    old, new = series.schedules.order_by("first_date")
    assert (str(old.until), str(new.first_date)) == ("2027-10-20", "2027-10-21")
