"""The way in, as staff and participants walk it."""

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from hub.models import User
from tests.mailbox import mailed_code

pytestmark = pytest.mark.django_db(transaction=True)


def ask_and_type_code(one, email):
    page = one.page
    page.get_by_label("Email").fill(email)
    one.press("Email me a code")
    page.get_by_label("Code from our email").fill(mailed_code().lower())
    one.press("Sign in")


def look(one):
    if one.script:
        one.axe()
    one.no_sideways()


@pytest.mark.parametrize(
    ("width", "scheme", "script"), [(390, "dark", True), (1280, "light", False)]
)
def test_an_invited_staff_member_reaches_the_back_office(visitor, width, scheme, script):
    User.objects.create_user(
        "alice@example.org", name="Alice Staff", is_staff=True, is_superuser=True
    )
    one = visitor(width=width, scheme=scheme, script=script)
    page = one.visit("/admin/")

    one.press("Email me a code")
    assert page.title().startswith("Error: Sign in")
    look(one)
    page.get_by_label("Email").fill("alice@example.org")
    one.press("Email me a code")
    look(one)
    page.get_by_label("Code from our email").fill("WRNG-WRNG")
    one.press("Sign in")
    look(one)
    page.get_by_label("Code from our email").fill(mailed_code())
    one.press("Sign in")

    page.wait_for_url("**/accounts/2fa/totp/activate/")
    assert page.locator(".qr svg").bounding_box()["width"] > 150
    secret = page.locator("#secret").inner_text()
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    page.get_by_label("Code from the app").fill(code)
    one.press("Turn on the second step")

    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    look(one)
    assert page.locator("#code-list li").count() == 10
    page.get_by_role("link", name="Go on to today’s work").click()
    page.wait_for_url("**/staff/")
    look(one)
    page.get_by_role("link", name="Back office").click()
    page.wait_for_url("**/admin/")

    one.press("Sign out")
    page.goto("/accounts/login/")
    ask_and_type_code(one, "alice@example.org")
    page.wait_for_url("**/accounts/2fa/authenticate/")
    look(one)
    assert page.get_by_role("button", name="Use a security key").is_visible() is script


def test_a_passkey_works_under_the_policy(visitor, settings):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    User.objects.create_user("alice@example.org", is_staff=True, is_superuser=True)
    one = visitor()
    page = one.visit("/accounts/login/")
    key = one.context.new_cdp_session(page)
    key.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    key.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    ask_and_type_code(one, "alice@example.org")
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_role("button", name="Add this key").click()
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    page.goto("/admin/")
    one.press("Sign out")

    page.goto("/accounts/login/?next=/admin/")
    ask_and_type_code(one, "alice@example.org")
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url("**/admin/")
    assert "back office" in page.title().lower()


def test_a_key_that_is_refused_is_said_in_words(visitor):
    User.objects.create_user("alice@example.org", is_staff=True)
    one = visitor()
    page = one.visit("/accounts/login/")
    ask_and_type_code(one, "alice@example.org")
    page.goto("/accounts/2fa/webauthn/add/")
    page.evaluate("() => { navigator.credentials.create = () => Promise.reject(new Error('no')); }")
    page.get_by_role("button", name="Add this key").click()

    page.get_by_text("The key was not added.").wait_for()
    one.axe()
