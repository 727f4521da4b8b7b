"""The gathering pages: the only views that see every app."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import calls.mails
import calls.queries
import library.queries
import ta_requests.queries
import trainings.mails.registration
import trainings.queries
import trainings.services.certificates
from calls.models import SignUp
from hub import feeds as hub_feeds
from hub import personal_feeds, version
from hub.front import feeds
from hub.models import User
from trainings.models import Registration


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


@login_required
@require_safe
def my(request: HttpRequest) -> HttpResponse:
    """What concerns the person who has signed in: calls, trainings, certificates."""
    person = User.objects.get(email=request.user.get_username())
    signed_up = SignUp.objects.filter(user=person, state=SignUp.State.ACTIVE)
    registered = (
        Registration.objects.filter(user=person)
        .exclude(state__in=[Registration.State.UNCONFIRMED, Registration.State.CANCELED])
        .select_related("offering__course")
        .prefetch_related("offering__activities")
        .order_by("-pk")
    )
    following = {one.date.schedule.series_id: one for one in calls.queries.next_of_each()}
    context = {
        "section": "my",
        "calls": [
            {
                "series": one.series,
                "link": calls.mails.link_for(one),
                "next": following.get(one.series_id),
            }
            for one in signed_up.select_related("series")
        ],
        "trainings": [
            {
                "registration": one,
                "token": trainings.mails.registration.token_for(one),
                "certificates": trainings.services.certificates.held_by(one),
            }
            for one in registered
        ],
    }
    return render(request, "front/my.html", context)


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
    return render(request, "front/privacy.html", {"ta_days": settings.TA_KEEP.days})
