"""The addresses of sign-in and what each kind of person gets there (tests.test_urls)."""

from tests.answers import everyone

SIGN_IN = "302 /accounts/login/?next={here}"
SIGN_IN_Q = "302 /accounts/login/?next={quoted}"
AGAIN = "302 /accounts/2fa/reauthenticate/?next={quoted}"
AGAIN_FIRST = "302 /accounts/2fa/reauthenticate/"
HOME = "302 /"
DAY = "302 /staff/"
LOGIN = "302 /accounts/login/"

TABLE: list[tuple[str, str, list[str]]] = [
    ("accounts/", "/accounts/", everyone(LOGIN)),
    ("accounts/login/", "/accounts/login/", ["200", HOME, DAY, DAY]),
    ("accounts/login/code/", "/accounts/login/code/", everyone(LOGIN)),
    (
        "accounts/login/code/confirm/",
        "/accounts/login/code/confirm/",
        ["302 /accounts/login/code/", HOME, DAY, DAY],
    ),
    ("accounts/logout/", "/accounts/logout/", [HOME, "200", "200", "200"]),
    ("accounts/inactive/", "/accounts/inactive/", everyone("200")),
    # Says that nobody opens an account here.
    ("accounts/signup/", "/accounts/signup/", ["200", HOME, DAY, DAY]),
    (
        "accounts/reauthenticate/",
        "/accounts/reauthenticate/",
        [SIGN_IN, "403", "403", AGAIN_FIRST],
    ),
    ("accounts/2fa/", "/accounts/2fa/", [SIGN_IN, "200", "200", "200"]),
    ("accounts/2fa/authenticate/", "/accounts/2fa/authenticate/", [LOGIN, HOME, DAY, DAY]),
    (
        "accounts/2fa/reauthenticate/",
        "/accounts/2fa/reauthenticate/",
        [SIGN_IN, "403", "403", "200"],
    ),
    (
        "accounts/2fa/totp/activate/",
        "/accounts/2fa/totp/activate/",
        [SIGN_IN_Q, "200", "200", AGAIN],
    ),
    (
        "accounts/2fa/totp/deactivate/",
        "/accounts/2fa/totp/deactivate/",
        [SIGN_IN, "404", "404", AGAIN],
    ),
    (
        "accounts/2fa/recovery-codes/",
        "/accounts/2fa/recovery-codes/",
        [SIGN_IN, "404", "404", "404"],
    ),
    (
        "accounts/2fa/recovery-codes/generate/",
        "/accounts/2fa/recovery-codes/generate/",
        [SIGN_IN_Q, "200", "200", AGAIN],
    ),
    (
        "accounts/2fa/recovery-codes/download/",
        "/accounts/2fa/recovery-codes/download/",
        [SIGN_IN, "404", "404", "404"],
    ),
    ("accounts/2fa/webauthn/", "/accounts/2fa/webauthn/", [SIGN_IN, "200", "200", "200"]),
    (
        "accounts/2fa/webauthn/add/",
        "/accounts/2fa/webauthn/add/",
        [SIGN_IN_Q, "200", "200", AGAIN],
    ),
    (
        "accounts/2fa/webauthn/reauthenticate/",
        "/accounts/2fa/webauthn/reauthenticate/",
        [SIGN_IN, "403", "403", AGAIN_FIRST],
    ),
    # Dan's key: not there for others; alice is asked who she is before she is told.
    (
        "accounts/2fa/webauthn/keys/<int:pk>/remove/",
        "/accounts/2fa/webauthn/keys/<key>/remove/",
        [SIGN_IN_Q, "404", "404", AGAIN],
    ),
    (
        "accounts/2fa/webauthn/keys/<int:pk>/edit/",
        "/accounts/2fa/webauthn/keys/<key>/edit/",
        [SIGN_IN_Q, "404", "404", AGAIN],
    ),
]
