"""The secrets of second steps are sealed in the database, those from before as well."""

import importlib

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.apps import apps
from django.test import Client

from hub.crypt import Undecipherable
from hub.models import User
from tests.hub.notes import keys

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
migration = importlib.import_module("hub.migrations.0004_seal_second_steps")


@pytest.fixture
def alice(settings):
    settings.FIELD_KEYS = keys("a")
    return User.objects.create_user("alice@example.org")


def code(counter: int) -> str:
    return format_hotp_value(hotp_value(SECRET, counter))


def test_what_is_stored_of_an_app_is_a_token_and_its_codes_still_count(alice, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 3000.0)
    TOTP.activate(alice, SECRET)
    row = Authenticator.objects.get()
    assert row.data["secret"].startswith("v1.a.")
    assert SECRET not in str(row.data)
    assert not TOTP(row).validate_code(code(50))
    assert TOTP(row).validate_code(code(100))


def test_what_is_stored_of_recovery_codes_is_a_token_and_they_still_count(alice):
    codes = RecoveryCodes.activate(alice)
    row = Authenticator.objects.get()
    assert row.data["seed"].startswith("v1.a.")
    [first, *others] = codes.get_unused_codes()
    assert RecoveryCodes(row).validate_code(first)
    assert RecoveryCodes(Authenticator.objects.get()).get_unused_codes() == others


@pytest.mark.parametrize("secret", [SECRET, "", "v1.a.AAAA"])
def test_r2_a_secret_in_clear_or_from_elsewhere_is_never_taken(alice, secret):
    step = TOTP.activate(alice, SECRET)
    for stored in (secret, keys("a").encrypt(SECRET, "notes_note.text")):
        step.instance.data["secret"] = stored
        with pytest.raises(Undecipherable):
            step.validate_code("123456")


def test_the_migration_seals_what_was_in_clear_and_nothing_twice(alice):
    carol = User.objects.create_user("carol@example.org")
    TOTP.activate(carol, SECRET)
    before = {
        "totp": {"secret": SECRET},
        "recovery_codes": {"seed": "ab12" * 20, "used_mask": 5},
        "webauthn": {"name": "Key", "credential": {}},
    }
    for kind, data in before.items():
        Authenticator.objects.create(user=alice, type=kind, data=data)
    sealed_already = Authenticator.objects.get(user=carol).data

    migration.seal(apps, None)
    mine = {row.type: row.data for row in Authenticator.objects.filter(user=alice)}
    assert mine["totp"]["secret"].startswith("v1.a.")
    assert mine["recovery_codes"]["seed"].startswith("v1.a.")
    assert mine["recovery_codes"]["used_mask"] == 5
    assert mine["webauthn"] == before["webauthn"]
    assert Authenticator.objects.get(user=carol).data == sealed_already

    migration.unseal(apps, None)
    assert {row.type: row.data for row in Authenticator.objects.filter(user=alice)} == before


def test_the_page_to_set_one_up_shows_it_and_no_other_does(alice):
    client = Client()
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    form = client.get("/accounts/2fa/totp/activate/").context["form"]
    assert len(form.secret) == 32
    TOTP.activate(alice, SECRET)
    assert SECRET not in client.get("/accounts/2fa/").content.decode()
