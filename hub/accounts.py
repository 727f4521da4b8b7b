"""Sign-in by mailed code, on django-allauth, and the second factor of staff."""

import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from qrcode.image.svg import SvgPathImage

from hub import sign_ins
from hub.models import User

# What cannot be undone asks for a code this new.
LATELY = timedelta(minutes=10)

log = logging.getLogger(__name__)

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
# Where the secret of an app waits while it is being set up.
SETTING_UP = "django_session.mfa.totp.secret"
# Where allauth keeps the secrets of second steps, and under which names.
SECRETS_PLACE = "mfa_authenticator.data"
SECRETS = ("secret", "seed")
NEEDED_NOW = {"account/email/login_code", "account/email/unknown_account"}


class Adapter(DefaultAccountAdapter):
    """Nobody opens an account here: confirming a sign-up, or an invitation, makes one."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": "This is not the code. Check it, or use the one in our newest email",
        "incorrect_password": "This is not your password",
        "too_many_login_attempts": "Too many tries. Wait a few minutes, then ask for a new code",
        "rate_limited": "Too many tries. Wait a few minutes and try again",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            # No address at all, such as http://[::1
            return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff begin with their day."""
        if getattr(request.user, "is_staff", False):
            return reverse("staff")
        url: str = super().get_login_redirect_url(request)
        return url

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """After the last step of signing in."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        sign_ins.record(user, sign_ins.IN)
        return response

    def logout(self, request: HttpRequest) -> None:
        sign_ins.record(request.user, sign_ins.OUT)
        super().logout(request)

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """Send at once: a code that waits its turn in the outbox is a visitor who waits.

        With the mail server down the visitor is told what to do, the same for an address
        we know and one we do not.
        """
        context = {
            **context,
            "email": email,
            "base_url": settings.BASE_URL,
            "sender": settings.MAIL_SENDER,
        }
        mail = self.render_mail(
            template_prefix, email, context, headers={"Auto-Submitted": "auto-generated"}
        )
        try:
            mail.send()
        except OSError as error:
            log.warning("mail %s was not sent: %s", template_prefix, type(error).__name__)
            if template_prefix in NEEDED_NOW:
                page = render(self.request, "account/mail_failed.html", status=503)
                raise ImmediateHttpResponse(page) from error


class SecondFactor(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This is not the code. Type the one your app shows now",
        "unverified_email": "Sign out and in again, then set up your second step",
    }

    def encrypt(self, text: str) -> str:
        return str(settings.FIELD_KEYS.encrypt(text, SECRETS_PLACE))

    def decrypt(self, encrypted_text: str) -> str:
        return str(settings.FIELD_KEYS.decrypt(encrypted_text, SECRETS_PLACE))

    def build_totp_svg(self, url: str) -> str:
        """The QR code as markup for the page itself, since the policy allows no data: image."""
        image = qrcode.make(url, image_factory=SvgPathImage)
        return str(image.to_string(encoding="unicode"))

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Key {count + 1}"


def signed_in_lately(request: HttpRequest) -> bool:
    """Whether the person proved who they are in LATELY, by a code or a second factor."""
    records = get_authentication_records(request, request.user)
    return any(time.time() - record["at"] < LATELY.total_seconds() for record in records)


def gave_second_factor(request: HttpRequest) -> bool:
    """Whether this session has proved a second factor that the person still has.

    That the person has one is not enough: a session may be older than the second factor.
    """
    return is_mfa_enabled(request.user, SECOND_FACTORS) and any(
        record["method"] == "mfa" for record in get_authentication_records(request, request.user)
    )


def second_factor_added(
    request: HttpRequest, user: User, authenticator: Authenticator, **_: Any
) -> None:
    """Setting a second factor up proves it, so it is not asked for again a moment later."""
    if authenticator.type in SECOND_FACTORS:
        record_authentication(
            request, user, "mfa", type=authenticator.type, id=authenticator.pk, reauthenticated=True
        )


def leave_nothing(response: HttpResponse) -> HttpResponse:
    """After signing out, let the browser forget all it kept of us.

    Over http, and in browsers that do not know it, nothing happens.
    """
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response
