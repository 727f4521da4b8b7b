"""Pages about courses and offerings, the same for everyone, and the feed of all days."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from hub import feeds as hub_feeds
from hub import offers, version
from trainings import feeds, queries
from trainings.queries import courses

SECTION = {"section": "trainings"}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every course, with the offerings that are ahead."""
    ahead: dict[int, list[queries.Listed]] = {}
    for one in queries.upcoming():
        ahead.setdefault(one.offering.course_id, []).append(one)
    rows = [{"course": course, "dates": ahead.get(course.pk, [])} for course in courses()]
    return render(
        request,
        "trainings/index.html",
        {**SECTION, "rows": rows, "has_dates": bool(ahead)},
    )


@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One course and its offerings."""
    course = get_object_or_404(courses(), slug=slug)
    context = {
        **SECTION,
        "course": course,
        "dates": queries.upcoming(course),
        "also": offers.also(course),
    }
    return render(request, "trainings/detail.html", context)


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """All trainings for calendar programs; without joining details."""
    _, changed_at = version.current()
    return hub_feeds.answer(request, feeds.feed, changed_at, private=False)
