"""What a visitor sees when something is missing or went wrong.

The pages take nothing from the request, so that every 404 has the same bytes.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/404.html", {"plain": True}, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", {"plain": True}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    # No request in the template: its processors may be what failed.
    return HttpResponse(
        render(None, "errors/500.html", {"plain": True}).content,
        status=500,
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Give back the form with all that was typed, where its view knows how.

    A view offers that as an attribute `on_csrf_failure`, called like the view itself.
    """
    match = resolve(request.path_info)
    again = getattr(match.func, "on_csrf_failure", None)
    if again:
        response: HttpResponse = again(request, *match.args, **match.kwargs)
        response.status_code = 403
        return response
    return render(request, "errors/403_csrf.html", {"plain": True}, status=403)
