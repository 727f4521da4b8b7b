"""Somebody else's session, somebody else's form, somebody else's code: taken, forged, guessed."""

import re
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from hub import roles
from hub.models import User
from tests.mailbox import mailed_code
from tests.test_urls import rows, watched

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/login/"
CONFIRM = "/accounts/login/code/confirm/"
SECOND = "/accounts/2fa/authenticate/"

# The views that take a POST without a form's token, each by what it asks for instead.
NO_TOKEN = {
    # A signature of the payment service.
    "trainings/payments/webhook/",
    # What stands in the address alone: no cookie counts there.
    "technical-assistance/follow/<str:token>/",
    "unsubscribe/<str:audience>/<str:token>/",
}


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


def sign_in(client: Client, user: User):
    client.post(SIGN_IN, {"login": user.email})
    return client.post(CONFIRM, {"code": mailed_code()})


def key_of(client: Client) -> str:
    return client.cookies["session"].value


def is_in(client: Client) -> bool:
    return client.get("/my/").status_code == 200


def with_session(key: str) -> Client:
    client = Client()
    client.cookies["session"] = key
    return client


class TestFixation:
    @pytest.mark.parametrize("key", ["a" * 32, "canary", "../../x", "x" * 4000])
    def test_a_key_we_never_gave_is_not_taken_on(self, bob, key):
        victim = with_session(key)
        sign_in(victim, bob)
        assert is_in(victim)
        assert key_of(victim) != key
        assert not is_in(with_session(key))

    def test_a_session_begun_by_another_is_not_signed_in_with_its_victim(self, bob):
        eve = Client()
        eve.post(SIGN_IN, {"login": bob.email})
        planted = key_of(eve)
        victim = with_session(planted)
        victim.post(CONFIRM, {"code": mailed_code()})
        assert is_in(victim)
        assert key_of(victim) != planted
        assert not is_in(with_session(planted))
        assert not is_in(eve)

    def test_the_second_step_changes_it_once_more(self, alice):
        secret = generate_totp_secret()
        TOTP.activate(alice, secret)
        client = Client()
        sign_in(client, alice)
        first = key_of(client)
        code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
        client.post(SECOND, {"code": code})
        assert client.get("/admin/").status_code == 200
        assert key_of(client) != first
        assert with_session(first).get("/admin/").status_code == 302

    def test_a_form_s_token_of_before_is_worth_nothing_after(self, bob):
        client = Client(enforce_csrf_checks=True)
        before = token_of(client.get(SIGN_IN))
        client.post(SIGN_IN, {"login": bob.email, "csrfmiddlewaretoken": before})
        client.post(CONFIRM, {"code": mailed_code(), "csrfmiddlewaretoken": before})
        assert is_in(client)
        forged = {"do": "calendar", "csrfmiddlewaretoken": before}
        assert client.post("/my/", forged).status_code == 403

    def test_a_copy_of_a_session_ends_with_it(self, bob):
        client = Client()
        sign_in(client, bob)
        copy = with_session(key_of(client))
        assert is_in(copy)
        client.post("/accounts/logout/")
        assert not is_in(copy)
        assert not is_in(with_session(key_of(copy)))


def token_of(page) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]


class TestForged:
    def test_the_views_that_ask_for_no_token_are_these(self):
        def exempt(resolver, prefix=""):
            for pattern in resolver.url_patterns:
                whole = prefix + str(pattern.pattern)
                if isinstance(pattern, URLResolver):
                    yield from exempt(pattern, whole)
                elif getattr(pattern.callback, "csrf_exempt", False):
                    yield whole

        # Django's page of what is not found in the back office takes nothing.
        assert set(exempt(get_resolver())) - {"admin/(?P<url>.*)$"} == NO_TOKEN

    @pytest.mark.parametrize(
        ("role", "methods", "of"),
        [
            ("bob", ["post", "put", "delete"], "/(?!admin/|dev/)"),
            ("alice", ["post"], "/"),
            (roles.TA_STAFF, ["post", "delete"], "/admin/ta_requests/"),
        ],
    )
    def test_nothing_that_is_sent_from_elsewhere_is_done(self, target, role, methods, of):
        """In their browser, with their cookies; by every address, whatever it asks for."""
        browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
        browser.cookies = target.clients[role].cookies
        exempt = re.compile(
            "/(trainings/payments/webhook|technical-assistance/follow|unsubscribe)/"
        )
        before = {model: list(model.objects.order_by("pk").values()) for model in watched()}
        sent = {
            "do": "calendar",
            "post": "yes",
            "_save": "1",
            "sure": "yes",
            "reason": "x",
            "action": "delete_selected",
            "_selected_action": "1",
            "confirm": "yes",
            "csrfmiddlewaretoken": "A" * 64,
        }
        for address in target.addresses:
            if exempt.match(address) or not re.match(of, address):
                continue
            for method in methods:
                answer = getattr(browser, method)(
                    address, sent, headers={"origin": "https://evil.example"}
                )
                # By its way in, a page that is not there says so first.
                assert answer.status_code in {403, 404}, (address, answer.status_code)
                assert "calendar/" not in answer.headers.get("Location", "")
        for model, rows_before in before.items():
            assert list(model.objects.order_by("pk").values()) == rows_before, model

    @pytest.mark.parametrize(
        "headers",
        [{}, {"referer": "https://evil.example/"}, {"referer": "http://testserver/"}]
        + [{"origin": origin} for origin in ("null", "https://evil.example", "http://testserver")],
    )
    def test_over_https_a_token_is_not_enough_without_where_it_comes_from(self, bob, headers):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
        sent = {"csrfmiddlewaretoken": token_of(browser.get("/accounts/logout/", secure=True))}
        answer = browser.post("/accounts/logout/", sent, headers=headers, secure=True)
        assert answer.status_code == 403
        assert "_auth_user_id" in browser.session
        headers = {"origin": "https://testserver"}
        assert (
            browser.post("/accounts/logout/", sent, headers=headers, secure=True).status_code == 200
        )


class TestGuessed:
    def test_thirty_codes_an_hour_from_everywhere_and_no_more(self, bob):
        """Of 26 to the power of 8; each try of three costs its person a mail, which they see."""
        tries = 0
        with time_machine.travel(timezone.now(), tick=False) as clock:
            for network in range(50):
                clock.shift(timedelta(seconds=65))
                eve = Client(REMOTE_ADDR=f"203.0.113.{network}")
                if eve.post(SIGN_IN, {"login": bob.email}).status_code != 302:
                    continue
                for _ in range(5):
                    answer = eve.post(CONFIRM, {"code": "WRNG-WRNG"})
                    tries += "This is not the code" in answer.content.decode()
                    if answer.status_code == 302:
                        tries += 1
                        break
                assert not is_in(eve)
        assert (tries, len(mail.outbox)) == (30, 10)

    def test_however_the_address_is_written(self, bob):
        accepted = 0
        for number in range(12):
            email = "".join(c.upper() if number >> i & 1 else c for i, c in enumerate(bob.email))
            eve = Client(REMOTE_ADDR=f"203.0.113.{number}")
            accepted += eve.post(SIGN_IN, {"login": f" {email}"}).status_code == 302
        assert (accepted, len(mail.outbox)) == (3, 3)

    def test_from_one_network_whoever_is_asked_for_and_whatever_it_says_it_is(self):
        accepted = 0
        for number in range(30):
            eve = Client(headers={"x-forwarded-for": f"198.51.100.{number}"})
            answer = eve.post(SIGN_IN, {"login": f"p{number}@example.org"})
            accepted += answer.status_code == 302
        assert accepted == 20

    @pytest.mark.parametrize("code", ["", "-", " ", "None", "\0", "ＡＢＣＤ-ＥＦＧＨ"])
    def test_of_an_address_we_do_not_know_no_code_is_right(self, code):
        eve = Client()
        eve.post(SIGN_IN, {"login": "nobody@example.org"})
        answer = eve.post(CONFIRM, {"code": code})
        assert answer.status_code == 200
        assert not is_in(eve)

    def test_after_five_wrong_second_steps_the_right_one_waits(self, alice):
        """For five minutes, in each browser: there are a million codes, three good at a time."""
        secret = generate_totp_secret()
        TOTP.activate(alice, secret)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            eve = Client()
            sign_in(eve, alice)
            for number in range(5):
                answer = eve.post(SECOND, {"code": f"00000{number}"})
                assert "This is not the code" in answer.content.decode()

            def right(client):
                code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
                return client.post(SECOND, {"code": code})

            other = Client(REMOTE_ADDR="203.0.113.9")
            sign_in(other, alice)
            for client in (eve, other):
                assert "Too many tries" in right(client).content.decode()
                assert not is_in(client)
            clock.shift(timedelta(minutes=6))
            assert right(other).status_code == 302
            assert is_in(other)

    def test_a_link_that_is_nearly_right_is_as_wrong_as_any(self, target):
        """Of every address that is a key: cut, longer, other capitals, another's signature."""
        client = target.clients["anonymous"]
        keys = [
            address
            for address in target.addresses
            for part in address.split("/")
            if len(part.removesuffix(".ics")) >= 43 and client.get(address).status_code == 200
        ]
        assert len(keys) >= 6
        gone = client.get("/none/")
        for address in keys:
            token = max(address.split("/"), key=len).removesuffix(".ics")
            bad = [token[:-1], token[1:], token + "A", token.upper(), token.lower(), token[::-1]]
            bad += [token.swapcase(), token + ".", "." + token, token + "%00", token + "%20"]
            bad += [token.replace(".", "%2e.", 1) + "x", "A" * len(token), token[:-1] + "-"]
            for one in set(bad) - {token}:
                answer = client.get(address.replace(token, one))
                assert answer.status_code == 404, (address, one)
                if "/technical-assistance/" not in address:
                    assert answer.content == gone.content, (address, one)
        assert {row[0] for row in rows() if "<str:token>" in row[0]}
