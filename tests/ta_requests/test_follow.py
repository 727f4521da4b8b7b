"""The private page: what its link shows, to whom, and what can be done there."""

import logging
import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from hub.models import Closure, Mail, RateCount
from ta_requests.models import Cycle, Message, TaRequest
from ta_requests.services import clock, links, thread
from tests.reading import inline_code, text
from tests.ta_requests.asking import QUESTION, hidden, link_to, pacific, post, typed

UNKNOWN = f"/technical-assistance/follow/{'A' * 43}/"


@pytest.fixture
def link(row):
    return link_to(row)


@pytest.fixture
def do(client, link):
    """Press a button of the private page as it stands."""

    def press(what, **said):
        page = client.post(link, {"do": "open"})
        names = set(re.findall(r'name="(form_id|warned|seen)"', page.content.decode()))
        return client.post(link, {name: hidden(page, name) for name in names} | {"do": what} | said)

    return press


def everything():
    models = (TaRequest, Cycle, Message, Mail)
    return [list(model.objects.order_by("pk").values()) for model in models]


class TestR19TheLink:
    def test_r19_get_and_head_show_nothing_and_change_nothing(self, client, row, link):
        before = everything()
        page = client.get(link)
        client.head(link)
        client.options(link)
        assert everything() == before
        said = text(page)
        assert "Open your request" in said
        for secret in (row.reference, "Sam", "T visa", "Monday", "Immigration", "California"):
            assert secret not in said
        assert "csrf" not in page.content.decode()
        assert not page.cookies

    def test_r19_the_page_is_the_same_for_every_live_link(self, client, row, link, tanya):
        first = client.get(link).content
        post(client, question="Something else", name="Other")
        other = TaRequest.objects.exclude(pk=row.pk).get()
        thread.reply(other.pk, uuid4(), "An answer", tanya)
        assert client.get(link_to(other)).content == first

    def test_r19_the_token_is_random_long_and_kept_as_its_hash(self, row):
        token = links.token_of(row)
        assert re.fullmatch(r"[\w-]{43}", token)
        stored = row.links.get()
        assert token.encode() not in bytes(stored.token_hash)
        assert links.find(token) == row

    def test_r19_a_reply_ends_the_link_and_the_mail_has_the_new_one(self, client, row, link, tanya):
        thread.reply(row.pk, uuid4(), "An answer", tanya)
        assert client.get(link).status_code == 404
        assert client.get(link_to(row)).status_code == 200

    def test_r19_it_expires_30_days_after_closing(self, client, row, link, time_machine):
        thread.finish(row.pk, "solved")
        closed = timezone.now()
        time_machine.move_to(closed + timedelta(days=30), tick=False)
        assert client.get(link).status_code == 200
        assert QUESTION.split("\n")[0] in text(client.post(link, {"do": "open"}))
        time_machine.move_to(closed + timedelta(days=30, seconds=1), tick=False)
        assert client.get(link).status_code == 404
        assert client.post(link, {"do": "open"}).status_code == 404


class TestR21TheSame404:
    def test_r21_unknown_expired_revoked_and_purged(self, client, row, link, tanya, time_machine):
        answers = [client.get(UNKNOWN)]
        links.revoke(row)
        answers.append(client.get(link))
        expired = link_to(row)
        thread.finish(row.pk, "solved")
        time_machine.move_to(timezone.now() + timedelta(days=31), tick=False)
        answers.append(client.get(expired))
        post(client)
        other = TaRequest.objects.exclude(pk=row.pk).get()
        purged = link_to(other)
        thread.finish(other.pk, "solved")
        sealed = ("name", "email", "email_index", "phone", "supervisor_name", "supervisor_email")
        nothing = dict.fromkeys([*sealed, "more", "question"])
        TaRequest.objects.filter(pk=other.pk).update(
            organization="", purged_at=timezone.now(), **nothing
        )
        answers.append(client.get(purged))
        elsewhere = client.get("/technical-assistance/follow/none/at/all/")
        assert {answer.status_code for answer in [*answers, elsewhere]} == {404}
        assert {answer.content for answer in answers} == {elsewhere.content}
        headers = [sorted(answer.headers.items()) for answer in answers]
        assert all(one == headers[0] for one in headers)

    def test_r21_by_button_too(self, client, row, link):
        links.revoke(row)
        for data in ({"do": "open"}, {"do": "solved"}, {"do": "deadline"}, {}):
            assert client.post(link, data).content == client.post(UNKNOWN, data).content
            assert client.post(link, data).status_code == 404

    def test_r25_what_was_being_written_meanwhile_comes_back(self, client, row, link, tanya):
        thread.reply(row.pk, uuid4(), "An answer", tanya)
        said = {"do": "write", "text": "One\nmore <b>thing</b>"}
        answer = client.post(link, said)
        assert answer.status_code == 404
        assert "One\nmore &lt;b&gt;thing&lt;/b&gt;</textarea>" in answer.content.decode()
        assert "What you wrote was not sent" in text(answer)
        assert client.post(UNKNOWN, said).content == answer.content
        assert not Message.objects.filter(kind="from-requester").exists()


def test_r22_one_sees_ones_own_thread_without_notes(client, row, link, tanya):
    post(client, question="Somebody else’s question", email="other@example.org")
    thread.note(row.pk, uuid4(), "Between us: ask Tim", tanya)
    thread.ask(row.pk, uuid4(), "Which court?", tanya)
    said = text(client.post(link, {"do": "open"}))
    assert "Can a T visa application go ahead" in said
    assert "Our question to you" in said
    assert "Which court?" in said
    assert "Between us" not in said
    assert "Somebody else" not in said
    assert "tanya" not in said


def test_r23_the_private_pages(client, row, link):
    pages = [client.get(link), client.get(UNKNOWN), client.post(UNKNOWN, {"text": "x"})]
    pages += [client.post(link, {"do": do}) for do in ("open", "write", "deadline", "solved")]
    for page in pages:
        assert page["Referrer-Policy"] == "no-referrer"
        assert page["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
        assert inline_code(page) == []
        if page.status_code == 200:
            assert page["X-Robots-Tag"] == "noindex"


def test_r24_each_button_is_a_form_of_its_own(client, link):
    html = client.post(link, {"do": "open"}).content.decode()
    for do in ("write", "deadline", "solved", "withdraw"):
        assert f'name="do" value="{do}"' in html
    assert "maxlength" not in html


class TestHowItStands:
    def test_open(self, client, link):
        said = text(client.post(link, {"do": "open"}))
        assert "You will hear from us by Monday, November 30, 2026, 4:30 pm Pacific" in said

    def test_late(self, client, link, time_machine):
        time_machine.move_to(pacific("2026-11-30 16:31"), tick=False)
        said = text(client.post(link, {"do": "open"}))
        assert "You should have heard from us by Monday, November 30, 2026, 4:30 pm" in said
        assert "today before 5:00 pm Pacific" in said

    def test_moved_by_a_closure(self, client, link):
        Closure.objects.create(date=date(2026, 11, 30), name="Flood")
        clock.closures_changed()
        said = text(client.post(link, {"do": "open"}))
        assert "by Tuesday, December 1, 2026, 4:30 pm Pacific" in said
        assert "At first we said Monday, November 30, 2026, 4:30 pm Pacific. A day on which" in said

    def test_waiting(self, client, row, link, tanya):
        thread.ask(row.pk, uuid4(), "Which court?", tanya)
        said = text(client.post(link, {"do": "open"}))
        assert "Until you answer, the reply time stands still." in said
        assert "Send your answer" in said
        assert "November 30" not in said

    def test_answered(self, client, row, tanya):
        thread.reply(row.pk, uuid4(), "Yes,\nit can.", tanya)
        page = client.post(link_to(row), {"do": "open"})
        assert "Answered Tuesday, November 24, 2026, 4:30 pm Pacific" in text(page)
        assert "Yes,\nit can." in page.content.decode()

    def test_closed(self, client, row, link):
        thread.finish(row.pk, "solved")
        said = text(client.post(link, {"do": "open"}))
        assert "ask again, until Thursday, December 24" in said
        assert "Withdraw" not in said
        assert "Save the deadline" not in said


class TestWrite:
    def test_an_addition_is_kept_and_acknowledged(self, do, row):
        said = text(do("write", text="One more fact"))
        assert "We have your message Next: a member of staff reads it." in said
        assert "You will hear from us by Monday, November 30, 2026, 4:30 pm Pacific" in said
        assert said.count("One more fact") == 1
        assert row.messages.get().kind == "from-requester"

    def test_an_answer_lets_the_clock_go_on(self, do, row, tanya, time_machine):
        thread.ask(row.pk, uuid4(), "Which court?", tanya)
        time_machine.move_to(pacific("2026-11-30 09:30"), tick=False)
        said = text(do("write", text="Los Angeles"))
        assert "You will hear from us by Wednesday, December 2, 2026, 9:30 am Pacific" in said
        row.refresh_from_db()
        assert row.status == "open"

    def test_asking_again_after_an_answer_is_a_new_promise(self, client, row, tanya):
        thread.reply(row.pk, uuid4(), "Yes", tanya)
        link = link_to(row)
        answer = client.post(link, {"do": "write", "form_id": uuid4(), "text": "And if not?"})
        assert "You will hear from us by Monday, November 30" in text(answer)
        assert Mail.objects.filter(kind="ta_requests.again", version=2).count() == 1

    def test_35_asking_again_after_closing_opens_it(self, client, row, link, time_machine):
        thread.finish(row.pk, "solved")
        time_machine.move_to(timezone.now() + timedelta(days=29), tick=False)
        client.post(link, {"do": "write", "form_id": uuid4(), "text": "And now?"})
        row.refresh_from_db()
        assert (row.status, row.closed_at, row.ending) == ("open", None, "")

    def test_r29_twice_is_once(self, client, row, link):
        sent = {"do": "write", "form_id": uuid4(), "text": "One more fact"}
        first, second = client.post(link, sent), client.post(link, sent)
        assert row.messages.count() == 1
        assert "We have your message" in text(second)
        assert text(first) == text(second)

    def test_an_edited_one_is_kept_for_a_new_message(self, client, row, link):
        form_id = uuid4()
        client.post(link, {"do": "write", "form_id": form_id, "text": "One"})
        answer = client.post(link, {"do": "write", "form_id": form_id, "text": "Two"})
        assert "This message was sent already" in text(answer)
        assert typed(answer, "text") == "Two"
        assert hidden(answer, "form_id") != str(form_id)
        assert [one.text for one in row.messages.all()] == ["One"]

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ("", "Write your message"),
            (" \r\n\u200b", "Write your message"),
            ("x" * 5001, "Shorten your message to 5,000 characters: it has 5,001."),
        ],
    )
    def test_errors_keep_the_text(self, do, row, said, sentence):
        answer = do("write", text=said)
        assert sentence in text(answer)
        assert '<a href="#id_text">' in answer.content.decode()
        assert "<title>Error: " in answer.content.decode()
        assert not row.messages.exists()
        if len(said) > 5000:
            assert typed(answer, "text") == said

    def test_r31_identifiers_stop_it_once(self, client, row, link):
        sent = {"do": "write", "form_id": str(uuid4()), "text": "Fine.\nBorn 01/02/1990"}
        answer = client.post(link, sent)
        assert "Your message, line 2: something like a date of birth" in text(answer)
        assert typed(answer, "text") == sent["text"]
        assert not row.messages.exists()
        assert hidden(answer, "form_id") == sent["form_id"]
        client.post(link, sent | {"warned": hidden(answer, "warned")})
        assert row.messages.count() == 1


class TestDeadline:
    def test_it_is_kept_and_warned_about(self, do, row):
        said = text(do("deadline", deadline_type="court", deadline="11/30/2026"))
        assert "We have your deadline" in said
        assert "Your next deadline: court date, Monday, November 30, 2026." in said
        assert "Your deadline may come before our reply" in said
        row.refresh_from_db()
        assert (row.deadline_type, row.deadline) == ("court", date(2026, 11, 30))

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"deadline": ""}, "Enter the date as month/day/year, such as 12/31/2026"),
            ({"deadline_type": ""}, "Choose what kind of date it is"),
            ({"deadline": "11/23/2026"}, "This date has passed."),
            ({"deadline": "01/01/9999"}, "Enter a date within the next ten years"),
        ],
    )
    def test_errors(self, do, row, change, sentence):
        answer = do("deadline", **{"deadline_type": "court", "deadline": "12/01/2026"} | change)
        assert sentence in text(answer)
        row.refresh_from_db()
        assert row.deadline is None

    def test_the_same_form_again_later_undoes_nothing(self, client, row, link):
        page = client.post(link, {"do": "open"})
        first = {"do": "deadline", "seen": hidden(page, "seen")}
        first |= {"deadline_type": "court", "deadline": "12/01/2026"}
        page = client.post(link, first)
        assert "We have your deadline" in text(client.post(link, first))
        client.post(link, first | {"seen": hidden(page, "seen"), "deadline": "12/08/2026"})
        answer = client.post(link, first)
        assert "Something changed since you opened this page" in text(answer)
        assert typed(answer, "deadline") == "12/01/2026"
        row.refresh_from_db()
        assert row.deadline == date(2026, 12, 8)

    def test_none_for_a_request_that_was_closed_meanwhile(self, do, row):
        thread.finish(row.pk, "solved")
        said = text(do("deadline", deadline_type="court", deadline="12/01/2026"))
        assert "Your request is closed" in said
        assert "We have your deadline" not in said
        row.refresh_from_db()
        assert (row.status, row.deadline) == ("closed", None)


class TestFinish:
    @pytest.mark.parametrize(
        ("what", "ending", "yes"),
        [("solved", "solved", "Yes, it is solved"), ("withdraw", "withdrawn", "Yes, withdraw it")],
    )
    def test_it_is_asked_once_more_and_done(self, client, do, row, link, what, ending, yes):
        page = do(what)
        row.refresh_from_db()
        assert row.status == "open"
        assert yes in text(page)
        sure = {"do": what, "sure": "yes", "seen": hidden(page, "seen")}
        said = text(client.post(link, sure))
        row.refresh_from_db()
        assert (row.status, row.ending) == ("closed", ending)
        assert "For 30 days you can read it here" in said
        assert "Your request is closed" in text(client.post(link, sure))

    def test_the_same_button_again_closes_nothing_that_was_opened_since(
        self, client, do, row, link
    ):
        sure = {"do": "solved", "sure": "yes", "seen": hidden(do("solved"), "seen")}
        client.post(link, sure)
        client.post(link, {"do": "write", "form_id": uuid4(), "text": "Not yet, sorry"})
        assert "Something changed since" in text(client.post(link, sure))
        row.refresh_from_db()
        assert row.status == "open"

    @pytest.mark.parametrize("seen", ["", "x", "0" * 64])
    def test_nothing_is_closed_by_a_page_that_was_not_seen(self, client, row, link, seen):
        client.post(link, {"do": "withdraw", "sure": "yes", "seen": seen})
        row.refresh_from_db()
        assert row.status == "open"


@pytest.mark.parametrize("do", ["", "reply", "note", "close", "hold", "assign", "open\x00"])
def test_what_is_no_button_does_and_shows_nothing(client, row, link, do):
    before = everything()
    answer = client.post(link, {"do": do, "text": "x", "sure": "yes"})
    assert answer.content == client.get(link).content
    assert everything() == before


def test_guessing_shuts_nobody_out_and_is_noticed_without_a_token(
    client, row, link, settings, caplog
):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"unknown private links per network": (2, 3600)}
    caplog.set_level(logging.INFO, "ta_requests")
    answers = {client.get(f"/technical-assistance/follow/{'B' * 42}{n}/").content for n in range(9)}
    assert len(answers) == 1
    assert client.get(link).status_code == 200
    assert client.post(link, {"do": "open"}).status_code == 200
    notes = [one.getMessage() for one in caplog.records if one.name.startswith("ta_requests")]
    assert notes == ["a private link was asked for that is none, or no longer"] * 2
    assert RateCount.objects.filter(hits__gt=2).count() == 1


def test_one_message_and_thirty_cost_the_same(client, row, link, django_assert_num_queries):
    def write():
        Message.objects.create(request=row, kind="from-requester", at=timezone.now(), text="x")

    write()
    # The link, office, policy, organization, cycle, messages; and twice to count, for the seal.
    with django_assert_num_queries(8):
        client.post(link, {"do": "open"})
    for _ in range(29):
        write()
    with django_assert_num_queries(8):
        page = client.post(link, {"do": "open"})
    assert text(page).count("You wrote") == 30


def test_another_browser_needs_nothing_but_the_link(row, link):
    stranger = Client(enforce_csrf_checks=True)
    assert QUESTION.split("\n")[0] in text(stranger.post(link, {"do": "open"}))
