"""What somebody sends beside the page and the form: hosts, forwarded headers, ways to go on.

For each address of the hub (tests.test_urls).
"""

import re

import pytest
from django.conf import settings as configured
from django.core import mail as django_mail
from django.test import Client

from hub import outbox
from tests.attacks.hostile import ELSEWHERE
from tests.attacks.reading import leads_away
from tests.people import staff_client

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
TOKENS = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
# What no cache has in its key, and a framework somewhere believes.
UNKEYED = {
    "accept-language": "ar",
    "cookie": "messages=canary; canary=1",
    "forwarded": "host=evil.example;proto=https",
    "origin": "https://evil.example",
    "referer": "https://evil.example/canary",
    "user-agent": "canary",
    "x-forwarded-for": "203.0.113.7",
    "x-forwarded-host": "evil.example",
    "x-forwarded-port": "4443",
    "x-forwarded-prefix": "/canary",
    "x-forwarded-proto": "https",
    "x-forwarded-scheme": "https",
    "x-host": "evil.example",
    "x-http-method": "POST",
    "x-http-method-override": "DELETE",
    "x-method-override": "POST",
    "x-original-url": "/admin/",
    "x-rewrite-url": "/admin/",
    "x-requested-with": "XMLHttpRequest",
    "x-script-name": "/canary",
}


@pytest.mark.parametrize(
    ("role", "methods"), [("anonymous", ["GET", "POST", "PUT", "OPTIONS"]), ("alice", ["GET"])]
)
def test_no_answer_can_be_framed_guessed_at_or_turned_to_another_host(target, role, methods):
    """Errors, refusals and redirects too."""
    seen = set()
    for address in target.addresses:
        for method in methods:
            answer = target.clients[role].generic(method, address, headers=UNKEYED)
            seen.add(answer.status_code)
            headers = answer.headers
            here = f"{method} {address} {answer.status_code}"
            assert headers["X-Frame-Options"] == "DENY", here
            assert headers["X-Content-Type-Options"] == "nosniff", here
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", here
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin", here
            policy = headers["Content-Security-Policy"]
            assert re.search("frame-ancestors 'none'|default-src 'none'; sandbox", policy), here
            assert not [name for name in headers if name.startswith("Access-Control-")], here
            assert not re.search("canary|evil|4443", headers.get("Location", "")), here
            assert not re.search(b"canary|evil.example|4443", body(answer)), here
            assert method == "GET" or "no-store" in headers["Cache-Control"], here
    assert seen >= ({200, 302, 403, 404, 405} if role == "anonymous" else {200, 302, 404})


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("/", {"host": "evil.example"}, 400),
        ("/calls", {}, 301),
        ("/calls/", {"content-length": "99999999"}, 413),
    ],
)
def test_nor_can_one_that_is_given_before_there_is_a_page(client, address, headers, status):
    client.raise_request_exception = False
    answer = client.get(address, headers=headers)
    assert answer.status_code == status
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "testserver.evil.example",
        "eviltestserver",
        "testserver@evil.example",
        "testserver,evil.example",
        "testserver evil.example",
        "testserver/evil.example",
        "testserver:x",
        "testserver:80@evil.example",
        "[::1",
        "<script>canary()</script>",
        "",
    ],
)
def test_no_other_host_is_answered(host):
    client = Client(raise_request_exception=False)
    for address in ("/", "/calls/none", "/accounts/login/", "/calendar.ics"):
        answer = client.get(address, headers={"host": host})
        assert answer.status_code == 400
        assert "canary" not in answer.content.decode()
        assert "Location" not in answer.headers


def test_mail_never_leads_to_the_host_that_was_asked(client, bob):
    """Which may be any that the hub answers to, an internal one say."""
    elsewhere = {"host": "localhost", "x-forwarded-host": "evil.example"}
    client.post("/accounts/login/", {"login": bob.email}, headers=elsewhere)
    client.post("/trainings/news/", {"email": "eve@example.org"}, headers=elsewhere)
    outbox.send_due()
    assert {message.to[0] for message in django_mail.outbox} >= {bob.email, "eve@example.org"}
    for message in django_mail.outbox:
        links = re.findall(r"https?://[^\s>\"]+", message.message().as_string())
        assert links
        assert "localhost" not in " ".join(links)
        assert "evil" not in " ".join(links)


@pytest.mark.parametrize("proxies", [0, 1])
def test_only_a_proxy_of_ours_says_that_it_was_https(settings, proxies):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["testserver"]
    if proxies:
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    said = Client().get("/calendar.ics", headers={"x-forwarded-proto": "https"})
    assert said.status_code == (200 if proxies else 301)
    led = Client().get("/calls/?q=//evil", headers={"x-forwarded-host": "evil.example"})
    assert led.headers["Location"] == "https://testserver/calls/?q=//evil"
    for value in ("http", "HTTP", "http,https", "on"):
        led = Client().get("/calendar.ics", headers={"x-forwarded-proto": value})
        assert led.status_code == 301


class TestCaches:
    """Whoever sits between keeps an answer for all under its address alone."""

    def test_what_may_be_kept_is_the_same_whoever_asks_and_with_whatever_beside(self, target):
        found = set()
        for address in target.addresses:
            plain = target.clients["anonymous"].get(address)
            if "no-store" in plain.headers["Cache-Control"]:
                continue
            found.add(address)
            assert not plain.cookies
            again = Client().get(address, headers=UNKEYED)
            assert (again.status_code, dict(again.headers)) == (
                plain.status_code,
                dict(plain.headers),
            )
            beside = Client().get(address, {"canary": "<script>canary()</script>", "_": "1"})
            for other in (again, beside):
                assert body(other) == body(plain), address
            for role in ("bob", "alice"):
                theirs = target.clients[role].get(address)
                assert body(theirs) == body(plain), address
                assert not theirs.cookies
        assert {"/calendar.ics", "/trainings.ics", "/library/export.bib"} <= found

    def test_no_other_method_is_put_in_place_of_the_one_that_was_sent(self, client, bob):
        client.force_login(bob, backend=BACKEND)
        for header in ("x-http-method-override", "x-http-method", "x-method-override"):
            client.get("/accounts/logout/", {"_method": "POST"}, headers={header: "POST"})
            assert "_auth_user_id" in client.session


def body(answer) -> bytes:
    return (
        b"".join(answer.streaming_content) if answer.streaming else TOKENS.sub(b"", answer.content)
    )


class TestWaysOn:
    """`next` leads on within the hub, and nowhere else. tests/hub/test_accounts.py signs in."""

    @pytest.mark.parametrize("to", ELSEWHERE)
    def test_from_sign_in(self, client, bob, to):
        client.force_login(bob, backend=BACKEND)
        for method in (client.get, client.post):
            answer = method("/accounts/login/", {"next": to})
            assert answer.status_code == 302
            assert not leads_away(answer.headers["Location"]), answer.headers["Location"]

    @pytest.mark.parametrize("to", ELSEWHERE)
    def test_from_the_door_of_the_back_office(self, alice, to):
        for client in (Client(), staff_client(alice)):
            answer = client.get("/admin/login/", {"next": to})
            assert answer.status_code == 302
            assert not leads_away(answer.headers["Location"]), answer.headers["Location"]

    @pytest.mark.parametrize("to", ELSEWHERE)
    def test_from_signing_out(self, client, bob, to):
        client.force_login(bob, backend=BACKEND)
        answer = client.post("/accounts/logout/", {"next": to})
        assert "_auth_user_id" not in client.session
        assert answer.status_code in {200, 302}
        assert not leads_away(answer.headers.get("Location", "/")), answer.headers["Location"]

    @pytest.mark.parametrize(
        "path",
        ["//evil.example", "//evil.example/..", "/\\evil.example", "///calls", "//calls", "/\t/x"],
    )
    @pytest.mark.parametrize("query", ["", "next=//evil.example"])
    def test_an_address_that_begins_twice_leads_nowhere_else(self, client, path, query):
        answer = client.get("/", PATH_INFO=path, QUERY_STRING=query)
        assert answer.status_code in {301, 404}
        assert not leads_away(answer.headers.get("Location", "/"))


@pytest.mark.parametrize(
    "path",
    [
        "/static/../hub/settings.py",
        "/static/%2e%2e/hub/settings.py",
        "/static/..%2f..%2fhub/settings.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/hub/",
        "/static/",
        "/static/%00",
        "/static/hub/hub.css%00.html",
        "/media/",
        "/var/",
        "/.env",
        "/.git/config",
    ],
)
def test_no_file_is_served_but_those_that_belong_to_pages(client, path):
    assert client.get(path).status_code == 404


def test_those_say_what_they_are_and_are_not_guessed_at(client):
    answer = client.get("/static/hub/hub.css")
    assert answer.headers["Content-Type"].startswith("text/css")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content)


def test_the_settings_name_hosts_and_no_wildcard():
    assert not {"*", ""} & set(configured.ALLOWED_HOSTS)
    assert not [host for host in configured.ALLOWED_HOSTS if host.startswith(".")]
    assert configured.USE_X_FORWARDED_HOST is False
    assert configured.USE_X_FORWARDED_PORT is False
