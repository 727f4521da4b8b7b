"""The secrets of second steps are sealed in the database, those from before as well."""

import base64
import importlib
import pickle
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test import Client

from hub import ratelimit
from hub.accounts import SECRETS_PLACE
from hub.crypt import Undecipherable
from hub.models import User
from tests.hub.conftest import in_threads
from tests.hub.notes import keys
from tests.people import staff_client

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


class TestSpent:
    AGAIN = "/accounts/2fa/reauthenticate/"
    NOW = datetime(2026, 3, 4, 20, 30, tzinfo=UTC)

    @pytest.fixture(autouse=True)
    def _fresh(self, db):
        cache.clear()

    def test_a_code_counts_once_for_as_long_as_it_could(self, alice):
        with time_machine.travel(self.NOW, tick=False) as clock:
            client = staff_client(alice)
            secret = keys("a").decrypt(Authenticator.objects.get().data["secret"], SECRETS_PLACE)
            now = int(self.NOW.timestamp()) // 30
            # Of the period to come: good for almost 90 seconds.
            typed = format_hotp_value(hotp_value(secret, now + 1))
            assert client.post(self.AGAIN, {"code": typed}).status_code == 302
            for seconds in (0, 29, 40, 80):
                clock.move_to(self.NOW + timedelta(seconds=seconds))
                for spelling in (typed, f"{typed[:3]} {typed[3:]}"):
                    again = client.post(self.AGAIN, {"code": spelling})
                    assert "This is not the code" in again.content.decode(), seconds
            fresh = format_hotp_value(hotp_value(secret, now + 2))
            assert client.post(self.AGAIN, {"code": fresh}).status_code == 302

    @pytest.mark.django_db(transaction=True)
    def test_of_many_processes_only_one_takes_it(self, alice):
        taken: list[bool] = []
        # Each thread has a cache of its own, as each process has.
        in_threads(8, lambda _: taken.append(cache.add("a code", True, 30)))
        assert sorted(taken) == [False] * 7 + [True]

    def test_what_is_kept_of_it_says_neither_who_nor_from_where(self, alice):
        client = Client(REMOTE_ADDR="192.0.2.77")
        client.post("/accounts/login/", {"login": "alice@example.org"})
        with connection.cursor() as cursor:
            cursor.execute("SELECT cache_key, value FROM hub_cache")
            rows = cursor.fetchall()
        assert rows
        for key, value in rows:
            assert re.fullmatch("[0-9a-f]{64}", key)
            kept = pickle.loads(base64.b64decode(value))  # noqa: S301
            assert isinstance(kept, list)
            assert all(isinstance(one, float) for one in kept)

    def test_it_is_forgotten_once_it_has_had_its_time(self):
        with time_machine.travel(self.NOW, tick=False):
            cache.set("short", 1, 30)
            cache.set("long", 1, 7200)
            ratelimit.forget(self.NOW + timedelta(hours=1))
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM hub_cache")
                assert cursor.fetchone() == (1,)
            assert (cache.get("short"), cache.get("long")) == (None, 1)
