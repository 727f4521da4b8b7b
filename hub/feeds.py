"""How a feed or file that programs ask for again is answered over HTTP, whatever is in it."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date


def answer(
    request: HttpRequest,
    build: Callable[[], bytes],
    changed_at: datetime,
    *,
    private: bool,
    media_type: str = "text/calendar; charset=utf-8",
    filename: str = "",
) -> HttpResponse:
    """The feed, or 304 to a program that has it; with `filename` (ASCII), a file to keep.

    `changed_at` (UTC, whole seconds) must never go back nor stand still over a change. The
    ETag is strong: the same for the same bytes, from every process.
    """
    body = build()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type=media_type)
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = http_date(changed_at.timestamp())
    response.headers["Cache-Control"] = f"{'private' if private else 'public'}, max-age=300"
    response.headers["X-Robots-Tag"] = "noindex"
    if filename:
        response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    answered = get_conditional_response(request, etag, int(changed_at.timestamp()), response)
    if answered is not response and answered is not None:
        for header in ("Cache-Control", "X-Robots-Tag"):
            answered.headers[header] = response.headers[header]
    return answered or response
