"""Opening a request, what is written down of it, and what staff do then (R7-R9, R12, R25)."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.test import Client

from hub.models import AuditEvent, Mail
from ta_requests.models import Cycle, Message, TaRequest
from ta_requests.services import retention, thread
from tests.people import staff_client
from tests.reading import text
from tests.ta_requests.asking import hidden, pacific, typed
from tests.ta_requests.desk import (
    CANARY,
    CONTENT,
    do,
    make_request,
    make_ta_staff,
    open_it,
    page_of,
)


@pytest.fixture
def row(monday):
    return make_request()


def events(row):
    found = AuditEvent.objects.filter(kind="tarequest", reference=row.reference).order_by("pk")
    return [(event.action, event.purpose) for event in found]


def signed_in(tanya):
    """Again, after more than half an hour."""
    tanya.authenticator_set.all().delete()
    return staff_client(tanya)


class TestCover:
    def test_it_tells_the_clock_areas_and_state_and_no_more(self, row, as_tanya):
        page = as_tanya.get(page_of(row))
        said = text(page)
        assert "Wed, Nov 4, 10:00 am" in said
        assert "16 h left" in said
        assert "California" in said
        assert "Immigration" in said
        assert CANARY not in page.content.decode()
        assert events(row) == []

    def test_r7_a_purpose_must_be_given(self, row, as_tanya):
        for sent in ({}, {"purpose": ""}, {"purpose": "curiosity"}):
            page = as_tanya.post(page_of(row, "open"), sent)
            assert "Choose why you open it" in text(page)
            assert CANARY not in page.content.decode()
        assert events(row) == []

    def test_r19_reading_by_a_link_opens_nothing(self, row, as_tanya):
        for method in (as_tanya.get, as_tanya.head):
            answer = method(page_of(row, "open"))
            assert answer.headers["Location"] == page_of(row)
        assert events(row) == []


class TestR7:
    def test_who_when_what_and_why_is_written_down(self, row, as_tanya, tanya):
        page = open_it(as_tanya, row, "supervise").content.decode()
        for said in CONTENT.values():
            assert said in page
        event = AuditEvent.objects.get(action="opened")
        assert (event.actor, event.kind, event.reference) == (tanya, "tarequest", row.reference)
        assert event.purpose == "To supervise"
        assert event.at == pacific("2026-11-02 10:00")
        assert {"question", "name", "email", "phone", "messages"} <= set(event.fields)

    def test_if_it_cannot_be_written_nothing_is_shown(self, row, as_tanya, monkeypatch):
        def fail(*args, **kwargs):
            raise DatabaseError("the disk is full")

        monkeypatch.setattr(AuditEvent.objects, "create", fail)
        as_tanya.raise_request_exception = False
        answer = open_it(as_tanya, row)
        assert answer.status_code == 500
        assert CANARY not in answer.content.decode()

    def test_what_is_done_is_undone_if_its_record_cannot_be_written(
        self, row, as_tanya, monkeypatch
    ):
        def fail(*args, **kwargs):
            raise DatabaseError("the disk is full")

        monkeypatch.setattr(AuditEvent.objects, "create", fail)
        as_tanya.raise_request_exception = False
        assert do(as_tanya, row, "reply", text="An answer").status_code == 500
        assert not Message.objects.exists()
        assert not Mail.objects.filter(kind="ta_requests.reply").exists()

    def test_each_showing_is_written_down(self, row, as_tanya):
        open_it(as_tanya, row)
        do(as_tanya, row, "note", text="Ask Alice")
        do(as_tanya, row, "note", text="")
        assert events(row) == [
            ("opened", "To answer it"),
            ("noted", ""),
            ("opened", "To answer it"),
            ("opened", "To answer it"),
        ]

    def test_the_record_is_there_for_ta_staff(self, row, as_tanya):
        olga = staff_client(make_ta_staff("olga@example.org", name="Olga"))
        open_it(olga, row, "quality")
        for page in (as_tanya.get(page_of(row, "history")), open_it(as_tanya, row)):
            assert "Olga opened For a quality review" in text(page)

    def test_the_page_is_kept_nowhere(self, row, as_tanya):
        assert "no-store" in open_it(as_tanya, row).headers["Cache-Control"]

    def test_r9_the_record_holds_names_and_never_values(self, row, as_tanya):
        open_it(as_tanya, row)
        do(as_tanya, row, "ask", text=f"Which {CANARY}?")
        do(as_tanya, row, "resume")
        do(as_tanya, row, "reply", text=f"Yes {CANARY}")
        do(as_tanya, row, "deadline", deadline_type="court", deadline="11/20/2026")
        do(as_tanya, row, "close", ending="referred")
        for values in AuditEvent.objects.values():
            assert CANARY not in str(values)
            assert "referred" not in str(values)


class TestVerbs:
    def test_take_ask_and_answer_and_close(self, row, as_tanya, tanya, time_machine):
        assert "It is with you" in text(do(as_tanya, row, "take"))
        page = do(as_tanya, row, "ask", text="Which court?")
        assert "Which court?" in text(page)
        assert "Paused: waiting for an answer" in text(page)
        time_machine.move_to(pacific("2026-11-03 10:00"), tick=False)
        thread.write(row.pk, uuid4(), "In Los Angeles")
        as_tanya = signed_in(tanya)
        page = do(as_tanya, row, "reply", text="Yes.")
        assert "In Los Angeles" in text(page)
        page = do(as_tanya, row, "close", ending="solved")
        assert "Closed: solved" in text(page)
        row.refresh_from_db()
        assert (row.status, row.assigned_to) == ("closed", tanya)
        assert [each.kind for each in row.messages.all()] == ["ask", "from-requester", "reply"]
        assert Cycle.objects.get().outcome == "on_time"

    def test_the_clock_goes_on_without_an_answer(self, row, as_tanya):
        do(as_tanya, row, "ask", text="Which court?")
        do(as_tanya, row, "resume")
        row.refresh_from_db()
        assert row.status == "open"
        assert Cycle.objects.get().due_at == pacific("2026-11-04 10:00")

    @pytest.mark.parametrize("verb", ["reply", "ask"])
    def test_r31_identifiers_stop_what_goes_to_the_requester_once(self, row, as_tanya, verb):
        form_id, said = str(uuid4()), "Fine.\nHer number is A 123-456-789"
        page = do(as_tanya, row, verb, text=said, form_id=form_id)
        assert "Line 2: something like an A-number" in text(page)
        assert f">\n{said}</textarea>" in page.content.decode()
        assert not row.messages.exists()
        assert f'name="form_id" value="{form_id}"' in page.content.decode()
        seal = hidden(page, "warned")
        do(as_tanya, row, verb, text=said + ", or A99999999", form_id=form_id, warned=seal)
        assert not row.messages.exists(), "another text is looked at again"
        do(as_tanya, row, verb, text=said, form_id=form_id, warned=seal)
        assert [message.text for message in row.messages.all()] == [said]

    def test_r31_a_note_stays_among_staff(self, row, as_tanya):
        do(as_tanya, row, "note", text="Her number is A 123-456-789")
        assert row.messages.count() == 1

    def test_a_note_is_for_staff(self, row, as_tanya, client):
        page = do(as_tanya, row, "note", text="Weak case")
        assert "Note among staff Tanya" in text(page)
        assert not Mail.objects.exclude(kind="ta_requests.received").exists()

    def test_it_is_handed_to_ta_staff_only(self, row, as_tanya, alice):
        olga = make_ta_staff("olga@example.org", name="Olga")
        page = do(as_tanya, row, "assign", to=alice.pk)
        assert "Choose one of the TA staff" in text(page)
        do(as_tanya, row, "assign", to=olga.pk)
        row.refresh_from_db()
        assert row.assigned_to == olga
        do(as_tanya, row, "assign", to="")
        row.refresh_from_db()
        assert row.assigned_to is None

    def test_the_deadline_is_set_for_them(self, row, as_tanya, tanya):
        do(as_tanya, row, "deadline", deadline_type="court", deadline="11/20/2026")
        row.refresh_from_db()
        assert (row.deadline, row.deadline_type) == (date(2026, 11, 20), "court")
        event = AuditEvent.objects.get(action="dated")
        assert (event.actor, event.fields) == (tanya, ["deadline"])

    def test_r34_it_is_held_and_released(self, row, as_tanya):
        for verb, held in (("hold", True), ("release", False)):
            assert f'/do/{verb}/"' in open_it(as_tanya, row).content.decode()
            do(as_tanya, row, verb)
            row.refresh_from_db()
            assert row.held is held

    @pytest.mark.parametrize("verb", ["reply", "ask", "note"])
    def test_r29_a_double_click_does_it_once(self, row, as_tanya, verb):
        form_id = str(uuid4())
        for _ in range(2):
            assert do(as_tanya, row, verb, text="Once", form_id=form_id).status_code == 200
        assert row.messages.count() == 1
        assert [action for action, _ in events(row)].count("opened") == 2

    def test_each_form_has_an_id_of_its_own(self, row, as_tanya):
        page = open_it(as_tanya, row)
        forms = [form for _, _, form in page.context["verbs"] if "form_id" in form.fields]
        assert len({form["form_id"].value() for form in forms}) == len(forms) == 3

    def test_by_phone_there_is_nobody_to_ask(self, monday, as_tanya):
        row = make_request(email="")
        page = open_it(as_tanya, row)
        assert "None: answer by phone" in text(page)
        assert "/do/ask/" not in page.content.decode()
        assert "There is no email address to ask" in text(do(as_tanya, row, "ask", text="Who?"))


class TestNothingTypedIsLost:
    LONG = "x" * 5001

    def test_r25_by_an_error(self, row, as_tanya):
        page = do(as_tanya, row, "reply", text=self.LONG)
        assert "Shorten your text to 5,000 characters: it has 5,001" in text(page)
        assert self.LONG in page.content.decode()
        assert page.content.decode().count("Error:") == 1
        assert not Message.objects.exists()

    @pytest.mark.parametrize("blank", ["", "  \r\n "])
    def test_abuse_1_an_empty_text_is_refused(self, row, as_tanya, blank):
        assert "Write the text" in text(do(as_tanya, row, "reply", text=blank))
        assert not Message.objects.exists()

    def test_r25_when_it_cannot_be_done(self, row, as_tanya):
        thread.reply(row.pk, uuid4(), "Yes.", make_ta_staff("olga@example.org"))
        page = do(as_tanya, row, "ask", text=f"Which {CANARY}?")
        assert "This request is answered: no clock is running" in text(page)
        assert f">\nWhich {CANARY}?</textarea>" in page.content.decode()
        assert '<a href="#do-ask">Question to the requester</a>' in page.content.decode()

    @pytest.mark.parametrize("second_factor", [True, False])
    def test_r25_when_the_session_has_ended(self, row, tanya, as_tanya, second_factor):
        gone = Client()
        if second_factor:
            gone.force_login(tanya, backend="django.contrib.auth.backends.ModelBackend")
        form_id = str(uuid4())
        page = do(gone, row, "reply", text=f"Dear <b>{CANARY}</b>\r\nYes.", form_id=form_id)
        assert page.status_code == 403
        assert "Your text is kept" in text(page)
        assert typed(page, "text") == f"Dear <b>{CANARY}</b>\r\nYes."
        assert f"<b>{CANARY}" not in page.content.decode()
        assert CONTENT["question"] not in page.content.decode()
        assert not Message.objects.exists()
        # Signed in again on another tab, the same form is sent from here.
        assert f'name="form_id" value="{form_id}"' in page.content.decode()
        assert 'name="purpose" value="answer"' in page.content.decode()

    def test_abuse_24_without_its_token_it_comes_back(self, row, tanya):
        strict = staff_client(tanya, Client(enforce_csrf_checks=True))
        page = do(strict, row, "reply", text="A long answer")
        assert page.status_code == 403
        assert typed(page, "text") == "A long answer"
        assert "the page you wrote on was too old" in text(page)
        assert not Message.objects.exists()
        token = strict.cookies["csrf"].value
        again = do(strict, row, "reply", text="A long answer", csrfmiddlewaretoken=token)
        assert "The answer can be read on the private page" in text(again)

    def test_r25_on_the_way_to_a_phone_request(self, row):
        page = Client().post("/admin/ta_requests/tarequest/add/", {"question": "What I heard"})
        assert page.status_code == 403
        assert typed(page, "question") == "What I heard"


class TestPurged:
    def test_r35_the_cover_says_so_and_opens_nothing(self, row, as_tanya, tanya, time_machine):
        thread.close(row.pk, "solved", tanya)
        for day in ("2027-04-17", "2027-05-02"):
            time_machine.move_to(pacific(f"{day} 10:00"), tick=False)
            retention.warn(pacific(f"{day} 10:00"))
            retention.purge(pacific(f"{day} 10:00"))
        assert TaRequest.objects.get().purged_at
        as_tanya = signed_in(tanya)
        for page in (as_tanya.get(page_of(row)), open_it(as_tanya, row)):
            assert "This request was purged" in text(page)
            assert "/open/" not in page.content.decode()
        page = do(as_tanya, row, "note", text="Too late")
        assert typed(page, "text") == "Too late"
        assert "this request was purged meanwhile" in text(page)


@pytest.mark.parametrize(
    "markup", ["<script>alert(1)</script>", "<img src=x onerror=a>", "{{7*7}}"]
)
def test_abuse_9_and_10_texts_are_shown_as_they_were_typed(monday, as_tanya, markup):
    row = make_request(question=markup, name=markup, organization=markup)
    do(as_tanya, row, "note", text=markup)
    page = open_it(as_tanya, row).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "49" not in page.partition("Question")[2].partition("What to do")[0]
