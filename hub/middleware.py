from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

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
