"""Abuse of the form and the private page, numbered as the list of inputs is.

Each is refused cleanly or stored safely: no error of ours, nothing of it echoed as markup,
the text that was typed kept. What only staff can do is tested with the back office, the
clock's own inputs (37 and on) with the clock.
"""

import re
import threading
from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client, RequestFactory

from hub import ratelimit
from hub.logs import PrivateFormatter
from hub.models import Mail, RateCount
from hub.settings import RATE_LIMITS
from ta_requests.models import Message, TaRequest
from ta_requests.services import links, thread
from tests.mailbox import deliver
from tests.reading import text
from tests.ta_requests.asking import FORM, PAGE, QUESTION, SUPERVISED, link_to, pacific, post, typed

# what is typed in one line → what is stored, or None where it is refused
LINES = {
    "1 empty": ("", None),
    "1 white space": (" \t\r\n\u00a0\u3000 ", None),
    "2 5001 characters": ("x" * 5001, None),
    "4 NUL": ("Eve\x00Ely", "EveEly"),
    "4 only NUL": ("\x00", None),
    "6 turned around": ("Eve \u202eylE\u202c", "Eve ylE"),
    "7 zero-width": ("Eve\u200b\u2060\ufeff Ely", "Eve Ely"),
    "8 emoji": ("Eve 👩🏽‍⚖️", "Eve 👩🏽‍⚖️"),
    "8 combining flood": ("E" + "\u0301" * 150 + "ve", "\u00c9" + "\u0301" * 4 + "ve"),
    "9 script": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    "9 image": ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
    "9 attribute": ('" autofocus onfocus="alert(1)', '" autofocus onfocus="alert(1)'),
    "10 template text": ("{{1337*7331}}{% now 'Y' %}${7*7}", "{{1337*7331}}{% now 'Y' %}${7*7}"),
    "11 header": ("Eve\r\nBcc: all", "Eve Bcc: all"),
    "12 formula": ('=HYPERLINK("http://x.example","y")', '=HYPERLINK("http://x.example","y")'),
    "13 SQL": ("Robert'); DROP TABLE ta;--", "Robert'); DROP TABLE ta;--"),
    "13 pattern": ("100%_\\", "100%_\\"),
}
# what is typed as a question → what is stored, or None where it is refused
TEXTS = {
    "1 empty": ("", None),
    "1 white space": (" \t\r\n\r\n\u00a0\u3000\u200b ", None),
    "2 5000 characters": ("x" * 5000, "x" * 5000),
    "2 5000 characters and line ends": ("x\r\n" * 2500, ("x\n" * 2500)[:-1]),
    "2 5001 characters": ("x" * 5001, None),
    "4 NUL": ("One\x00 two", "One two"),
    "6 turned around": ("\u202eenO\u202c\r\ntwo", "enO\ntwo"),
    "7 zero-width": ("O\u200bn\u2060e", "One"),
    "8 emoji flood": ("👩🏽‍⚖️" * 900, "👩🏽‍⚖️" * 900),
    "8 combining flood": ("E" + "\u0301" * 4000, "\u00c9" + "\u0301" * 4),
    "9 script": ("</textarea><script>alert(1)</script>", "</textarea><script>alert(1)</script>"),
    "10 template text": ("{{1337*7331}}\r\n{% debug %}", "{{1337*7331}}\n{% debug %}"),
    "11 headers": ("One\r\nBcc: all", "One\nBcc: all"),
    "12 formula": ("=1+1", "=1+1"),
    "13 SQL": ("' OR 1=1; --", "' OR 1=1; --"),
}
pytestmark = pytest.mark.usefixtures("thanksgiving")


def harmless(answer):
    html = answer.content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert ' onfocus="' not in html
    assert answer.status_code in {200, 400, 403, 413, 429}


@pytest.mark.parametrize("case", LINES)
@pytest.mark.parametrize("field", ["name", "organization"])
def test_abuse_1_to_13_in_a_line(client, field, case):
    said, stored = LINES[case]
    answer = post(client, **{field: said})
    harmless(answer)
    if stored is None:
        assert f'href="#id_{field}"' in answer.content.decode()
        assert typed(answer, "question") == QUESTION
        assert not TaRequest.objects.exists()
        assert not Mail.objects.exists()
        return
    row = TaRequest.objects.get()
    assert getattr(row, field) == stored
    harmless(client.post(link_to(row), {"do": "open"}))
    (message,) = deliver()
    assert message["Bcc"] is None
    assert message["To"] == "sam@example.org"
    if len(stored) > 6:
        assert stored not in message.as_string()


@pytest.mark.parametrize("case", TEXTS)
def test_abuse_1_to_13_in_the_question(client, case):
    said, stored = TEXTS[case]
    answer = post(client, question=said)
    harmless(answer)
    if stored is None:
        assert 'href="#id_question"' in answer.content.decode()
        assert typed(answer, "question").replace("\r\n", "\n") == said.replace("\r\n", "\n")
        assert typed(answer, "name") == "Sam Rivera"
        assert not TaRequest.objects.exists()
        return
    row = TaRequest.objects.get()
    assert row.question == stored
    page = client.post(link_to(row), {"do": "open"})
    harmless(page)
    assert "9801547" not in text(page)
    sent = {"do": "write", "form_id": uuid4(), "text": said}
    harmless(client.post(link_to(row), sent))
    assert Message.objects.get().text == stored


@pytest.mark.parametrize("case", [case for case in LINES if LINES[case][1]])
def test_abuse_4_to_13_a_line_is_kept_when_another_is_wrong(client, case):
    said = LINES[case][0]
    answer = post(client, name=said, role="")
    harmless(answer)
    assert typed(answer, "name").split() == said.split()


ADDRESSES = {
    "1 empty": "",
    "2 long": "e" * 5001 + "@example.org",
    "4 NUL": "eve\x00@example.org",
    "6 turned around": "eve\u202e@example.org",
    "9 script": "<script>alert(1)</script>@example.org",
    "11 header": "eve@example.org\r\nBcc: all@example.org",
    "11 header in the middle": "eve\r\nBcc:all@example.org",
    "11 two addresses": "eve@example.org,bob@example.org",
    "36 look-alike letters": "eve@lеgalaid.example",
}


@pytest.mark.parametrize("case", ADDRESSES)
def test_abuse_4_to_11_and_36_addresses_that_are_none(client, case):
    for changes in ({"email": ADDRESSES[case]}, SUPERVISED | {"supervisor_email": ADDRESSES[case]}):
        answer = post(client, **changes)
        harmless(answer)
        field = "supervisor_email" if "role" in changes else "email"
        assert f'href="#id_{field}"' in answer.content.decode()
        assert not TaRequest.objects.exists()


def test_abuse_36_a_look_alike_domain_gets_its_own_mail_alone(client):
    """Whoever poses as a firm is answered at the address they gave, and nowhere else."""
    post(client, email="sam@examp1e.org")
    (message,) = deliver()
    assert message["To"] == "sam@examp1e.org"
    assert message["Reply-To"] is None


class TestBodies:
    def test_abuse_3_ten_megabytes(self, client):
        answer = post(client, question="x" * 10 * 1024 * 1024)
        assert answer.status_code == 413
        assert b"xxxx" not in answer.content
        assert not TaRequest.objects.exists()

    def test_abuse_3_thousands_of_fields(self, client):
        answer = client.post(PAGE, FORM | {f"f{n}": "x" for n in range(2001)})
        assert answer.status_code == 413
        assert not TaRequest.objects.exists()

    @pytest.mark.parametrize("bad", ["%ED%A0%80", "%ED%A0%80Eve%ED%BF%BF", "%FF%FE", "%C0%80"])
    @pytest.mark.parametrize("field", ["name", "question", "more", "areas", "warned", "form_id"])
    def test_abuse_5_lone_surrogates_and_broken_bytes(self, client, field, bad):
        plain = {"areas": "civil", "question": "One", "stage": "filed", "name": "Sam"}
        plain |= {"organization": "Aid", "role": "other", "us_state": "CA", "ok_identifiers": "on"}
        plain |= {"ok_relationship": "on", "email": "sam%40example.org"} | {field: bad}
        body = "&".join(f"{name}={value}" for name, value in plain.items())
        harmless(client.post(PAGE, body, content_type="application/x-www-form-urlencoded"))
        for row in TaRequest.objects.all():
            row.question.encode()
            row.name.encode()
        deliver()

    @pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data"])
    def test_other_kinds_of_body(self, client, kind):
        answer = client.post(PAGE, b'{"name": "Eve"}', content_type=kind)
        assert answer.status_code in {200, 400}
        assert not TaRequest.objects.exists()

    def test_a_file_is_not_taken(self, client):
        post(client, file=SimpleUploadedFile("report.pdf", b"%PDF-"))
        assert TaRequest.objects.count() == 1


IDENTIFIERS = {
    "7": "A12\u200b34\u200b56\u200b789",
    "14 plain": "A123456789",
    "14 grouped": "A 123-456-789",
    "15 dashes": "123-45-6789",
    "15 none": "123456789",
    "16": "IOE0912345678",
    "17": "DOB 01/02/1990",
    "18 address": "client@example.org",
    "18 phone": "(213) 555-0100",
}


@pytest.mark.parametrize("case", IDENTIFIERS)
@pytest.mark.parametrize("field", ["question", "more"])
def test_abuse_7_and_14_to_18_identifiers(client, field, case):
    answer = post(client, **{field: f"My client, {IDENTIFIERS[case]}, asks."})
    assert "Not sent yet: please look at 1 place" in text(answer)
    assert IDENTIFIERS[case] in typed(answer, field)
    assert not TaRequest.objects.exists()


def test_abuse_19_a_paralegal_without_a_supervisor(client):
    answer = post(client, role="supervised")
    said = text(answer)
    assert "Enter your supervisor’s name" in said
    assert "Enter your supervisor’s email address" in said
    assert not TaRequest.objects.exists()


@pytest.mark.parametrize("address", ["sam@example.org", "SAM@EXAMPLE.ORG", " sam@example.org "])
def test_abuse_20_ones_own_supervisor(client, address):
    answer = post(client, **SUPERVISED | {"supervisor_email": address})
    assert "Enter your supervisor’s email address, not your own" in text(answer)
    assert not TaRequest.objects.exists()


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("11/23/2026", "This date has passed."),
        ("01/01/0001", "This date has passed."),
        ("11/24/2036", None),
        ("11/25/2036", "Enter a date within the next ten years"),
        ("12/31/9999", "Enter a date within the next ten years"),
        ("11/24/2026", None),
        ("02/30/2027", "Enter the date as month/day/year, such as 12/31/2026"),
        ("13/01/2027", "Enter the date as month/day/year"),
        ("tomorrow", "Enter the date as month/day/year"),
        ("1/1/99999", "Enter the date as month/day/year"),
        ("\x00", "Enter the date as month/day/year"),
        ("<script>alert(1)</script>", "Enter the date as month/day/year"),
        ("9" * 5001, "Enter the date as month/day/year"),
    ],
)
def test_abuse_21_deadlines(client, day, sentence):
    answer = post(client, deadline_type="court", deadline=day)
    harmless(answer)
    if sentence is None:
        assert TaRequest.objects.get().deadline == date(int(day[6:]), 11, int(day[3:5]))
    else:
        assert sentence in text(answer)
        assert not TaRequest.objects.exists()


def test_abuse_21_a_deadline_today_is_taken_with_a_warning(client, time_machine):
    # In Hawaii it is still the day before.
    time_machine.move_to(pacific("2026-11-25 00:30"), tick=False)
    said = text(post(client, deadline_type="court", deadline="11/24/2026"))
    assert "Your deadline may come before our reply" in said
    assert TaRequest.objects.get().deadline == date(2026, 11, 24)


@pytest.mark.parametrize(
    "areas", [["nothing"], ["civil", "<script>alert(1)</script>"], ["\x00"], ["1"], ["x" * 5000]]
)
def test_abuse_22_unknown_areas(client, areas):
    answer = post(client, areas=areas)
    harmless(answer)
    assert "Choose areas from the list" in text(answer)
    assert not TaRequest.objects.exists()


def test_abuse_22_duplicate_areas_and_a_thousand_of_them(client):
    post(client, areas=["civil"] * 1000)
    assert [area.slug for area in TaRequest.objects.get().areas.all()] == ["civil"]
    answer = post(client, areas=[f"area-{n}" for n in range(1000)])
    assert "Choose areas from the list" in text(answer)
    assert TaRequest.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "closed", "ending": "solved", "closed_at": "2020-01-01"},
        {"received_at": "2020-01-01T00:00:00Z", "created_at": "2020-01-01", "channel": "phone"},
        {"due_at": "2020-01-01", "promised_at": "2020-01-01", "held": "on"},
        {"assigned_to": "1", "entered_by": "1", "id": "1", "pk": "1", "reference": "AAAA-AAAA"},
    ],
)
def test_abuse_23_fields_the_form_does_not_have_change_nothing(client, changes):
    assert "We have your request" in text(post(client, **changes))
    row = TaRequest.objects.get()
    assert (row.status, row.ending, row.closed_at, row.held) == ("open", "", None, False)
    assert (row.channel, row.assigned_to, row.entered_by) == ("form", None, None)
    assert row.received_at == row.created_at == pacific("2026-11-24 16:30")
    assert row.cycles.get().due_at == pacific("2026-11-30 16:30")
    assert row.reference != "AAAA-AAAA"


@pytest.mark.parametrize("token", [None, "", "x" * 64, "x" * 5000])
def test_abuse_24_missing_or_foreign_csrf_token(token):
    strict = Client(enforce_csrf_checks=True)
    strict.get(PAGE)
    answer = post(strict, csrfmiddlewaretoken=token)
    assert answer.status_code == 403
    assert typed(answer, "question") == QUESTION
    assert not TaRequest.objects.exists()


@pytest.mark.parametrize("website", ["http://spam.example", "<b>", "x" * 5000])
def test_abuse_25_the_field_no_person_sees(client, website):
    """Never dropped in silence: a browser that fills in forms by itself may have done it."""
    answer = post(client, website=website)
    assert "a hidden field that is there to stop spam was filled in" in text(answer)
    assert typed(answer, "question") == QUESTION
    assert typed(answer, "website") == ""
    assert not TaRequest.objects.exists()


def test_abuse_26_sent_within_a_second_is_taken(client):
    """People paste what they have prepared. The limits, not the clock, keep programs out."""
    client.get(PAGE)
    assert "We have your request" in text(post(client))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("seeded")
class TestAtOnce:
    def together(self, work, threads):
        """Each piece of work in a thread and a database connection of its own."""
        start = threading.Barrier(threads)
        results, problems = [], []

        def run(number):
            try:
                start.wait()
                results.append(work(number))
            except Exception as error:
                problems.append(error)
            finally:
                connections.close_all()

        running = [threading.Thread(target=run, args=[n]) for n in range(threads)]
        for one in running:
            one.start()
        for one in running:
            one.join()
        assert problems == []
        return results

    def test_abuse_28_a_double_click(self):
        form_id = uuid4()
        answers = self.together(lambda _: post(Client(), form_id), 8)
        assert {answer.status_code for answer in answers} == {200}
        assert len({text(answer) for answer in answers}) == 1
        assert TaRequest.objects.count() == 1
        assert Mail.objects.count() == 1
        assert [one.hits for one in RateCount.objects.all()] == [1, 1]

    def test_abuse_29_and_r27_of_sixteen_hundred_at_once_five_are_allowed(self):
        def hits(_):
            return sum(
                ratelimit.allowed("technical assistance per network", "198.51.100.7/32")
                for _ in range(100)
            )

        assert sum(self.together(hits, 16)) == 5

    def test_abuse_29_and_r27_of_many_posts_at_once_five_are_taken(self):
        answers = self.together(lambda _: post(Client()), 16)
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [200] * 5 + [429] * 11
        assert TaRequest.objects.count() == 5
        for answer in answers:
            if answer.status_code == 429:
                assert typed(answer, "question") == QUESTION


def test_abuse_30_and_r30_a_made_up_forwarded_address_does_not_lift_the_limit(settings):
    answers = [
        post(Client(headers={"x-forwarded-for": f"203.0.113.{n}"})).status_code for n in range(6)
    ]
    assert answers == [200] * 5 + [429]


def test_abuse_31_and_r27_addresses_of_one_ipv6_network_count_as_one():
    answers = [post(Client(REMOTE_ADDR=f"2001:db8:1:2::{n:x}")).status_code for n in range(1, 7)]
    assert answers == [200] * 5 + [429]
    assert post(Client(REMOTE_ADDR="2001:db8:1:3::1")).status_code == 200


def test_r27_no_address_is_stored():
    post(Client(REMOTE_ADDR="198.51.100.7"))
    for row in RateCount.objects.all():
        assert len(bytes(row.key)) == 32
        assert b"198.51" not in bytes(row.key)
    other = RequestFactory().get("/", REMOTE_ADDR="198.51.100.8")
    assert ratelimit.network_of(other) == "198.51.100.8/32"
    assert RATE_LIMITS["technical assistance per network"] == (5, 3600)


class TestTokens:
    def test_abuse_32_changed_tokens(self, client, row):
        token = links.token_of(row)
        missing = client.get("/technical-assistance/follow/x/").content
        swapped = token[:-1] + ("A" if token[-1] != "A" else "B")
        for wrong in (token[:-1], token + "A", token.upper(), token.lower(), swapped, token[::-1]):
            if wrong == token:
                continue
            answer = client.post(f"/technical-assistance/follow/{wrong}/", {"do": "open"})
            assert answer.status_code == 404
            assert answer.content == missing

    def test_abuse_32_another_requests_token_opens_that_one_alone(self, client, row):
        post(client, question="Another", email="eve@example.org")
        other = TaRequest.objects.exclude(pk=row.pk).get()
        said = text(client.post(link_to(other), {"do": "open"}))
        assert other.reference in said
        assert row.reference not in said
        assert "T visa" not in said

    @pytest.mark.parametrize(
        "segment",
        [
            "%00",
            "{{1337*7331}}",
            "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
            "%ED%A0%80",
            "%E2%80%AE",
            "%F0%9F%98%80" * 11,
            "a" * 5000,
            "' OR 1=1;--",
            "%0d%0aSet-Cookie:x=1",
            "..%2f..%2fadmin",
            "%C3%A9" * 43,
        ],
    )
    def test_abuse_32_any_path_segment(self, client, segment):
        for method in (client.get, client.post):
            answer = method(f"/technical-assistance/follow/{segment}/")
            assert answer.status_code == 404
            assert answer.content == client.get("/technical-assistance/follow/x/").content
            assert "Set-Cookie" not in answer

    def test_abuse_33_a_scanner_that_reads_every_link_changes_nothing(self, client, row):
        (message,) = deliver()
        found = set()
        for part in message.iter_parts():
            found |= set(re.findall(r"http://testserver(/[^\s\"<]*)", part.get_content()))
        assert any("/follow/" in link for link in found)
        before = list(TaRequest.objects.values())
        for link in found:
            for method in (client.get, client.head, client.options):
                method(link)
        assert list(TaRequest.objects.values()) == before
        assert not Message.objects.exists()

    def test_abuse_35_a_reply_after_closing_and_purge(self, client, row, time_machine):
        link = link_to(row)
        thread.finish(row.pk, "solved")
        time_machine.move_to(pacific("2026-12-30 10:00"), tick=False)
        answer = client.post(link, {"do": "write", "form_id": uuid4(), "text": "Hello?"})
        assert answer.status_code == 404
        assert "Hello?" in answer.content.decode()
        assert not Message.objects.exists()


@pytest.mark.parametrize("query", ["?do=open", "?status__exact=open", "?_method=POST", "?%00"])
def test_abuse_34_questions_after_the_address_show_nothing(client, row, query):
    assert client.get(link_to(row) + query).content == client.get(link_to(row)).content


def test_r16_and_abuse_no_typed_word_is_logged(client, caplog, settings):
    caplog.set_level(0)
    post(client, name="Canary Name", question="Canary question A123456789")
    post(client, name="Canary Name", role="")
    post(Client(enforce_csrf_checks=True), name="Canary Name")
    row_answer = post(client, question="Canary question")
    row = TaRequest.objects.get()
    client.post(link_to(row), {"do": "write", "form_id": uuid4(), "text": "Canary message"})
    client.get("/technical-assistance/follow/CanaryToken/")
    lines = [PrivateFormatter().format(one) for one in caplog.records]
    assert row_answer.status_code == 200
    assert not [line for line in lines if "Canary" in line or links.token_of(row) in line]
