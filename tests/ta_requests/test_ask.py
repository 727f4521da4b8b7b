"""The form and its answer, as a requester meets them."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from hub.models import Mail, RateCount
from ta_requests.models import Area, FollowLink, Message, TaRequest
from ta_requests.services import thread
from tests.reading import inline_code, text
from tests.ta_requests.asking import (
    FORM,
    PAGE,
    QUESTION,
    SUPERVISED,
    hidden,
    link_to,
    pacific,
    post,
    typed,
)

pytestmark = pytest.mark.usefixtures("thanksgiving")


def test_the_due_time_comes_before_the_form_and_says_why(client):
    page = client.get(PAGE)
    said = text(page)
    assert "Send now and you will have a reply by Monday, November 30, 2026, 4:30 pm" in said
    assert (
        "That is 48 hours on office days. The office is closed on Thursday, November 26 "
        "(Thanksgiving Day), on Friday, November 27 (Day after Thanksgiving) and on the weekend"
    ) in said
    assert said.index("you will have a reply by") < said.index("1. The question")
    assert page["Cache-Control"] == "no-store"


def test_ways_out_come_before_the_form(client):
    said = text(client.get(PAGE))
    ways = said.index("This form is for professionals")
    assert "1-888-373-7888" in said[ways : said.index("1. The question")]
    assert "does not clear your browsing history" in said[ways : said.index("1. The question")]


def test_the_form_asks_for_what_it_should_and_no_more(client):
    html = client.get(PAGE).content.decode()
    form = html[html.index('id="ask"') : html.index("</form>")]
    names = dict.fromkeys(re.findall(r'name="(\w+)"', form))
    assert set(names) - {"csrfmiddlewaretoken", "form_id", "warned"} == set(FORM)
    assert form.count('name="areas"') == 9
    # Browsers cut what is pasted at a maxlength, without a word.
    assert "maxlength" not in form
    assert 'enctype="multipart' not in form


def test_what_was_sent_is_kept_and_answered(client):
    answer = post(client, phone="(213) 555-0100", deadline_type="court", deadline="12/14/2026")
    assert answer.status_code == 200
    row = TaRequest.objects.get()
    assert (row.name, row.email, row.phone) == ("Sam Rivera", "sam@example.org", "(213) 555-0100")
    assert (row.role, row.us_state, row.stage) == ("attorney", "CA", "filed")
    assert (row.deadline_type, row.deadline) == ("court", date(2026, 12, 14))
    assert row.question == QUESTION
    assert {area.slug for area in row.areas.all()} == {"civil", "immigration"}
    assert Mail.objects.get().kind == "ta_requests.received"
    said = text(answer)
    assert "We have your request" in said
    assert "You will hear from us by Monday, November 30, 2026, 4:30 pm Pacific" in said
    assert "Thursday, November 26 (Thanksgiving Day)" in said
    assert f"Reference {row.reference}" in said
    assert "What happens next" in said
    assert f'href="{link_to(row)}"' in answer.content.decode()
    assert "Sam" not in said
    assert "T visa" not in said


def test_a_warning_about_the_deadline_never_blocks_the_sending(client):
    answer = post(client, deadline_type="filing", deadline="11/30/2026")
    assert TaRequest.objects.get().deadline == date(2026, 11, 30)
    said = text(answer)
    assert "Your deadline may come before our reply Please call as well" in said
    assert "today before 5:00 pm Pacific" in said
    later = post(client, deadline_type="filing", deadline="12/01/2026")
    assert "Your deadline may come before our reply" not in text(later)


def test_the_form_says_so_too_when_it_comes_back(client):
    said = text(post(client, deadline_type="court", deadline="11/27/2026", name=""))
    assert "Warning: this date may come before our reply" in said
    assert "Your deadline is Friday, November 27, 2026." in said
    assert "Please send the request and call (888) 507-0193 today before 5:00 pm Pacific" in said


def test_outside_office_hours_it_says_when_to_call(client, time_machine):
    time_machine.move_to(pacific("2026-11-25 19:00"), tick=False)
    said = text(post(client, deadline_type="court", deadline="11/27/2026"))
    assert "(888) 507-0193 , Monday, November 30, from 9:00 am Pacific" in said


@pytest.mark.parametrize(
    "written", ["12/14/2026", "12-14-2026", "12.14.2026", "2026-12-14", "12/14/26", " 12/14/2026 "]
)
def test_a_date_may_be_written_in_more_ways_than_one(client, written):
    post(client, deadline_type="court", deadline=written)
    assert TaRequest.objects.get().deadline == date(2026, 12, 14)


def test_a_supervisor_is_kept_for_those_who_have_one_alone(client):
    post(client, **SUPERVISED)
    row = TaRequest.objects.get()
    assert (row.supervisor_name, row.supervisor_email) == ("Ann Lee", "ann@example.org")
    post(client, **SUPERVISED | {"role": "social", "supervisor_email": "not an address"})
    other = TaRequest.objects.get(role="social")
    assert (other.supervisor_name, other.supervisor_email) == ("", "")


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"areas": None}, "areas_0", "Choose at least one area of law"),
        ({"question": " \r\n "}, "question", "Write your question"),
        ({"stage": ""}, "stage", "Choose the stage"),
        ({"stage": "<b>"}, "stage", "Choose the stage"),
        ({"name": "\u200b"}, "name", "Enter your name"),
        ({"organization": ""}, "organization", "Enter your organization"),
        ({"role": ""}, "role", "Choose your role"),
        ({"us_state": "XX"}, "us_state", "Choose the state where you work"),
        ({"email": ""}, "email", "Enter your email address"),
        ({"email": "sam"}, "email", "Enter an email address such as name@example.org"),
        ({"deadline_type": "court"}, "deadline", "Enter the date, or choose “No deadline”"),
        ({"deadline": "12/14/2026"}, "deadline_type", "Choose what kind of date it is"),
        ({"ok_identifiers": None}, "ok_identifiers", "Confirm that you have removed"),
        ({"ok_relationship": None}, "ok_relationship", "Confirm that you understand"),
        ({"name": "x" * 301}, "name", "Shorten your name to 300 characters: it has 301"),
        ({"more": "x" * 301}, "more", "Shorten what it is about to 300 characters: it has 301"),
    ],
)
def test_r26_errors_are_summarized_linked_and_say_what_to_do(client, change, field, sentence):
    answer = post(client, **change)
    html = answer.content.decode()
    assert not TaRequest.objects.exists()
    assert "<title>Error: Request technical assistance" in html
    assert f'<a href="#id_{field}">{sentence}' in html
    assert html.index('id="errors"') < html.index("<h1>")
    assert html.count(f'id="id_{field}"') == 1
    assert "“" in sentence or sentence in text(answer)


def test_r26_no_time_limit_a_form_open_for_thirteen_hours_or_thirty_works(client, time_machine):
    """27: and for longer than the 20 hours of WCAG 2.2.1."""
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(PAGE)
    for later in ("2026-11-25 05:30", "2026-11-25 22:30"):
        time_machine.move_to(pacific(later), tick=False)
        token, form_id = hidden(page, "csrfmiddlewaretoken"), hidden(page, "form_id")
        answer = post(strict, form_id, csrfmiddlewaretoken=token)
        assert "We have your request" in text(answer)
    assert TaRequest.objects.count() == 1


def test_r23_the_pages_of_the_form(client):
    for answer in (client.get(PAGE), post(client, name=""), post(client)):
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["Cache-Control"] == "no-store"
        assert inline_code(answer) == []
        html = answer.content.decode()
        assert re.findall(r'(?:src|action)="(https?:[^"]*)"', html) == []
        assert 'content="noindex"' in html


def test_r23_no_browser_remembers_the_narrative(client):
    html = client.get(PAGE).content.decode()
    for name in ("question", "more", "deadline", "supervisor_name", "supervisor_email"):
        (control,) = re.findall(rf'<(?:input|textarea)[^>]*name="{name}"[^>]*>', html)
        assert 'autocomplete="off"' in control, name
    assert 'name="name" autocomplete="name"' in html


def test_r24_no_field_waits_for_script(client):
    html = client.get(PAGE).content.decode()
    form = html[html.index('id="ask"') : html.index("</form>")]
    assert " hidden" not in re.sub(r'type="hidden"', "", form)
    assert "disabled" not in form
    assert "Only for the role “Paralegal, intern or graduate”" in form


class TestR25NothingTypedIsLost:
    KEPT = {"question": QUESTION, "name": "Sam Rivera", "email": "Sam@Example.org"}

    def kept(self, answer):
        for name, value in self.KEPT.items():
            assert typed(answer, name).replace("\r\n", "\n") == value
        html = answer.content.decode()
        assert re.search(r'value="civil"[^>]*checked', html)
        assert re.search(r'value="CA" selected', html)

    def test_on_an_error(self, client):
        self.kept(post(client, organization=""))

    def test_when_a_field_is_too_long(self, client):
        answer = post(client, more="x" * 9000)
        self.kept(answer)
        assert typed(answer, "more") == "x" * 9000

    def test_when_the_token_is_missing(self):
        answer = post(Client(enforce_csrf_checks=True), form_id := uuid4())
        assert answer.status_code == 403
        assert "please press “Send request” again" in text(answer)
        assert hidden(answer, "form_id") == str(form_id)
        self.kept(answer)

    def test_over_the_limit(self, client, settings):
        settings.RATE_LIMITS = settings.RATE_LIMITS | {
            "technical assistance per network": (0, 3600)
        }
        answer = post(client)
        assert answer.status_code == 429
        self.kept(answer)

    def test_when_the_text_is_warned_about(self, client):
        answer = post(client, more="A123456789")
        assert "Not sent yet" in text(answer)
        self.kept(answer)


class TestR31Identifiers:
    NARRATIVE = "My client was told no.\r\nHer number is A 123-456-789. Her SSN: 123-45-6789"

    def test_it_says_where_and_does_not_repeat(self, client):
        answer = post(client, question=self.NARRATIVE, organization="m@example.org")
        assert not TaRequest.objects.exists()
        html = answer.content.decode()
        warning = html[html.index('id="warning"') : html.index("<h1>")]
        assert "please look at 3 places" in warning
        assert 'href="#id_question"' in warning
        said = re.sub(r"<[^>]+>", "", warning)
        assert "Your question, line 2: something like an A-number" in said
        assert "Your question, line 2, sentence 2: something like a Social Security" in said
        assert "Organization: something like an email address" in said
        for secret in ("123", "6789", "m@example"):
            assert secret not in said
        assert "<title>Not sent yet" in html

    def test_the_link_selects_the_place_in_the_field(self, client):
        answer = post(client, question="😀\r\nA123456789")
        assert 'data-select="3 13"' in answer.content.decode()

    def test_it_stops_once(self, client):
        form_id = uuid4()
        answer = post(client, form_id, question=self.NARRATIVE)
        assert hidden(answer, "form_id") == str(form_id)
        answer = post(client, form_id, question=self.NARRATIVE, warned=hidden(answer, "warned"))
        assert "We have your request" in text(answer)
        assert "123-45-6789" in TaRequest.objects.get().question

    def test_another_text_is_looked_at_again(self, client):
        form_id = uuid4()
        answer = post(client, form_id, question=self.NARRATIVE)
        seal = hidden(answer, "warned")
        answer = post(client, form_id, question=self.NARRATIVE + " Or A99999999", warned=seal)
        assert "please look at 3 places" in text(answer)
        answer = post(client, uuid4(), question=self.NARRATIVE, warned=seal)
        assert "please look at 2 places" in text(answer)
        assert not TaRequest.objects.exists()

    def test_a_text_without_them_needs_no_seal(self, client):
        form_id = uuid4()
        post(client, form_id, question=self.NARRATIVE)
        assert "We have your request" in text(post(client, form_id))

    @pytest.mark.parametrize("warned", ["", "yes", "0" * 64, "\x00", "é"])
    def test_no_other_word_stands_for_the_seal(self, client, warned):
        answer = post(client, question=self.NARRATIVE, warned=warned)
        assert "Not sent yet" in text(answer)
        assert not TaRequest.objects.exists()

    def test_errors_and_warnings_come_together(self, client):
        answer = post(client, question=self.NARRATIVE, name="")
        assert "There is a problem" in text(answer)
        assert "please look at 2 places" in text(answer)
        form_id, seal = hidden(answer, "form_id"), hidden(answer, "warned")
        answer = post(client, form_id, question=self.NARRATIVE, warned=seal)
        assert "We have your request" in text(answer)

    def test_nothing_of_it_is_logged(self, client, caplog):
        caplog.set_level(0)
        post(client, question=self.NARRATIVE)
        assert [one.getMessage() for one in caplog.records if "django" not in one.name] == []


class TestR29SentTwice:
    def test_is_one_request_and_one_answer(self, client):
        form_id = uuid4()
        first, second = post(client, form_id), post(client, form_id)
        assert TaRequest.objects.count() == 1
        assert Mail.objects.count() == 1
        assert FollowLink.objects.count() == 1
        assert text(first) == text(second)

    def test_it_uses_up_one_of_the_limit(self, client):
        form_id = uuid4()
        for _ in range(7):
            post(client, form_id)
        assert [one.hits for one in RateCount.objects.all()] == [1, 1]

    def test_an_edited_form_is_not_sent_in_silence_and_not_lost(self, client):
        form_id = uuid4()
        post(client, form_id)
        answer = post(client, form_id, question="Another question")
        row = TaRequest.objects.get()
        assert row.question == QUESTION
        said = text(answer)
        assert "This form was sent already" in said
        assert row.reference in said
        assert "Send this as a new question" in said
        assert typed(answer, "question") == "Another question"
        new = hidden(answer, "form_id")
        assert new != str(form_id)
        post(client, new, question="Another question")
        assert TaRequest.objects.count() == 2

    @pytest.mark.parametrize(
        "change",
        [
            {"email": "sam@new.example.org"},
            {"areas": ["civil"]},
            {"deadline_type": "court", "deadline": "12/14/2026"},
            SUPERVISED,
        ],
        ids=["email", "areas", "deadline", "role"],
    )
    def test_any_edit_counts(self, client, change):
        form_id = uuid4()
        post(client, form_id)
        assert "This form was sent already" in text(post(client, form_id, **change))
        assert TaRequest.objects.count() == 1

    def test_a_reload_after_the_deadline_is_no_edit(self, client, time_machine):
        form_id = uuid4()
        kind = {"deadline_type": "court", "deadline": "12/01/2026"}
        post(client, form_id, **kind)
        time_machine.move_to(pacific("2026-12-20 10:00"), tick=False)
        assert "We have your request" in text(post(client, form_id, **kind))

    def test_who_has_the_form_learns_reference_time_and_link_only(self, client, tanya):
        form_id = uuid4()
        post(client, form_id)
        row = TaRequest.objects.get()
        thread.reply(row.pk, uuid4(), "The secret answer", tanya)
        said = text(post(client, form_id))
        assert row.reference in said
        assert "secret" not in said
        assert "worked on already" in said

    @pytest.mark.parametrize("form_id", ["", "x", "0" * 32, "1" * 36, "\x00"])
    def test_a_form_id_that_is_none_is_a_new_one(self, client, form_id):
        post(client, form_id=form_id or " ")
        post(client, form_id=form_id or " ")
        assert TaRequest.objects.count() == 2
        assert {one.form_id.version for one in TaRequest.objects.all()} == {4}

    def test_nothing_of_a_purged_request_is_told(self, client):
        form_id = uuid4()
        post(client, form_id)
        row = TaRequest.objects.get()
        thread.finish(row.pk, "solved")
        sealed = ("name", "email", "email_index", "phone", "supervisor_name", "supervisor_email")
        nothing = dict.fromkeys([*sealed, "more", "question"])
        TaRequest.objects.update(organization="", purged_at=timezone.now(), **nothing)
        answer = post(client, form_id)
        assert "This form was sent already" in text(answer)
        assert "/follow/" not in answer.content.decode()


def test_r28_over_the_limit_the_phone_and_hours_are_said(client, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"technical assistance per network": (1, 3600)}
    post(client)
    answer = post(client, form_id := uuid4())
    assert answer.status_code == 429
    assert TaRequest.objects.count() == 1
    said = text(answer)
    assert "Press “Send request” again in an hour, or call (888) 507-0193, weekdays 9:00 am" in said
    assert hidden(answer, "form_id") == str(form_id)


def test_r27_a_form_that_is_not_sent_is_not_counted(client):
    post(client, name="")
    post(client, question="A123456789")
    assert not RateCount.objects.exists()


def test_r27_a_day_has_its_limit_too(client, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"technical assistance in all": (1, 86400)}
    assert post(client).status_code == 200
    answer = Client(REMOTE_ADDR="203.0.113.9")
    assert post(answer).status_code == 429


def test_r27_the_defaults(settings):
    assert settings.RATE_LIMITS["technical assistance per network"] == (5, 3600)
    assert settings.RATE_LIMITS["technical assistance in all"] == (200, 86400)


def test_r20_a_reference_tells_nothing_of_how_many_there_are_or_when(client):
    for _ in range(5):
        post(client)
    references = [row.reference for row in TaRequest.objects.order_by("pk")]
    assert all(re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", one) for one in references)
    assert len({one[:4] for one in references}) == 5


def test_r33_what_was_written_is_text(client):
    evil = "<script>alert(1)</script> {{7*7}} **bold** <img src=x onerror=alert(1)>"
    post(client, question=evil, name=evil)
    row = TaRequest.objects.get()
    assert row.question == evil
    answer = client.post(link_to(row), {"do": "open"})
    html = answer.content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} **bold**" in html


def test_without_areas_yet_the_page_still_says_how_to_call(client):
    Area.objects.all().delete()
    assert "(888) 507-0193" in text(client.get(PAGE))


def test_one_area_and_thirty_cost_the_same(client, django_assert_num_queries):
    Area.objects.exclude(slug="civil").delete()
    # Organization, service, policy, closures, areas.
    with django_assert_num_queries(5):
        client.get(PAGE)
    for number in range(29):
        Area.objects.create(slug=f"a{number}", name=f"Area {number}")
    with django_assert_num_queries(5):
        client.get(PAGE)


def test_no_message_is_made_by_asking(client):
    post(client)
    assert not Message.objects.exists()
