"""The library to take away: files for reference managers, a feed, a reading list on paper."""

from collections.abc import Callable, Iterable
from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_safe

from hub import feeds, version
from hub.text import single_line
from hub.words import PACIFIC
from library import citation_files
from library.citations import Work
from library.models import Audience, Resource, ResourceType, Topic
from library.queries import resources
from library.search import every
from library.wanted import Wanted

# More is refused: a file cut short looks like a whole one.
LIMIT = 5000
FEED_LENGTH = 50
_TITLE = "CAST library"


class Format(NamedTuple):
    media_type: str
    write: Callable[[Iterable[Work]], str]


FORMATS = {
    "bib": Format("application/x-bibtex; charset=utf-8", citation_files.bibtex),
    "ris": Format("application/x-research-info-systems; charset=utf-8", citation_files.ris),
    "json": Format("application/vnd.citationstyles.csl+json", citation_files.csl_json),
}


@require_safe
def cite(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """One resource for a reference manager."""
    if kind not in FORMATS:
        raise Http404
    _, changed_at = version.current()
    resource = get_object_or_404(resources(), slug=slug)
    return _file(request, [resource], kind, f"{slug}.{kind}", changed_at)


@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """All of a list for a reference manager; an empty file where nothing matches."""
    if kind not in FORMATS:
        raise Http404
    wanted = _wanted(request)
    # First: rows that are newer than the version are only sent once more.
    _, changed_at = version.current()
    found = every(wanted, LIMIT + 1)
    if len(found) > LIMIT:
        return _too_many(request, wanted)
    return _file(request, found, kind, f"cast-library.{kind}", changed_at)


def _file(
    request: HttpRequest,
    found: Iterable[Resource],
    kind: str,
    filename: str,
    changed_at: datetime,
) -> HttpResponse:
    media_type, write = FORMATS[kind]
    return feeds.answer(
        request,
        lambda: write(resource.work for resource in found).encode(),
        changed_at,
        private=False,
        media_type=media_type,
        filename=filename,
    )


@require_safe
def reading_list(request: HttpRequest) -> HttpResponse:
    """All of a list as a numbered page for paper."""
    wanted = _wanted(request)
    found = every(wanted, LIMIT + 1)
    if len(found) > LIMIT:
        return _too_many(request, wanted)
    context = {
        "section": "library",
        "wanted": wanted,
        "what": described(wanted),
        "resources": found,
        "today": timezone.now().astimezone(ZoneInfo(PACIFIC)),
    }
    return render(request, "library/reading_list.html", context)


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The newest resources of a list, for feed readers."""
    wanted = _wanted(request)
    _, changed_at = version.current()
    return feeds.answer(
        request,
        lambda: _atom(wanted, every(wanted, FEED_LENGTH, newest=True), changed_at),
        changed_at,
        private=False,
        media_type="application/atom+xml; charset=utf-8",
    )


class _Feed(Atom1Feed):
    def latest_post_date(self) -> datetime:
        """Never the clock's, as Django gives an empty feed: it would be new at each visit."""
        changed_at: datetime = self.feed["changed_at"]
        return max((item["updateddate"] for item in self.items), default=changed_at)


def _atom(wanted: Wanted, found: list[Resource], changed_at: datetime) -> bytes:
    query = f"?{wanted.query}" if wanted.query else ""
    address = settings.BASE_URL + reverse("library:feed") + query
    atom = _Feed(
        title=f"{_TITLE}: {described(wanted)}",
        link=settings.BASE_URL + reverse("library:index") + query,
        description="",
        language="en-us",
        feed_url=address,
        feed_guid=address,
        author_name="CAST Resources & Training",
        changed_at=changed_at,
    )
    for resource in found:
        page = settings.BASE_URL + resource.get_absolute_url()
        atom.add_item(
            title=single_line(resource.title),
            link=page,
            description=_said(resource),
            unique_id=page,
            pubdate=resource.published_at,
            updateddate=_updated(resource),
            categories=[single_line(topic.name) for topic in resource.topics.all()],
        )
    return atom.writeString("utf-8").encode()


def _updated(resource: Resource) -> datetime:
    """When it was published, or last reviewed since."""
    published_at = resource.published_at
    assert published_at is not None  # noqa: S101 (the database dates what is published)
    if resource.reviewed_on is None:
        return published_at
    reviewed_at = datetime.combine(resource.reviewed_on, time(), ZoneInfo(PACIFIC))
    return max(published_at, reviewed_at)


def _said(resource: Resource) -> str:
    """HTML. XML refuses control characters, so each paragraph becomes one clean line."""
    lines = [resource.byline, *resource.summary.splitlines()]
    paragraphs = [(line,) for each in lines if (line := single_line(each))]
    said = format_html_join("", "<p>{}</p>", paragraphs)
    if not resource.url:
        return said
    return format_html('{}<p><a href="{}">Open at {}</a></p>', said, resource.url, resource.host)


def described(wanted: Wanted) -> str:
    """“restitution”; Topic: T visa or U visa; For: Attorneys. Whole library if not narrowed."""
    parts = [f"“{wanted.q}”"] if wanted.q else []
    labels = [
        ("Topic", _names(Topic, wanted.topic)),
        ("For", _names(Audience, wanted.audience)),
        ("Type", [dict(ResourceType.choices).get(each, each) for each in wanted.type]),
        ("Organization", list(wanted.organization)),
    ]
    parts += [f"{label}: {' or '.join(names)}" for label, names in labels if names]
    return "; ".join(parts) or "The whole library"


def _names(model: type[Topic] | type[Audience], slugs: tuple[str, ...]) -> list[str]:
    if not slugs:
        return []
    names = dict(model.objects.filter(slug__in=slugs).values_list("slug", "name"))
    return [names.get(slug, slug) for slug in slugs]


def _wanted(request: HttpRequest) -> Wanted:
    return Wanted.read(dict(request.GET.lists())).but()


def _too_many(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    context = {
        "section": "library",
        "wanted": wanted,
        "what": described(wanted),
        "limit": f"{LIMIT:,}",
    }
    return render(request, "library/too_many.html", context, status=400)
