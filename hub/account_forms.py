"""allauth's forms in the hub's words, which keep what staff get wrong on record."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import ConfirmLoginCodeForm, LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as MfaReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.forms import Field

from hub import sign_ins
from hub.accounts import SETTING_UP
from hub.crypt import Undecipherable
from hub.models import User


def _say(field: Field, label: str, hint: str, missing: str, **attrs: str) -> None:
    field.label, field.help_text = label, hint
    field.error_messages["required"] = missing
    # A placeholder is gone when one needs it.
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= attrs


class SignIn(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["login"]
        _say(
            field,
            "Email",
            "The address at which you get mail from us.",
            "Write your email address",
            **{"class": "w-l"},
        )
        field.error_messages["invalid"] = "Write a whole email address, such as name@example.org"


class LoginCode(ConfirmLoginCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(
            self.fields["code"],
            "Code from our email",
            "Eight letters. Capitals and the dash do not matter.",
            "Type the code from our email",
            **{"class": "w-m", "autocapitalize": "characters", "spellcheck": "false"},
        )


class Password(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["password"], "Password", "", "Type your password", **{"class": "w-m"})


@contextmanager
def _on_record(user: User) -> Iterator[None]:
    """Wrong ones, that is: past the limit nobody looks at what was typed, however often."""
    try:
        yield
    except ValidationError as error:
        if error.code == "incorrect_code":
            sign_ins.record(user, sign_ins.WRONG_SECOND_STEP)
        raise


class _SecondStep:
    """One field for a code: of the app, or a recovery code."""

    fields: dict[str, Field]
    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(
            self.fields["code"],
            "Code",
            "The six digits your authenticator app shows now, or one of your recovery codes.",
            "Type the code your authenticator app shows",
            **{"class": "w-s", "inputmode": "numeric", "spellcheck": "false"},
        )

    def clean_code(self) -> str:
        """A code counts once. allauth forgets that after 30 seconds, but takes it for 90."""
        with _on_record(self.user):
            code: str = super().clean_code()  # type: ignore[misc]
            good_for = mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 1)
            spent = f"second step|{self.user.pk}|{normalize_user_code(code)}"
            if not cache.add(spent, True, good_for):
                raise get_adapter().validation_error("incorrect_code")
            return code


class SecondStep(_SecondStep, AuthenticateForm):
    pass


class SecondStepAgain(_SecondStep, MfaReauthenticateForm):
    pass


# All that fido2 raises, beside what allauth knows of, for an answer no key of theirs has made.
NO_ANSWER = (AttributeError, InvalidSignature, LookupError, TypeError, ValueError, struct.error)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except NO_ANSWER as error:
        raise get_adapter().validation_error("incorrect_code") from error


class _Key:
    """A security key that answers."""

    user: User

    def clean_credential(self) -> Any:
        with _on_record(self.user), _readable():
            return super().clean_credential()  # type: ignore[misc]


class SecondStepKey(_Key, AuthenticateWebAuthnForm):
    pass


class SecondStepKeyAgain(_Key, ReauthenticateWebAuthnForm):
    pass


class AddKey(AddWebAuthnForm):
    def clean(self) -> dict[str, Any]:
        with _readable():
            said: dict[str, Any] = super().clean()
            return said


class SetUpApp(ActivateTOTPForm):
    """allauth keeps the secret in the session until it is proved; here it lies there sealed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session, keys = context.request.session, settings.FIELD_KEYS
        try:
            waiting = keys.decrypt(session.get(SECRET_SESSION_KEY) or "", SETTING_UP)
        except Undecipherable:
            waiting = ""
            session.pop(SECRET_SESSION_KEY, None)
        super().__init__(*args, **kwargs)
        if waiting and self.is_bound:
            self.secret = waiting
        else:
            session[SECRET_SESSION_KEY] = keys.encrypt(self.secret, SETTING_UP)
        _say(
            self.fields["code"],
            "Code from the app",
            "The six digits the app shows now.",
            "Type the code your app shows",
            **{"class": "w-s", "inputmode": "numeric", "spellcheck": "false"},
        )
