"""Pages of a hub on one's own machine (HUB_LOCAL=1): its mail, and one-step sign-in."""

import secrets
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from hub.dev import demo, mail
from hub.models import User


def mailbox(request: HttpRequest) -> HttpResponse:
    """The newest mail first."""
    letters = [(path.stem, _read(path.stem)) for path in sorted(mail.folder().glob("2*.eml"))]
    return render(request, "dev/mailbox.html", {"letters": letters[::-1]})


def letter(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: its headers, its text, its other parts."""
    message = _read(name)
    parts = [
        (part.get_content_type(), part.get_content())
        for part in message.walk()
        if part.get_content_maintype() == "text"
    ]
    return render(request, "dev/letter.html", {"letter": message, "parts": parts})


def sign_in(request: HttpRequest, key: str) -> HttpResponse:
    """Sign the demo staff member in, in one step."""
    if not secrets.compare_digest(key.encode(), demo.key().encode()):
        raise Http404
    login(
        request,
        get_object_or_404(User, email=demo.STAFF),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return redirect("admin:index")


def _read(name: str) -> EmailMessage:
    path = mail.folder() / f"{name}.eml"
    if not path.exists() or path.parent != mail.folder() or not settings.LOCAL:
        raise Http404
    return message_from_bytes(path.read_bytes(), EmailMessage, policy=modern)
