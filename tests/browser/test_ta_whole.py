"""A requester and a member of TA staff in two browsers, from the question to the purge."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ta_requests.models import TaRequest
from ta_requests.services import retention
from tests.browser.test_technical_assistance import (
    ASK,
    content,  # noqa: F401 (a fixture)
    fill_in,
    link_in_newest_mail,
)
from tests.people import staff_client
from tests.ta_requests.desk import QUEUE, make_ta_staff, page_of

pytestmark = pytest.mark.django_db(transaction=True)


def opened(one, row):
    page = one.visit(page_of(row))
    page.get_by_label("To answer it").check()
    one.press("Open")
    return page


def test_two_people_from_the_question_to_the_purge(visitor, as_user):
    requester = visitor(width=390)
    desk = as_user(visitor(), staff_client(make_ta_staff("tanya@example.org", name="Tanya")))

    page = requester.visit(ASK)
    fill_in(page)
    requester.press("Send request")
    expect(page.locator("#warning")).to_contain_text("something like an A-number")
    page.get_by_label("Your question").fill("Her number is removed. Can she apply?")
    requester.press("Send request")
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your request")
    row = TaRequest.objects.get()
    due = row.cycles.get().due_at

    staff = desk.visit(QUEUE)
    desk.press("Take the next request")
    staff.get_by_label("To answer it").check()
    desk.press("Open")
    expect(staff.get_by_text("Can she apply?")).to_be_visible()
    staff.get_by_role("textbox", name="Question to the requester").fill("Which court?")
    desk.press("Ask the requester")
    expect(staff.get_by_text("Paused: waiting for an answer")).to_be_visible()
    assert row.cycles.get().due_at is None

    page = requester.visit(link_in_newest_mail())
    requester.press("Open your request")
    expect(page.get_by_text("Which court?")).to_be_visible()
    page.get_by_label("Your message").fill("Los Angeles")
    requester.press("Send your answer")
    expect(page.get_by_text("You will hear from us by").first).to_be_visible()
    assert row.cycles.get().due_at >= due

    staff = opened(desk, row)
    expect(staff.get_by_text("Los Angeles")).to_be_visible()
    staff.get_by_role("textbox", name="Answer").fill("Yes, she can.")
    desk.press("Send the answer")
    expect(staff.get_by_text("the clock has stopped")).to_be_visible()
    assert row.cycles.get().outcome == "on_time"

    link = link_in_newest_mail()
    page = requester.visit(link)
    requester.press("Open your request")
    expect(page.get_by_text("Yes, she can.")).to_be_visible()

    staff = opened(desk, row)
    staff.get_by_label("How did it end?").select_option("Solved")
    with staff.expect_navigation():
        staff.get_by_role("button", name="Close", exact=True).click()
    expect(staff.get_by_text("Closed: solved")).to_be_visible()

    for days in (167, 181):
        now = timezone.now() + timedelta(days=days)
        retention.warn(now)
        retention.purge(now)
    row = TaRequest.objects.get()
    assert row.purged_at
    assert not row.messages.exists()
    staff = desk.visit(page_of(row))
    expect(staff.get_by_text("Purged").first).to_be_visible()
    assert "Can she apply" not in staff.content()
    page = requester.visit(link, status=404)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no page here")
