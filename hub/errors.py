"""What a visitor sees when something is missing or went wrong.

The pages are drawn without the request, so every 404 has the same bytes for everyone and
nothing that may have failed is asked again.
"""

from typing import Any

from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import resolve, reverse

from hub import kept


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return _page("400", 413, too_big=True)
    return _page("400", 400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page("404", 404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page("403", 403)


def server_error(request: HttpRequest) -> HttpResponse:
    return _page("500", 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Give back the form with all that was typed, where its view knows how.

    A view offers that as an attribute `on_csrf_failure`, called like the view itself. What was
    meant for the back office is given back as it came, unless another site sent it.
    """
    match = resolve(request.path_info)
    again = getattr(match.func, "on_csrf_failure", None)
    if request.path_info.startswith(reverse("admin:index")):
        if kept.by_another_site(request):
            return _page("403_csrf", 403)
        if not again:
            return kept.page(request, signed_out=not request.user.is_authenticated)
    if again:
        response: HttpResponse = again(request, *match.args, **match.kwargs)
        response.status_code = 403
        # See hub.middleware.origin_of_silent_pages: sent again, it names where it comes from.
        response["Referrer-Policy"] = "same-origin"
        return response
    return _page("403_csrf", 403)


def _page(name: str, status: int, **context: Any) -> HttpResponse:
    page = render_to_string(f"errors/{name}.html", {"plain": True, **context})
    return HttpResponse(page.encode(), status=status)
