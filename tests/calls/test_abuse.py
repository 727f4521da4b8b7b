"""Abuse of the sign-up form, the mailed link and the feeds, numbered as the list of inputs is.

Each is refused cleanly or stored safely: no error of ours, nothing of it echoed as markup,
the text that was typed kept.
"""

import re
from html import escape, unescape

import pytest
from django.core import mail as django_mail
from django.test import Client

from calls import mails, services
from calls.models import SignUp
from hub import outbox
from hub.models import Mail
from tests.calls.factories import (
    SignUpFactory,
)
from tests.mailbox import deliver

PAGE = "/calls/working-group/"
FORM = {
    "name": "Eve Ely",
    "email": "eve@example.org",
    "organization": "Legal Aid",
    "role": "attorney",
    "website": "",
}


@pytest.fixture
def post(client, weekly):
    def send(**changes):
        return client.post(PAGE, FORM | changes)

    return send


# what is typed as a name → what is stored, or None where it is refused
NAMES = {
    "1 empty": ("", None),
    "1 white space": (" \t\r\n\u00a0\u3000 ", None),
    "2 5001 characters": ("x" * 5001, None),
    "4 NUL": ("Eve\x00Ely", "EveEly"),
    "4 only NUL": ("\x00", None),
    "6 turned around": ("Eve \u202eylE\u202c", "Eve ylE"),
    "6 isolates": ("\u2066Eve\u2069 Ely", "Eve Ely"),
    "7 zero-width": ("Eve\u200b\u2060\ufeff Ely", "Eve Ely"),
    "7 only invisible": ("\u200b\u2060\ufeff", None),
    "8 emoji": ("Eve 👩🏽‍⚖️", "Eve 👩🏽‍⚖️"),
    "8 combining flood": ("E" + "\u0301" * 150 + "ve", "\u00c9" + "\u0301" * 4 + "ve"),
    "9 script": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    "9 image": ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
    "9 attribute": ('" autofocus onfocus="alert(1)', '" autofocus onfocus="alert(1)'),
    "10 template text": ("{{7*7}}{% now 'Y' %}${7*7}", "{{7*7}}{% now 'Y' %}${7*7}"),
    "11 header": ("Eve\r\nBcc: all@example.org", "Eve Bcc: all@example.org"),
    "11 other line ends": ("Eve\u2028Bcc: x\x85Bcc: y\x0bz", "Eve Bcc: x Bcc: y z"),
    "11 calendar": ("Eve\r\nEND:VEVENT", "Eve END:VEVENT"),
    "12 formula": ('=HYPERLINK("http://x.org","y")', '=HYPERLINK("http://x.org","y")'),
    "13 SQL": ("Robert'); DROP TABLE calls_signup;--", "Robert'); DROP TABLE calls_signup;--"),
    "13 pattern": ("100%_\\", "100%_\\"),
}


@pytest.mark.parametrize("case", NAMES)
@pytest.mark.parametrize("field", ["name", "organization"])
def test_text_of_a_line(post, field, case):
    typed, stored = NAMES[case]
    answer = post(**{field: typed})
    html = answer.content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert ' onfocus="' not in html
    if stored is None:
        assert answer.status_code == 200
        assert f'href="#id_{field}"' in html
        assert not SignUp.objects.exists()
        assert not Mail.objects.exists()
        return
    assert answer.status_code == 302
    person = SignUp.objects.get()
    assert getattr(person, field) == stored
    page = Client().get(mails.link_for(person).removeprefix("http://testserver"))
    assert "<script>alert" not in page.content.decode()
    services.join(person.pk)
    link, welcome = deliver()
    for message in (link, welcome):
        whole = message.as_string()
        assert message["Bcc"] is None
        assert message["To"] == "eve@example.org"
        html = message.get_body(("html",)).get_content()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert not re.search(r"^Bcc:", whole, re.MULTILINE)
        if field == "name":
            assert stored in message.get_body(("plain",)).get_content()
    calendar = list(welcome.iter_parts())[-1].get_content()
    assert len(re.findall(r"^END:VEVENT", calendar, re.MULTILINE)) == 1


@pytest.mark.parametrize("case", [case for case in NAMES if NAMES[case][1]])
def test_text_that_was_typed_is_kept_when_another_field_is_wrong(post, case):
    typed = NAMES[case][0]
    html = post(name=typed, role="").content.decode()
    (control,) = re.findall(r'<input[^>]*id="id_name"[^>]*>', html)
    value = unescape(re.search(r'value="([^"]*)"', control).group(1))
    assert value.split() == typed.split()


# what is typed as an address; all are refused
ADDRESSES = {
    "1 empty": "",
    "2 long": "e" * 5001 + "@example.org",
    "2 just too long": "e" * 64 + "@" + "x" * 186 + ".org",
    "4 NUL": "eve\x00@example.org",
    "6 turned around": "eve\u202e@example.org",
    "7 zero-width": "e\u200bve@example.org",
    "9 script": "<script>alert(1)</script>@example.org",
    "9 quoted script": '"<script>alert(1)</script>"@example.org',
    "10 template text": "{{7*7}} @example.org",
    "11 header": "eve@example.org\r\nBcc: all@example.org",
    "11 header in the middle": "eve\r\nBcc:all@example.org",
    "11 two addresses": "eve@example.org,bob@example.org",
    "11 named": "Eve <eve@example.org>",
    "13 SQL": "' OR 1=1;--@example.org",
    "18 no domain": "eve@localhost",
    "18 number": "eve@[127.0.0.1]",
}


@pytest.mark.parametrize("case", ADDRESSES)
def test_addresses_that_are_none(post, case):
    answer = post(email=ADDRESSES[case])
    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'href="#id_email"' in html
    assert "<script>alert" not in html
    assert 'value="Eve Ely"' in html
    assert not SignUp.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    "email",
    [
        "o'brien+calls@example.org",
        "{{7*7}}@example.org",
        "=1+1@example.org",
        "eve%bcc@example.org",
        "EVE@EXAMPLE.ORG",
    ],
)
def test_odd_addresses_that_are_some_get_their_mail_and_invitation(post, email):
    """10, 12 and 13: what the address standard allows must not break a mail or a calendar."""
    assert post(email=email).status_code == 302
    person = SignUp.objects.get()
    assert person.email == email.lower()
    services.join(person.pk)
    assert [message["To"] for message in deliver()] == [email.lower()] * 2


class TestBodies:
    def test_3_ten_megabytes(self, post):
        answer = post(name="x" * 10 * 1024 * 1024)
        assert answer.status_code in {400, 413}
        assert b"xxxx" not in answer.content
        assert not SignUp.objects.exists()

    def test_3_thousands_of_fields(self, client, weekly):
        answer = client.post(PAGE, FORM | {f"f{n}": "x" for n in range(2001)})
        assert answer.status_code in {400, 413}
        assert not SignUp.objects.exists()

    @pytest.mark.parametrize(
        "name", ["%ED%A0%80", "%ED%A0%80Eve%ED%BF%BF", "%FF%FE", "%C0%80", "%F4%90%80%80"]
    )
    def test_5_lone_surrogates_and_broken_bytes(self, client, weekly, name):
        body = f"name={name}&email=eve%40example.org&organization=x&role=attorney"
        answer = client.post(PAGE, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in {200, 302}
        for person in SignUp.objects.all():
            person.name.encode()
            services.join(person.pk)
        deliver()

    @pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data"])
    def test_other_kinds_of_body(self, client, weekly, kind):
        answer = client.post(PAGE, b'{"name": "Eve"}', content_type=kind)
        assert answer.status_code in {200, 400}
        assert not SignUp.objects.exists()

    @pytest.mark.parametrize("charset", ["utf-7", "utf-16", "nonsense"])
    def test_other_charsets(self, client, weekly, charset):
        body = "name=+ADw-script+AD4-&email=eve%40example.org&organization=x&role=attorney"
        kind = f"application/x-www-form-urlencoded; charset={charset}"
        answer = client.generic("POST", PAGE, body, content_type=kind)
        assert answer.status_code in {200, 302, 400}
        assert b"<script>alert" not in answer.content


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "active"},
        {"joined_at": "2020-01-01", "user": "1", "round": "9"},
        {"series": "999", "nonce": "known", "id": "1"},
        {"needs_approval": "0", "csrfmiddlewaretoken": "x"},
    ],
)
def test_23_fields_the_form_does_not_have_change_nothing(post, changes):
    assert post(**changes).status_code == 302
    person = SignUp.objects.get()
    assert (person.state, person.user, person.joined_at, person.round) == (
        "unconfirmed",
        None,
        None,
        0,
    )
    assert person.nonce != "known"


@pytest.mark.parametrize("role", ["admin", "<script>alert(1)</script>", "attorney\x00", "x" * 5001])
def test_23_a_role_that_is_not_on_the_list(post, role):
    answer = post(role=role)
    assert answer.status_code == 200
    assert "Choose your role" in answer.content.decode()
    if role != "admin":
        # Not repeated, and none is chosen in its place.
        assert escape(role) not in answer.content.decode()
    assert " selected" not in answer.content.decode().replace('value="" selected', "")
    assert not SignUp.objects.exists()


@pytest.mark.parametrize("token", [None, "", "x" * 64, "x" * 5000])
def test_24_missing_or_foreign_csrf_token(weekly, token):
    strict = Client(enforce_csrf_checks=True)
    strict.get(PAGE)
    extra = {} if token is None else {"csrfmiddlewaretoken": token}
    answer = strict.post(PAGE, FORM | extra)
    assert answer.status_code == 403
    assert 'value="Eve Ely"' in answer.content.decode()
    assert not SignUp.objects.exists()


def test_24_from_another_site(weekly):
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(PAGE).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)
    answer = strict.post(
        PAGE, FORM | {"csrfmiddlewaretoken": token}, headers={"origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert not SignUp.objects.exists()


@pytest.mark.parametrize("website", ["http://spam.example", "\x00", "<b>"])
def test_25_the_field_no_person_sees(post, website):
    answer = post(website=website)
    assert answer.status_code == 200
    assert 'value="Eve Ely"' in answer.content.decode()
    assert not SignUp.objects.exists()
    assert not Mail.objects.exists()


def test_28_double_click_and_resubmit(post):
    for _ in range(5):
        assert post().status_code == 302
    assert SignUp.objects.count() == 1
    assert len(deliver()) == 1


def test_30_a_made_up_forwarded_address_does_not_lift_the_limit(client, weekly, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign-up per network": (2, 3600)}
    answers = [
        client.post(
            PAGE,
            FORM | {"email": f"eve{n}@example.org"},
            headers={"x-forwarded-for": f"203.0.113.{n}"},
        ).status_code
        for n in range(4)
    ]
    assert answers == [302, 302, 429, 429]


def test_31_addresses_of_one_ipv6_network_count_as_one(client, weekly, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign-up per network": (2, 3600)}
    answers = [
        client.post(
            PAGE, FORM | {"email": f"eve{n}@example.org"}, REMOTE_ADDR=f"2001:db8:1:2::{n:x}"
        ).status_code
        for n in range(1, 5)
    ]
    assert answers == [302, 302, 429, 429]
    elsewhere = client.post(PAGE, FORM, REMOTE_ADDR="2001:db8:1:3::1")
    assert elsewhere.status_code == 302


def test_33_a_scanner_that_reads_every_link_changes_nothing(client, weekly):
    services.sign_up(
        weekly.series, name="Eve", email="eve@example.org", organization="x", role="other"
    )
    (message,) = deliver()
    links = set()
    for part in message.iter_parts():
        links |= set(re.findall(r"http://testserver(/[^\s\"<]*)", part.get_content()))
    assert any("/sign-up/" in link for link in links)
    for link in links:
        client.get(link)
        client.head(link)
        client.options(link)
    person = SignUp.objects.get()
    assert (person.state, person.joined_at) == ("unconfirmed", None)
    assert not Mail.objects.filter(sent_at=None).exists()


@pytest.mark.parametrize(
    "path",
    [
        "/calls/%00/",
        "/calls/working-group%00/",
        "/calls/WORKING-GROUP/",
        "/calls/working-group/../../admin/",
        "/calls/{{7*7}}/",
        "/calls/%3Cscript%3Ealert(1)%3C/script%3E/",
        "/calls/%ED%A0%80/",
        "/calls/%E2%80%AE/",
        "/calls/" + "a" * 5000 + "/",
        "/calls/' OR 1=1;--/",
        "/calls/%0d%0aSet-Cookie:x=1/",
        "/calls/%00.ics",
        "/calls/WORKING-GROUP.ics",
        "/calls/working-group.ics.ics",
        "/calls/" + "a" * 5000 + ".ics",
        "/calls/%3Cscript%3Ealert(1)%3C%2Fscript%3E.ics",
        "/my/calendar/.ics",
        "/my/calendar/%00.ics",
        "/my/calendar/{{7*7}}.ics",
        "/my/calendar/%3Cscript%3Ealert(1)%3C%2Fscript%3E.ics",
    ],
)
def test_32_addresses_nobody_gave_get_the_same_page(client, weekly, path):
    """4, 5, 6, 9, 10, 11, 13 in an address."""
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.content == client.get("/calls/never-was/").content
    assert "Set-Cookie" not in answer


@pytest.mark.parametrize("query", ["?a=1", "?state__exact=active", "?_method=DELETE", "?%00"])
def test_34_questions_after_the_address_change_nothing(client, weekly, query):
    plain = client.get("/calls/working-group.ics").content
    assert client.get("/calls/working-group.ics" + query).content == plain
    assert client.get(PAGE + query).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"if_modified_since": "yesterday"},
        {"if_modified_since": "Thu, 01 Jan 99999 00:00:00 GMT"},
        {"if_modified_since": "\x00"},
        {"if_none_match": "not quoted"},
        {"if_none_match": '"' + "x" * 9000},
        {"if_none_match": "W/"},
        {"range": "bytes=0-1"},
        {"accept": "text/html"},
        {"host": "testserver:99999999"},
    ],
    ids=str,
)
def test_odd_headers_of_calendar_programs(client, weekly, headers):
    answer = client.get("/calls/working-group.ics", headers=headers)
    if "host" in headers:
        assert answer.status_code in {200, 400}
    else:
        assert answer.status_code == 200
        assert answer.content.startswith(b"BEGIN:VCALENDAR")


def test_36_a_look_alike_domain_is_another_address(weekly, bob):
    """Cyrillic о in the domain: not Bob, and never taken for him."""
    services.sign_up(
        weekly.series, name="Bob", email="bob@example.org", organization="x", role="other"
    )
    answer = Client().post(PAGE, FORM | {"email": "bob@example.оrg"})
    assert answer.status_code in {200, 302}
    assert SignUp.objects.filter(email="bob@example.org").count() == 1
    assert SignUp.objects.get(pk=bob.pk).name == "Bob Brown"


def test_a_row_that_no_form_would_take_still_breaks_no_page(client, weekly):
    """As if written by an import or an older version."""
    evil = "Eve <script>alert(1)</script>\r\nBcc: x"
    person = SignUpFactory(series=weekly.series, name=evil, organization=evil)
    page = client.get(mails.link_for(person).removeprefix("http://testserver"))
    assert "<script>alert" not in page.content.decode()
    services.leave(person.pk)
    outbox.send_due()
    (sent,) = django_mail.outbox
    assert sent.message()["Bcc"] is None
