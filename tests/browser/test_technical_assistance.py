"""Technical assistance as people use it: ask, be warned, edit, send, open, write, close."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from hub import outbox
from hub.models import User
from ta_requests.models import Message, TaRequest
from ta_requests.services import links, thread
from tests.browser.visitor import WIDTHS

pytestmark = pytest.mark.django_db(transaction=True)

ASK = "/technical-assistance/ask/"
NARRATIVE = "My client asked.\nHer number is A 123-456-789. Can she apply?"


@pytest.fixture(autouse=True)
def content(settings):
    call_command("seed_content", settings.BASE_DIR / "hub/content/seed_content.yaml", verbosity=0)


@pytest.fixture
def tanya():
    return User.objects.create_user("tanya@example.org", is_staff=True)


def fill_in(page, question=NARRATIVE):
    page.get_by_label("Immigration").check()
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Stage of the case").select_option("filed")
    page.get_by_label("Name", exact=True).fill("Sam Rivera")
    page.get_by_label("Organization").fill("Example Legal Aid")
    page.get_by_label("Role").select_option("attorney")
    page.get_by_label("State where you work").select_option("CA")
    page.get_by_label("Email", exact=True).fill("sam@example.org")
    page.get_by_label("I have removed").check()
    page.get_by_label("I understand").check()


def heading(page, words):
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def link_in_newest_mail():
    outbox.send_due()
    text = mail.outbox[-1].message().get_body(("plain",)).get_content()
    return re.search(r"http://testserver(/technical-assistance/follow/\S+)", text)[1]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_from_the_question_to_the_answer_and_back(visitor, tanya, script, width):
    one = visitor(script=script, width=width)
    page = one.visit("/technical-assistance/")
    page.get_by_role("link", name="Send a question").click()
    heading(page, "Request technical assistance")
    fill_in(page)
    one.press("Send request")
    warning = page.locator("#warning")
    expect(warning).to_be_focused()
    expect(warning).to_contain_text("Your question, line 2: something like an A-number")
    assert "123-456" not in warning.inner_text()
    assert page.get_by_label("Your question").input_value() == NARRATIVE
    assert not TaRequest.objects.exists()

    page.get_by_label("Your question").fill("Her number is A-removed. Can she apply?")
    one.press("Send request")
    heading(page, "We have your request")
    row = TaRequest.objects.get()
    expect(page.get_by_text(row.reference).first).to_be_visible()
    assert page.url.endswith(ASK)

    link = link_in_newest_mail()
    # A mail program looks at every link before the person does.
    visitor(script=script).visit(link)
    page = one.visit(link)
    assert "Can she apply" not in page.content()
    one.press("Open your request")
    heading(page, f"Your request {row.reference}")
    expect(page.get_by_text("Can she apply?")).to_be_visible()
    page.get_by_label("Your message").fill("She was born on 01/02/1990.")
    one.press("Send your addition")
    expect(page.locator("#warning")).to_contain_text("something like a date of birth")
    one.press("Send as it is")
    expect(page.get_by_text("We have your message")).to_be_visible()
    assert row.messages.count() == 1

    thread.ask(row.pk, uuid4(), "Which court?", tanya)
    one.visit(link)
    one.press("Open your request")
    expect(page.get_by_text("Which court?")).to_be_visible()
    page.get_by_label("Your message").fill("Los Angeles")
    one.press("Send your answer")
    expect(page.get_by_text("You will hear from us by").first).to_be_visible()

    thread.reply(row.pk, uuid4(), "Yes, she can.", tanya)
    link = link_in_newest_mail()
    one.visit(link)
    one.press("Open your request")
    expect(page.get_by_text("Yes, she can.")).to_be_visible()
    one.press("It is solved")
    one.press("Yes, it is solved")
    expect(page.get_by_role("heading", name="Your request is closed")).to_be_visible()
    row.refresh_from_db()
    assert row.status == "closed"


def test_r23_a_form_of_a_page_without_referrer_is_sent_with_a_null_origin_and_arrives(visitor):
    one = visitor()
    seen = []
    one.page.on("request", lambda request: seen.append(request.all_headers()))
    page = one.visit(ASK)
    fill_in(page, "A question")
    seen.clear()
    one.press("Send request")
    heading(page, "We have your request")
    # Sec-Fetch-Site is added where no test can see it; without it this would not arrive.
    assert seen[0]["origin"] == "null"
    assert not [headers for headers in seen if "referer" in headers]


def test_24_a_strangers_page_sends_nothing(visitor, browser, live_server):
    """A sandboxed page has the same null origin; the browser says that it is a stranger's."""
    one = visitor()
    one.visit(ASK)
    stranger = one.context.new_page()
    one.context.route(
        "**/stranger/",
        lambda route: route.fulfill(
            content_type="text/html",
            headers={"Content-Security-Policy": "sandbox allow-forms allow-scripts"},
            body=f'<form method="post" action="{live_server.url}{ASK}">'
            '<input name="question" value="forged"><button>go</button></form>',
        ),
    )
    stranger.goto("/stranger/")
    one.expected = 403
    with stranger.expect_navigation() as answer:
        stranger.get_by_role("button", name="go").click()
    assert answer.value.status == 403
    assert not TaRequest.objects.exists()


def test_28_a_double_click_and_a_reload_are_one_request(visitor):
    one = visitor()
    page = one.visit(ASK)
    fill_in(page, "A question")
    page.get_by_role("button", name="Send request").dblclick()
    heading(page, "We have your request")
    page.reload()
    heading(page, "We have your request")
    assert TaRequest.objects.count() == 1


def test_28_back_edit_and_send_again_keeps_the_new_text(visitor):
    one = visitor()
    page = one.visit(ASK)
    fill_in(page, "A question")
    form_id = page.locator("[name=form_id]").input_value()
    one.press("Send request")
    row = TaRequest.objects.get()
    # A browser that keeps the page for the back button shows the form as it was sent.
    one.visit(ASK)
    fill_in(page, "Another question")
    page.locator("[name=form_id]").evaluate("(field, id) => { field.value = id; }", form_id)
    one.press("Send request")
    expect(page.get_by_role("heading", name="This form was sent already")).to_be_visible()
    expect(page.get_by_text(row.reference)).to_be_visible()
    assert page.get_by_label("Your question").input_value() == "Another question"
    one.press("Send this as a new question")
    heading(page, "We have your request")
    assert {str(each.question) for each in TaRequest.objects.all()} == {
        "A question",
        "Another question",
    }


def test_script_shows_the_supervisor_to_those_who_have_one(visitor):
    page = visitor().visit(ASK)
    field = page.get_by_label("Supervisor’s name")
    expect(field).to_be_visible()
    page.get_by_label("Role").select_option("attorney")
    expect(field).to_be_hidden()
    page.get_by_label("Role").select_option("supervised")
    expect(field).to_be_visible()
    page = visitor(script=False).visit(ASK)
    page.get_by_label("Role").select_option("attorney")
    expect(page.get_by_label("Supervisor’s name")).to_be_visible()


def test_script_leads_to_the_place_in_the_text(visitor):
    one = visitor()
    page = one.visit(ASK)
    fill_in(page)
    one.press("Send request")
    page.get_by_role("link", name="something like an A-number").click()
    chosen = page.evaluate(
        "() => { const e = document.activeElement;"
        " return e.value.slice(e.selectionStart, e.selectionEnd); }"
    )
    assert chosen == "A 123-456-789"


@pytest.mark.parametrize("width", [*WIDTHS, 320])
def test_every_page_can_be_read_by_everyone(visitor, tanya, width):
    one = visitor(width=width)
    look = one.read_by_everyone
    one.visit("/technical-assistance/")
    look()
    page = one.visit(ASK)
    look()
    one.press("Send request")
    look()
    fill_in(page)
    page.get_by_label("Next deadline").select_option("court")
    page.get_by_label("Its date").fill(f"{timezone.localdate() + timedelta(days=1):%m/%d/%Y}")
    one.press("Send request")
    look()
    one.press("Send as it is")
    look()
    row = TaRequest.objects.get()
    thread.ask(row.pk, uuid4(), "Which court?", tanya)
    one.visit(f"/technical-assistance/follow/{links.token_of(row)}/")
    look()
    one.press("Open your request")
    look()
    one.press("Send your answer")
    look()
    one.press("Save the deadline")
    look()
    one.press("Withdraw my question")
    look()
    one.press("Yes, withdraw it")
    look()
    assert not Message.objects.filter(kind="from-requester").exists()


def test_the_focus_is_seen_at_each_stop_of_the_form(visitor):
    one = visitor(width=390)
    one.visit(ASK)
    names = one.tab_through()
    assert names[-1] == "All dates as a calendar feed"
    assert "website" not in names
    assert names.index("Send request") > names.index("question")
