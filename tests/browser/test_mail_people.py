"""Staff write to the people of a call and note who came; one of them stops the mail."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from calls import attendance
from calls.models import CallDate, Schedule
from calls.schedule import Rule, to_recurrence
from hub.models import User
from tests.calls.factories import SeriesFactory, SignUpFactory
from tests.mailbox import deliver
from tests.people import staff_client

pytestmark = pytest.mark.django_db(transaction=True)
FILE = b"""Name (Original Name),User Email,Total Duration (Minutes),Guest
Bob,BOB@example.org,60,No
"Carol's phone",,60,Yes
Ann Visitor,ann@example.org,60,Yes
"""


@pytest.fixture
def alice():
    return User.objects.create_user(
        "alice@example.org", name="Alice", is_staff=True, is_superuser=True
    )


@pytest.fixture
def series():
    made = SeriesFactory(name="Legal Working Group")
    SignUpFactory(series=made, email="bob@example.org", name="Bob Brown")
    SignUpFactory(series=made, email="carol@example.org", name="Carol Cruz")
    return made


@pytest.mark.parametrize(
    ("width", "scheme", "script"), [(390, "dark", True), (1280, "light", False)]
)
def test_staff_write_and_somebody_stops_it(visitor, as_user, alice, series, width, scheme, script):
    one = as_user(visitor(width=width, scheme=scheme, script=script), staff_client(alice))
    page = one.visit(f"/admin/calls/callseries/{series.pk}/change/")
    page.get_by_role("link", name="Mail everyone signed up").click()
    page.get_by_label("Subject").fill("Bring cases")
    page.get_by_label("Text").fill("Next week we talk about T visas.\n\nSee you there.")
    if script:
        one.axe()
    one.press("See how it reads")
    expect(page.get_by_text("2 people get it")).to_be_visible()
    expect(page.get_by_text("Next week we talk about T visas.")).to_be_visible()
    one.no_sideways()
    if script:
        one.axe()
    page.get_by_role("link", name="See it as an email program draws it").click()
    expect(page.get_by_role("heading", name="Bring cases")).to_be_visible()
    page.go_back()
    one.press("Send a test to myself")
    one.press("Send to 2 people")
    expect(page.get_by_text("The mail goes out to 2 people now.")).to_be_visible()
    letters = deliver()
    page.reload()
    expect(page.get_by_text("Sent: 2")).to_be_visible()
    one.no_sideways()
    if script:
        one.axe()

    (to_bob,) = [letter for letter in letters if letter["To"] == "bob@example.org"]
    path = to_bob["List-Unsubscribe"].strip("<>").removeprefix("http://testserver")
    reader = visitor(width=width, scheme=scheme, script=script)
    page = reader.visit(path)
    reader.no_sideways()
    if script:
        reader.axe()
    reader.press("Stop these emails")
    expect(page.get_by_role("heading")).to_have_text(re.compile("You get no more"))
    reader.no_sideways()


@pytest.mark.parametrize(
    ("width", "scheme", "script"), [(390, "light", True), (1280, "dark", False)]
)
def test_staff_note_who_came(visitor, as_user, alice, series, width, scheme, script):
    yesterday = timezone.now() - timedelta(days=1)
    plan = Schedule.objects.create(
        series=series,
        recurrence=to_recurrence(Rule(freq="DAILY")),
        first_date=yesterday.date(),
        start_time=yesterday.time(),
        minutes=60,
    )
    date = CallDate.objects.create(
        schedule=plan,
        original_date=yesterday.date(),
        starts_at=yesterday,
        ends_at=yesterday + timedelta(hours=1),
    )
    one = as_user(visitor(width=width, scheme=scheme, script=script), staff_client(alice))
    page = one.visit(f"/admin/calls/calldate/{date.pk}/change/")
    page.get_by_role("link", name="Zoom file").click()
    page.get_by_label("Participants file").set_input_files(
        {"name": "participants.csv", "mimeType": "text/csv", "buffer": FILE}
    )
    if script:
        one.axe()
    one.press("Look at the file")
    expect(page.get_by_text("1 person in the file is signed up: Bob Brown.")).to_be_visible()
    one.no_sideways()
    if script:
        one.axe()
    page.get_by_label("Email of the sign-up of Carol's phone").fill("nobody@example.org")
    one.press("Save")
    expect(page.get_by_text("Nobody is signed up for this call with that email.")).to_be_visible()
    page.get_by_label("Email of the sign-up of Carol's phone").fill("carol@example.org")
    one.press("Save")
    expect(page.get_by_text("2 of 2 ticked.")).to_be_visible()
    assert attendance.there(date)[1] == 1
    page.get_by_label("Carol Cruz").uncheck()
    one.no_sideways()
    if script:
        one.axe()
    one.press("Save the list")
    expect(page.get_by_text("1 of 2 ticked.")).to_be_visible()
