"""How a calendar feed is answered over HTTP, whatever is in it."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date


def answer(
    request: HttpRequest, build: Callable[[], bytes], changed_at: datetime, *, private: bool
) -> HttpResponse:
    """The feed, or 304 to a program that has it.

    `changed_at` (UTC, whole seconds) must never go back nor stand still over a change. The
    ETag is strong: the same for the same bytes, from every process.
    """
    body = build()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = http_date(changed_at.timestamp())
    response.headers["Cache-Control"] = f"{'private' if private else 'public'}, max-age=300"
    response.headers["X-Robots-Tag"] = "noindex"
    answered = get_conditional_response(request, etag, int(changed_at.timestamp()), response)
    if answered is not response and answered is not None:
        for header in ("Cache-Control", "X-Robots-Tag"):
            answered.headers[header] = response.headers[header]
    return answered or response
