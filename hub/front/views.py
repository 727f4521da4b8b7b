"""The gathering pages: the only views that see every app."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import calls.queries
import library.queries
import ta_requests.queries
import trainings.queries
from hub import feeds as hub_feeds
from hub import offers, personal_feeds, version
from hub.front import feeds


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The four services at a glance."""
    context = {
        "calls": calls.queries.next_of_each(),
        "courses": trainings.queries.courses(),
        "counts": library.queries.counts(),
        "topics": library.queries.topics(4),
        "service": ta_requests.queries.service(),
        "policy": ta_requests.queries.policy(),
        "areas": ta_requests.queries.areas(),
    }
    return render(request, "front/home.html", context)


@require_safe
def calendar_feed(request: HttpRequest) -> HttpResponse:
    """Everything public for calendar programs."""
    _, changed_at = version.current()
    return hub_feeds.answer(request, feeds.everything, changed_at, private=False)


@require_safe
def personal_feed(request: HttpRequest, token: str) -> HttpResponse:
    """One person's calendar; a replaced address is empty for a month, then unknown."""
    found = personal_feeds.find(token)
    if found is None:
        raise Http404
    return hub_feeds.answer(
        request, lambda: feeds.personal(found), personal_feeds.changed_at(found), private=True
    )


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "front/accessibility.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    context = {"table": offers.privacy(), "ta_days": settings.TA_KEEP.days}
    return render(request, "front/privacy.html", context)
