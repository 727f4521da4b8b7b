"""Sign-in. Of allauth's pages those for passwords and further addresses are not offered."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, re_path


def first(request: HttpRequest) -> HttpResponse:
    return redirect("account_login")


def new_code(request: HttpRequest) -> HttpResponse:
    """Where allauth sends those whose code is too old, used up or of another browser."""
    if not len(messages.get_messages(request)):
        messages.warning(
            request,
            "Please ask for a new code. A code works for 15 minutes, in the browser in which "
            "you asked for it.",
        )
    return redirect("account_login")


def not_offered(request: HttpRequest) -> HttpResponse:
    raise Http404


urlpatterns = [
    path("", first),
    path("login/code/", new_code),
    re_path(r"^(?:password|email|confirm-email)/", not_offered),
    path("", include("allauth.urls")),
]
