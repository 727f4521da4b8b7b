from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from hub import kept

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

GetResponse = Callable[[HttpRequest], HttpResponse]


def private_by_default(get_response: GetResponse) -> GetResponse:
    """Nothing is stored between us and the reader unless the page itself says so.

    And what may be stored is the same for all who may have it, so no cookie goes with it: a
    signed-in reader's would be stored too.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        if "no-store" not in response.headers["Cache-Control"]:
            response.cookies.clear()
            response.headers.pop("Vary", None)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        return response

    return middleware


def small_bodies(get_response: GetResponse) -> GetResponse:
    """No visitor can send a long request; only the back office takes files.

    Django limits the fields of a form, but not the files a stranger adds to it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if request.path_info.startswith(reverse("admin:index")):
            most = settings.BACK_OFFICE_UPLOAD_MAX_SIZE
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0  # as Django takes it
        if length > most:
            raise RequestDataTooBig("the request is too long")
        return get_response(request)

    return middleware


def origin_of_silent_pages(get_response: GetResponse) -> GetResponse:
    """Lets pages with `Referrer-Policy: no-referrer` have forms.

    By the Fetch standard such a page sends its form with `Origin: null`, which the check
    against forged requests refuses, since any sandboxed page of a stranger's sends the same.
    The browser tells the two apart in `Sec-Fetch-Site`, a header no page can write: where it
    says "same-origin", the origin is put in again. The form's token is checked as ever. An
    older browser without that header gets its form back once, from a page that names its
    origin (hub.errors.csrf_failure).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        meta = request.META
        if meta.get("HTTP_ORIGIN") == "null" and meta.get("HTTP_SEC_FETCH_SITE") == "same-origin":
            meta["HTTP_ORIGIN"] = f"{request.scheme}://{request.get_host()}"
        return get_response(request)

    return middleware


SIGN_IN_ENDED = (
    "Your sign-in has ended. That happens half an hour after its last use, after 12 hours in any "
    "case, or when it is ended from elsewhere. Please sign in again."
)


def ended_sign_ins(get_response: GetResponse) -> GetResponse:
    """Gives back what somebody sent who has to sign in first; whose browser still names a
    session that is there no more is told what became of it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        location = response.headers.get("Location")
        if not location:
            return response
        doors = (reverse("account_login"), reverse("admin:login"))
        if (
            not location.startswith(doors)
            # There one is on the way in, or out.
            or request.path_info.startswith(doors[0].removesuffix("login/"))
        ):
            return response
        may_come_in = not request.user.is_authenticated or request.user.is_staff
        if request.method == "POST" and may_come_in:
            return kept.page(request, signed_out=True)
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and request.session.is_empty():
            messages.warning(request, SIGN_IN_ENDED)
        return response

    return middleware


def in_utf8(application: "WSGIApplication") -> "WSGIApplication":
    """Around Django, not within it: forgets the charset a client names for what it sends.

    All pages and forms here are UTF-8. Told of another, Django reads the address by it while the
    request is made, before it could answer an error: `text/plain; charset=idna`, or any charset
    and thousands of parameters, would be a failure of the server.
    """

    def utf8_only(environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:
        kind, *parameters = environ.get("CONTENT_TYPE", "").split(";")
        named = [one for one in parameters if not one.strip().lower().startswith("charset")]
        environ["CONTENT_TYPE"] = ";".join([kind, *named])
        return application(environ, start_response)

    return utf8_only
