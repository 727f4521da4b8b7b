"""Links in mail: signed, for one purpose, expiring, over a row and its nonce."""

from datetime import timedelta

from django.core import signing


def _signer(purpose: str) -> signing.TimestampSigner:
    # A dot, unlike the default colon, survives every mail program's idea of a link.
    return signing.TimestampSigner(salt=f"hub.links.{purpose}", sep=".")


def make(purpose: str, pk: int, nonce: str) -> str:
    """A token that lets its bearer act on row `pk` for as long as the nonce stays."""
    return _signer(purpose).sign_object([pk, nonce])


def read(purpose: str, token: str, max_age: timedelta) -> tuple[int, str] | None:
    """Row and nonce of a token; None alike for malformed, foreign and expired ones."""
    try:
        pk, nonce = _signer(purpose).unsign_object(token, max_age=max_age)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return pk, nonce
