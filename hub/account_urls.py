"""Sign-in. Of allauth's pages those for passwords and further addresses are not offered."""

from allauth.account.views import logout
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import include, path, re_path

from hub.accounts import leave_nothing


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


def sign_out(request: HttpRequest) -> HttpResponse:
    """Says that it is done at once: a message for the next page would be among the cookies that
    the browser forgets."""
    was_in = request.user.is_authenticated
    response: HttpResponse = logout(request)
    if not was_in or request.user.is_authenticated:
        return response
    if "next" in request.POST:
        # Signed out on the way to sign in anew.
        return leave_nothing(response)
    list(messages.get_messages(request))
    return leave_nothing(render(request, "account/signed_out.html"))


def not_offered(request: HttpRequest) -> HttpResponse:
    raise Http404


urlpatterns = [
    path("", first),
    path("login/code/", new_code),
    path("logout/", sign_out, name="account_logout"),
    re_path(r"^(?:password|email|confirm-email)/", not_offered),
    path("", include("allauth.urls")),
]
