"""What the hub itself, beside its apps, stores of one person."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.utils import timezone

from hub import sessions
from hub.models import PersonalFeed, User
from hub.offers import Data, Erase, Erasing


def data(user: User) -> Data:
    """Their account, private calendar and second steps; no secret of any of them."""
    return {
        "Your account": [
            {
                "Email": user.email,
                "Name": user.name,
                "Since": user.date_joined,
                "Last signed in": user.last_login,
                "Staff": user.is_staff,
            }
        ],
        "Addresses proven at sign-in": [
            {"Email": one.email, "Proven": one.verified}
            for one in EmailAddress.objects.filter(user=user).order_by("pk")
        ],
        "Your private calendar": [
            {"Made": one.created_at, "Replaced": one.revoked_at}
            for one in PersonalFeed.objects.filter(user=user).order_by("pk")
        ],
        "Second steps of your sign-in": [
            {
                "Kind": one.get_type_display(),
                "Added": one.created_at,
                "Last used": one.last_used_at,
            }
            for one in Authenticator.objects.filter(user=user).order_by("pk")
        ],
        "Where you are signed in": [
            {"Since": sessions.signed_in_at(held), "Ends by itself": one.expire_date}
            for one in Session.objects.filter(expire_date__gt=timezone.now()).order_by("pk")
            if (held := one.get_decoded()).get("_auth_user_id") == str(user.pk)
        ],
    }


def _plan(user: User) -> Erasing:
    return Erasing(
        goes=(
            f"Your account for {user.email}, with your name, your private calendar address and "
            "every sign-in, on all devices.",
        )
    )


# Of the account itself hub.erasing makes an end, last of all.
ERASE = Erase(_plan, lambda user: None)
