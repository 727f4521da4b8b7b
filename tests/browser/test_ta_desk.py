"""TA staff at their desk: take, open, ask, answer, close, as a browser shows them."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from hub.models import User
from ta_requests.for_hub import SEED
from ta_requests.models import TaRequest
from ta_requests.services import thread
from tests.browser.visitor import WIDTHS
from tests.people import staff_client
from tests.ta_requests.desk import CANARY, QUEUE, make_request, make_ta_staff, page_of

pytestmark = pytest.mark.django_db(transaction=True)
REPORT = "/admin/ta_requests/policy/report/"


@pytest.fixture
def tanya(content):
    SEED(content)
    return make_ta_staff("tanya@example.org", name="Tanya")


@pytest.fixture
def content():
    import yaml
    from django.conf import settings

    file = settings.BASE_DIR / "hub/content/seed_content.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_in_light_and_dark(visitor, as_user, tanya, width):
    rows = [make_request() for _ in range(8)]
    rows[0].deadline_type = "court"
    thread.ask(rows[1].pk, uuid4(), "Which court?", tanya)
    thread.note(rows[0].pk, uuid4(), "Ask Alice.\n\nShe knows.", tanya)
    one = as_user(visitor(width=width), staff_client(tanya))
    for path in (QUEUE, page_of(rows[0]), f"{QUEUE}add/", REPORT, page_of(rows[0], "history")):
        one.visit(path)
        one.read_by_everyone()
    one.visit(page_of(rows[0]))
    one.press("Open")
    # Nothing was chosen.
    one.read_by_everyone()
    one.page.get_by_label("To answer it").check()
    one.press("Open")
    expect(one.page.get_by_text("Ask Alice.")).to_be_visible()
    one.read_by_everyone()
    one.press("Send the answer")
    expect(one.page.get_by_text("Write the text", exact=True)).to_be_visible()
    one.read_by_everyone()


@pytest.mark.parametrize("script", [True, False])
def test_a_request_from_the_queue_to_its_end(visitor, as_user, tanya, script):
    row = make_request()
    one = as_user(visitor(script=script), staff_client(tanya))
    page = one.visit(QUEUE)
    assert CANARY not in page.content()
    one.press("Take the next request")
    expect(page.get_by_text(f"{row.reference} is with you.")).to_be_visible()
    assert CANARY not in page.content()
    page.get_by_label("To answer it").check()
    one.press("Open")
    expect(page.get_by_text(f"The {CANARY} asks: may it go ahead?")).to_be_visible()
    page.get_by_role("textbox", name="Question to the requester").fill("Which court?")
    one.press("Ask the requester")
    expect(page.get_by_text("Paused: waiting for an answer")).to_be_visible()
    one.press("Let the clock go on")
    page.get_by_role("textbox", name="Answer").fill("Yes.\n\nIt may.")
    one.press("Send the answer")
    expect(page.get_by_text("the clock has stopped")).to_be_visible()
    # Loaded again, nothing is sent twice.
    page.get_by_label("How did it end?").select_option("Solved")
    with page.expect_navigation():
        page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Closed: solved")).to_be_visible()
    assert TaRequest.objects.get().status == "closed"
    page = one.visit(QUEUE)
    expect(page.get_by_text(row.reference)).to_have_count(0)


def test_what_was_typed_comes_back_after_the_session_has_ended(visitor, as_user, tanya):
    row = make_request()
    one = as_user(visitor(), staff_client(tanya))
    page = one.visit(page_of(row))
    page.get_by_label("To answer it").check()
    one.press("Open")
    page.get_by_role("textbox", name="Answer").fill("A long answer,\nof an hour")
    one.context.clear_cookies(name="session")
    one.expected = 403
    one.press("Send the answer")
    expect(page.get_by_role("heading", name="Your text is kept")).to_be_visible()
    one.read_by_everyone()
    tanya.authenticator_set.all().delete()
    as_user(one, staff_client(User.objects.get(pk=tanya.pk)))
    one.expected = 200
    one.press("Send again")
    expect(page.get_by_text("of an hour")).to_be_visible()
    assert str(row.messages.get().text) == "A long answer,\nof an hour"
