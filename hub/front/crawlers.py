"""What programs look for at known addresses: robots.txt, the sitemap, security.txt."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

import calls.queries
import library.queries
import trainings.queries
from hub import feeds, version
from trainings.models import Offering

# RFC 9116 wants less than a year. Counted from today, it never ends while the hub runs; a
# copy somebody kept of a hub that is gone does.
SECURITY_TXT_GOOD_FOR = timedelta(days=90)

# Private pages (/calls/sign-up/…) are not here: who may not fetch a page cannot read its
# "noindex", and would list the bare address, which is its key.
ROBOTS = """User-agent: *
Disallow: /accounts/
Disallow: /admin/
Disallow: /library/export.
Disallow: /library/*/cite.
Sitemap: {base}{sitemap}
"""


@require_safe
@cache_control(public=True, max_age=86400)
def robots(request: HttpRequest) -> HttpResponse:
    body = ROBOTS.format(base=settings.BASE_URL, sitemap=reverse("sitemap"))
    return HttpResponse(body, content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page a search may lead to, in a constant number of queries."""
    _, changed_at = version.current()
    return feeds.answer(
        request,
        lambda: render_to_string("front/sitemap.xml", {"addresses": _public()}).encode(),
        changed_at,
        private=False,
        media_type="application/xml; charset=utf-8",
    )


def _public() -> Iterator[str]:
    for name in (
        "home",
        "calls:index",
        "trainings:index",
        "trainings:host",
        "trainings:news",
        "library:index",
        "ta_requests:index",
        "accessibility",
        "privacy",
    ):
        yield settings.BASE_URL + reverse(name)
    for series in calls.queries.published():
        yield settings.BASE_URL + reverse("calls:detail", args=[series.slug])
    for course in trainings.queries.courses().prefetch_related(None):
        yield settings.BASE_URL + reverse("trainings:detail", args=[course.slug])
    offerings = trainings.queries.offerings().prefetch_related(None)
    for offering in offerings.exclude(status=Offering.Status.CANCELED):
        place = [offering.course.slug, offering.slug]
        yield settings.BASE_URL + reverse("trainings:offering", args=place)
    for resource in library.queries.resources().prefetch_related(None):
        yield settings.BASE_URL + resource.get_absolute_url()


@require_safe
@cache_control(public=True, max_age=86400)
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116: to whom a hole in the hub is told; not there until somebody is named."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    today = datetime.combine(timezone.now().astimezone(UTC), time(), UTC)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {today + SECURITY_TXT_GOOD_FOR:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.BASE_URL}{reverse('security_txt')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
