"""Sign-in by mailed code, and the second factor of staff, walked as a person would."""

import logging
import re
import smtplib
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib import admin
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hub.models import User
from tests.mailbox import mailed_code
from tests.people import staff_client

pytestmark = pytest.mark.django_db

SIGN_IN = "/accounts/login/"
CONFIRM = "/accounts/login/code/confirm/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def app_code(secret: str, later: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def ask(client, email, **query):
    return client.post(SIGN_IN, {"login": email, **query})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_person_signs_in_with_the_code_from_the_mail(client, bob):
    response = ask(client, "Bob@Example.org", next="/privacy/")
    assert response.headers["Location"] == f"{CONFIRM}?next=%2Fprivacy%2F"

    assert [m.to for m in mail.outbox] == [["bob@example.org"]]
    assert mailed_code() in mail.outbox[0].alternatives[0].content
    response = client.post(
        CONFIRM, {"code": mailed_code().lower().replace("-", " "), "next": "/privacy/"}
    )

    assert response.headers["Location"] == "/privacy/"
    assert signed_in(client)
    assert "You are signed in as Bob Attorney." in text(client.get("/privacy/"))


def test_an_unknown_address_gets_the_same_answer(client, bob):
    known, unknown = ask(client, "bob@example.org"), None
    known_page = client.get(CONFIRM).content
    client.cookies.clear()
    unknown = ask(client, "eve@example.org")
    unknown_page = client.get(CONFIRM).content

    def same(page: bytes) -> str:
        page = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page)
        return page.decode().replace("eve@example.org", "bob@example.org")

    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    assert same(known_page) == same(unknown_page)
    assert [m.subject for m in mail.outbox] == ["Your sign-in code", "You asked to sign in"]
    assert "We do not know this address" in str(mail.outbox[1].body)
    assert not User.objects.filter(email="eve@example.org").exists()


def test_the_third_wrong_code_ends_it(client, bob):
    ask(client, "bob@example.org")
    for _ in range(2):
        response = client.post(CONFIRM, {"code": "WRNG-WRNG"})
        assert "<title>Error: Type your code" in response.content.decode()
        assert "This is not the code" in text(response)

    response = client.post(CONFIRM, {"code": "WRNG-WRNG"}, follow=True)
    assert response.redirect_chain[-1][0] == SIGN_IN
    assert "Too many tries." in text(response)

    response = client.post(CONFIRM, {"code": mailed_code()}, follow=True)
    assert not signed_in(client)
    assert "Please ask for a new code." in text(response)


def test_a_code_is_good_for_fifteen_minutes_and_no_longer(client, bob):
    for minutes, good in ((14, True), (16, False)):
        client.logout()
        cache.clear()
        with time_machine.travel(timezone.now(), tick=False) as clock:
            ask(client, "bob@example.org")
            clock.shift(timedelta(minutes=minutes))
            response = client.post(CONFIRM, {"code": mailed_code()}, follow=True)
            assert signed_in(client) is good
    assert "Please ask for a new code." in text(response)


def test_a_code_is_of_no_use_in_another_browser(client, bob):
    ask(client, "bob@example.org")
    client.cookies.clear()

    response = client.post(CONFIRM, {"code": mailed_code()}, follow=True)

    assert not signed_in(client)
    assert "in the browser in which you asked for it" in text(response)


def test_nobody_can_have_mail_after_mail_sent_to_an_address(client, bob):
    for _ in range(3):
        assert ask(client, "bob@example.org").status_code == 302
        client.post("/accounts/logout/")
    response = ask(client, "bob@example.org")

    assert "Too many tries." in text(response)
    assert len(mail.outbox) == 3


@pytest.mark.parametrize("typed", ["", "bob", "bob@", "bob@example.org\r\nBcc: eve@example.org"])
def test_what_is_no_address_is_refused_in_words(client, bob, typed):
    response = ask(client, typed)

    assert response.status_code == 200
    assert re.search("Write (your email address|a whole email address)", text(response))
    assert mail.outbox == []


@pytest.mark.parametrize("email", ["bob@example.org", "eve@example.org"])
def test_a_mail_server_that_is_down_is_said_and_logged_without_the_address(
    client, bob, email, monkeypatch, caplog
):
    def down(self, messages):
        raise smtplib.SMTPServerDisconnected("no")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", down)
    with caplog.at_level(logging.INFO):
        response = ask(client, email)

    assert response.status_code == 503
    assert "We could not send the email" in text(response)
    assert "(888) 507-0193" in text(response)
    kinds = [r.getMessage() for r in caplog.records if r.name == "hub.accounts"]
    assert len(kinds) == 1
    assert kinds[0].endswith("was not sent: SMTPServerDisconnected")
    assert email not in caplog.text
    assert client.get(SIGN_IN).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_an_invited_staff_member_comes_from_the_mail_to_the_back_office(client, alice):
    assert not alice.has_usable_password()
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith(SIGN_IN)
    to = response.context["redirect_field_value"]
    assert to == "/admin/"

    ask(client, "alice@example.org", next=to)
    response = client.post(CONFIRM, {"code": mailed_code(), "next": to}, follow=True)
    assert response.redirect_chain[-1][0] == reverse("mfa_activate_totp")
    assert "Set up your second step" in text(response)

    page = response.content.decode()
    assert "<svg" in page
    assert "data:" not in page
    secret = response.context["form"].secret
    assert secret in page
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "This is not the code" in text(wrong)
    assert secret in wrong.content.decode()

    response = client.post(reverse("mfa_activate_totp"), {"code": app_code(secret)}, follow=True)
    assert response.redirect_chain == [(reverse("mfa_view_recovery_codes"), 302)]
    assert "10 of 10 left" in text(response)
    assert "back office" in text(client.get("/admin/")).lower()
    assert mail.outbox[-1].subject == "Your second step is on"

    client.post("/accounts/logout/")
    assert not signed_in(client)
    ask(client, "alice@example.org", next="/admin/")
    response = client.post(CONFIRM, {"code": mailed_code(), "next": "/admin/"})
    assert response.headers["Location"] == reverse("mfa_authenticate")
    assert not signed_in(client)
    assert client.get("/admin/").status_code == 302
    response = client.post(reverse("mfa_authenticate"), {"code": app_code(secret, 1)}, follow=True)
    assert response.redirect_chain[-1][0] == "/admin/"
    assert response.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_recovery_code_stands_in_for_the_app_once(client, alice):
    def sign_in_with(code: str):
        client.post("/accounts/logout/")
        cache.clear()
        ask(client, "alice@example.org")
        client.post(CONFIRM, {"code": mailed_code()})
        return client.post(reverse("mfa_authenticate"), {"code": code})

    ask(client, "alice@example.org")
    client.post(CONFIRM, {"code": mailed_code()})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": app_code(secret)})
    code = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]

    assert sign_in_with(code).status_code == 302
    assert signed_in(client)
    assert "This is not the code" in text(sign_in_with(code))
    assert not signed_in(client)


def test_a_session_older_than_the_second_factor_must_give_it(alice):
    """Whoever holds the mailbox must not ride on a factor set up elsewhere."""
    older = Client()
    older.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    newer = staff_client(alice)

    assert newer.get("/admin/").status_code == 200
    response = older.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == reverse("mfa_reauthenticate") + "?next=/admin/"
    assert "Confirm it is you" in text(response)


def test_no_staff_page_opens_without_the_second_factor(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")

    pages = [
        reverse("admin:index"),
        reverse("admin:jsi18n"),
        reverse("admin:view_on_site", args=(1, 1)),
    ]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages += [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
        pages += [reverse(f"{name}_change", args=[1]), reverse(f"{name}_delete", args=[1])]
    for page in pages:
        response = client.get(page)
        assert response.status_code == 302, page
        assert response.content == b"", page


def test_a_factor_taken_away_closes_the_back_office_at_once(alice):
    client = staff_client(alice)
    assert client.get("/admin/").status_code == 200

    alice.authenticator_set.all().delete()

    assert client.get("/admin/").status_code == 302


def test_a_deactivated_person_is_out_at_once(client, alice):
    client = staff_client(alice)
    assert client.get("/admin/").status_code == 200

    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert client.get("/admin/").status_code == 302
    assert not client.get("/privacy/").wsgi_request.user.is_authenticated
    mail.outbox.clear()
    client.logout()
    ask(client, "alice@example.org")
    assert [m.subject for m in mail.outbox] == ["You asked to sign in"]


def test_somebody_deactivated_while_the_mail_was_on_its_way_stays_out(client, bob):
    ask(client, "bob@example.org")
    User.objects.filter(pk=bob.pk).update(is_active=False)

    response = client.post(CONFIRM, {"code": mailed_code()}, follow=True)

    assert "This account is closed" in text(response)
    assert not signed_in(client)


def test_a_participant_has_no_way_into_the_back_office(client, bob):
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")

    response = client.get("/admin/", follow=True)

    assert response.status_code == 403
    assert "You may not open this page" in text(response)


def test_signing_out_takes_a_press_of_a_button(client, bob):
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")

    assert "bob@example.org" in text(client.get("/accounts/logout/"))
    assert signed_in(client)
    response = client.post("/accounts/logout/", follow=True)

    assert not signed_in(client)
    assert "You are signed out" in text(response)


@pytest.mark.parametrize(
    "path",
    [
        "password/change/",
        "password/set/",
        "password/reset/",
        "password/reset/done/",
        "password/reset/key/1-set-password/",
        "email/",
        "confirm-email/",
        "2fa/webauthn/login/",
        "2fa/webauthn/signup/",
    ],
)
def test_what_the_hub_does_not_offer_is_not_there(client, bob, path):
    assert client.get(f"/accounts/{path}").status_code == 404
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/accounts/{path}").status_code == 404


def test_there_is_no_account_to_open(client):
    page = text(client.get("/accounts/signup/"))
    assert "You do not need an account" in page

    client.post("/accounts/signup/", {"email": "eve@example.org"})
    assert not User.objects.exists()


def test_no_link_leads_off_the_site_after_sign_in(client, bob):
    ask(client, "bob@example.org", next="https://evil.example/")
    response = client.post(CONFIRM, {"code": mailed_code(), "next": "https://evil.example/"})

    assert signed_in(client)
    assert response.headers["Location"] == "/"


def test_the_back_office_can_take_a_second_step_away_but_not_see_into_it(alice, bob):
    client = staff_client(alice)
    totp = alice.authenticator_set.get()
    page = client.get(reverse("admin:mfa_authenticator_change", args=[totp.pk]))

    assert page.status_code == 200
    assert totp.data["secret"] not in page.content.decode()
    assert client.get(reverse("admin:mfa_authenticator_add")).status_code == 403
    client.post(reverse("admin:mfa_authenticator_delete", args=[totp.pk]), {"post": "yes"})
    assert not alice.authenticator_set.exists()
