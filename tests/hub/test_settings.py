"""Settings from the environment: what production needs, refuses and is strict about."""

import runpy
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.hub.conftest import ROOT, manage
from tests.hub.notes import key

FULL = {
    "DATABASE_URL": "postgres://hub:secret@db.example.org:5432/hub",
    "HUB_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "HUB_FIELD_KEYS": f"a:{key('a')}",
    "HUB_INDEX_KEY": key("i"),
    "HUB_BASE_URL": "https://hub.example.org",
    "EMAIL_URL": "smtp+tls://hub:p%40ss@mail.example.org:587",
}
OURS = [*FULL, "HUB_LOCAL", "HUB_STAFF_SECOND_FACTOR", "HUB_ALLOWED_HOSTS", "HUB_TRUSTED_PROXIES"]
OURS += ["HUB_SECURITY_CONTACT"]


@pytest.fixture
def load(monkeypatch, tmp_path):
    """The settings under this environment, of a hub in production unless said."""

    def load(**environment: str | None):
        for name in OURS:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HUB_DATA_DIR", str(tmp_path))
        for name, value in (FULL | environment).items():
            if value is not None:
                monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "hub" / "settings.py"))

    return load


class TestRefusals:
    @pytest.mark.parametrize("name", FULL)
    @pytest.mark.parametrize("value", [None, ""])
    def test_what_is_not_set_is_named_with_what_to_set(self, load, name, value):
        with pytest.raises(ImproperlyConfigured) as refusal:
            load(**{name: value})
        said = str(refusal.value)
        assert said.startswith(f"The hub cannot start. Set in the environment {name} (")
        assert "`make run`" in said
        assert not [other for other in FULL if other != name and other in said]

    def test_all_that_is_missing_is_named_at_once(self, load):
        with pytest.raises(ImproperlyConfigured) as refusal:
            load(**dict.fromkeys(FULL))
        assert [name for name in FULL if name in str(refusal.value)] == list(FULL)

    REFUSED = [
        ("HUB_BASE_URL", "http://hub.example.org", "must be the https address"),
        ("HUB_BASE_URL", "hub.example.org", "must be the https address"),
        ("HUB_BASE_URL", "https://", "must be the https address"),
        ("HUB_BASE_URL", "https://hub.example.org/hub", "without a path"),
        ("HUB_BASE_URL", "https://hub.example.org?x=1", "must be the https address"),
        ("HUB_BASE_URL", "https://hub.example.org#x", "must be the https address"),
        ("HUB_BASE_URL", "https://me:secret@hub.example.org", "must be the https address"),
        ("HUB_BASE_URL", "https://hub.example.org:port", "must be the https address"),
        ("HUB_BASE_URL", "https://hub.example.org\n", "must be the https address"),
        ("HUB_SECRET_KEY", "k" * 49, "HUB_SECRET_KEY is too short: use 50"),
        (
            "HUB_FIELD_KEYS",
            "secret",
            "HUB_FIELD_KEYS: entry 1 is not id:key, with an id of",
        ),
        ("HUB_FIELD_KEYS", "a:secret", "HUB_FIELD_KEYS: entry 1: a key is written in base64"),
        ("HUB_FIELD_KEYS", f"{FULL['HUB_FIELD_KEYS']}," * 2, "entry 2 has the id of an earlier"),
        ("HUB_INDEX_KEY", "secret!", "HUB_INDEX_KEY: a key is written in base64"),
        ("HUB_INDEX_KEY", FULL["HUB_FIELD_KEYS"][2:], "HUB_INDEX_KEY must be another key than"),
        ("DATABASE_URL", "mysql://u:p@h/n", "DATABASE_URL must name a PostgreSQL database"),
        ("DATABASE_URL", "sqlite:////tmp/x", "DATABASE_URL must name a PostgreSQL database"),
        ("EMAIL_URL", "mail.example.org", "EMAIL_URL must begin with smtp://"),
        ("EMAIL_URL", "imap://mail.example.org", "EMAIL_URL must begin with smtp://"),
        ("HUB_TRUSTED_PROXIES", "yes", "HUB_TRUSTED_PROXIES must be a number"),
        ("HUB_TRUSTED_PROXIES", "-1", "HUB_TRUSTED_PROXIES must be a number"),
        ("HUB_SECURITY_CONTACT", "me@example.org", "HUB_SECURITY_CONTACT must begin with mailto:"),
        ("HUB_SECURITY_CONTACT", "mailto:a@b.org\nExpires: x", "HUB_SECURITY_CONTACT must begin"),
        ("HUB_SECURITY_CONTACT", "mailto:a@b.org\n", "HUB_SECURITY_CONTACT must begin"),
    ]

    @pytest.mark.parametrize(("name", "value", "said"), REFUSED)
    def test_what_is_set_wrong_is_refused_in_a_sentence_without_the_value(
        self, load, name, value, said
    ):
        with pytest.raises(ImproperlyConfigured) as refusal:
            load(**{name: value})
        assert said in str(refusal.value)
        assert "secret" not in str(refusal.value)

    def test_a_newcomer_sees_that_sentence(self):
        environment = {"PATH": "/usr/bin:/bin", "HUB_DATA_DIR": "/nowhere"}
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "check"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert "ImproperlyConfigured: The hub cannot start." in done.stderr.splitlines()[-1]


class TestProduction:
    @pytest.fixture
    def made(self, load):
        return load()

    def test_https_only_and_for_a_year(self, made):
        assert made["SECURE_SSL_REDIRECT"] is True
        assert made["SECURE_HSTS_SECONDS"] >= 31_536_000
        assert made["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is made["SECURE_HSTS_PRELOAD"] is True

    @pytest.mark.parametrize("kind", ["SESSION", "CSRF"])
    def test_cookies_are_bound_to_this_host_and_hidden_from_script(self, made, kind):
        assert made[f"{kind}_COOKIE_NAME"].startswith("__Host-")
        assert made[f"{kind}_COOKIE_SECURE"] is made[f"{kind}_COOKIE_HTTPONLY"] is True
        assert made[f"{kind}_COOKIE_SAMESITE"] == "Lax"
        # What __Host- asks for.
        assert f"{kind}_COOKIE_DOMAIN" not in made
        assert f"{kind}_COOKIE_PATH" not in made

    def test_a_session_ends_after_half_an_hour_without_use(self, made):
        assert (made["SESSION_COOKIE_AGE"], made["SESSION_SAVE_EVERY_REQUEST"]) == (1800, True)

    def test_the_policy_allows_nothing_inline_and_nobody_else(self, made):
        policy = made["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
        sources = {source for allowed in policy.values() for source in allowed}
        assert sources == {"'self'", "'none'"}
        assert policy["default-src"] == ["'self'"]
        assert policy["frame-ancestors"] == ["'none'"]

    def test_nothing_of_a_developer_s_machine(self, made):
        assert (made["DEBUG"], made["LOCAL"], made["STAFF_SECOND_FACTOR"]) == (False, False, True)
        assert made["ALLOWED_HOSTS"] == ["hub.example.org"]

    def test_the_second_factor_cannot_be_turned_off(self, load):
        assert load(HUB_STAFF_SECOND_FACTOR="0")["STAFF_SECOND_FACTOR"] is True
        local = load(HUB_LOCAL="1", HUB_STAFF_SECOND_FACTOR="0")
        assert local["STAFF_SECOND_FACTOR"] is False

    def test_mail(self, made):
        assert made["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
        assert (made["EMAIL_HOST"], made["EMAIL_PORT"]) == ("mail.example.org", 587)
        assert (made["EMAIL_HOST_USER"], made["EMAIL_HOST_PASSWORD"]) == ("hub", "p@ss")
        assert (made["EMAIL_USE_TLS"], made["EMAIL_USE_SSL"]) == (True, False)
        sender = "CAST Resources & Training <hub@hub.example.org>"
        assert made["DEFAULT_FROM_EMAIL"] == made["SERVER_EMAIL"] == sender

    def test_a_proxy_is_believed_only_when_there_is_one(self, load, made):
        assert "SECURE_PROXY_SSL_HEADER" not in made
        behind = load(HUB_TRUSTED_PROXIES="2")
        assert behind["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
        assert behind["TRUSTED_PROXIES"] == behind["ALLAUTH_TRUSTED_PROXY_COUNT"] == 2

    def test_what_is_set_to_nothing_is_not_set(self, load, made):
        """As in a file of settings whose lines wait to be filled in."""
        names = ["HUB_ALLOWED_HOSTS", "HUB_TRUSTED_PROXIES", "HUB_MAIL_FROM"]
        empty = load(**dict.fromkeys(names, ""))
        for name in ("ALLOWED_HOSTS", "TRUSTED_PROXIES", "MAIL_ADDRESS"):
            assert empty[name] == made[name]
        assert load(HUB_DATA_DIR="")["DATA_DIR"] == ROOT / "var"

    def test_keys_are_read_newest_first(self, load):
        made = load(HUB_FIELD_KEYS=f"2027a:{key('b')},2026a:{key('a')}")
        assert made["FIELD_KEYS"].newest == "2027a"
        assert list(made["FIELD_KEYS"].by_id) == ["2027a", "2026a"]

    def test_a_base_address_may_end_in_a_slash_and_have_a_port(self, load):
        made = load(HUB_BASE_URL="https://hub.example.org:8443/")
        assert made["BASE_URL"] == "https://hub.example.org:8443"
        assert made["DOMAIN"] == "hub.example.org"

    def test_a_local_hub_chooses_for_itself_what_it_can(self, load):
        made = load(HUB_LOCAL="1", EMAIL_URL=None, HUB_SECRET_KEY=None, HUB_BASE_URL=None)
        assert made["EMAIL_BACKEND"] == "hub.dev.mail.EmlBackend"
        assert made["SESSION_COOKIE_NAME"] == "session"
        assert made["SECURE_SSL_REDIRECT"] is False
        again = load(HUB_LOCAL="1", EMAIL_URL=None, HUB_SECRET_KEY=None, HUB_BASE_URL=None)
        assert again["SECRET_KEY"] == made["SECRET_KEY"]

    def test_r3_a_local_hub_makes_its_keys_and_keeps_them_to_itself(self, load, tmp_path):
        names = {"HUB_FIELD_KEYS": None, "HUB_INDEX_KEY": None}
        made, again = (load(HUB_LOCAL="1", EMAIL_URL=None, **names) for _ in range(2))
        assert made["FIELD_KEYS"].newest == "local"
        assert (again["FIELD_KEYS"], again["INDEX_KEY"]) == (made["FIELD_KEYS"], made["INDEX_KEY"])
        assert len(made["INDEX_KEY"]) == 32
        for name in ("field-keys", "index-key"):
            assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


PRODUCTION = FULL | {"HUB_LOCAL": "", "HUB_ALLOWED_HOSTS": "", "HUB_STAFF_SECOND_FACTOR": ""}
PROBE = """
from django.conf import settings
from django.test import Client, override_settings
from django.urls import Resolver404, resolve
PLAIN_FILES = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
plain, safe = Client(SERVER_NAME="hub.example.org"), {"secure": True}
for path in ("/dev/mail/", "/dev/mail/x/", "/dev/sign-in/x/"):
    try:
        resolve(path)
    except Resolver404:
        print(path, "absent")
print(plain.get("/healthz").status_code, plain.get("/readyz").status_code)
there = plain.get("/calendar.ics")
print(there.status_code, there["Location"])
feed = plain.get("/calendar.ics", **safe)
print(feed.status_code)
print(feed["Strict-Transport-Security"])
print(*sorted(feed["Content-Security-Policy"].split("; ")), sep="; ")
with override_settings(STORAGES=settings.STORAGES | {"staticfiles": PLAIN_FILES}):
    page = plain.get("/accounts/login/", **safe)
for name in ("Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy",
             "Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options"):
    print(page[name])
for cookie in page.cookies.values():
    kept = {key: value for key, value in cookie.items() if value and key not in ("expires",)}
    kept.pop("max-age", None)
    print(cookie.key, *sorted(f"{key}={value}" for key, value in kept.items()))
"""


def test_the_deployment_checks_have_nothing_to_say():
    process = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (
        0,
        "System check identified no issues (0 silenced).\n",
        "",
    )


@pytest.mark.django_db
def test_a_hub_in_production_as_a_visitor_meets_it(tmp_path):
    """On the test's database, without a worker, and with no static files collected."""
    (tmp_path / "static").mkdir()
    environment = PRODUCTION | {"HUB_DATA_DIR": str(tmp_path)}
    del environment["DATABASE_URL"]
    process = manage("shell", "--no-imports", "-c", PROBE, **environment)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out.splitlines()) == (
        0,
        [
            "/dev/mail/ absent",
            "/dev/mail/x/ absent",
            "/dev/sign-in/x/ absent",
            "200 503",
            "301 https://hub.example.org/calendar.ics",
            "200",
            "max-age=31536000; includeSubDomains; preload",
            "base-uri 'none'; default-src 'self'; form-action 'self'; frame-ancestors 'none'; "
            "object-src 'none'",
            "same-origin",
            "same-origin",
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            "same-origin",
            "nosniff",
            "DENY",
            "__Host-csrf httponly=True path=/ samesite=Lax secure=True",
        ],
    ), err
