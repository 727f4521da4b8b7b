from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from hub import offers
from hub.words import listed
from library import search
from library.citation_files import highwire
from library.models import Audience, Placement, Resource, Topic
from library.queries import counts, related, resources, topics
from library.services.words import now_called
from library.wanted import LONGEST_SEARCH, Wanted

SECTION = {"section": "library"}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The whole library in the page's two lists, or what was found of it."""
    wanted = Wanted.read(dict(request.GET.lists()))
    found = search.find(wanted)
    if (now := _led_on(wanted, found.missing)) != wanted:
        return redirect(f"{request.path}?{now.query}")
    labels = {
        (facet.name, each.value): each.label for facet in found.facets for each in facet.choices
    }
    context = {
        "wanted": wanted,
        "found": found,
        "active": [
            (name, labels.get((name, value), value), wanted.without(name, value).query)
            for name, value in wanted.ticked
        ],
        "missing": [
            (name, value, wanted.without(name, value).query) for name, value in found.missing
        ],
        "corrected": [(typed, used) for typed, used in found.corrected if used],
        "left_out": [typed for typed, used in found.corrected if not used],
        "common": listed([f"“{word}”" for word in found.common]),
        "unknown": listed([f"“{word}”" for word in found.unknown]),
        "exactly": wanted.but(exact=True).query,
        "inexactly": wanted.but(exact=False).query,
        "unfiltered": wanted.widest.query,
        "before": wanted.but(page=found.page - 1).query if found.page > 1 else None,
        "after": wanted.but(page=found.page + 1).query if found.page < found.pages else None,
        "whole": wanted.but().query,
        "longest": LONGEST_SEARCH,
    }
    if not wanted.but().query:
        context |= {"lists": _lists(found), "papers": offers.papers()}
    if not found.total:
        context["topics"] = topics(12)
    return render(request, "library/index.html", {**SECTION, **context})


def _led_on(wanted: Wanted, missing: list[tuple[str, str]]) -> Wanted:
    """What an old link asks for, in the words of now: topics and audiences merge."""
    models: dict[str, type[Topic | Audience]] = {"topic": Topic, "audience": Audience}
    for name, model in models.items():
        lost = [value for facet, value in missing if facet == name]
        if lost and (now := now_called(model, lost)):
            kept = {now.get(value, value) for value in getattr(wanted, name)}
            wanted = wanted.but(**{name: tuple(sorted(kept))})
    return wanted


def _lists(found: search.Found) -> list[tuple[str, str, int, list[Resource]]]:
    """The part of each of the page's lists that is on this page: anchor, heading, length."""
    lengths = counts()
    lengths[""] = found.total - sum(lengths.values())
    headings = [*Placement.choices, ("", "More resources")]
    parts = [
        (
            value or "more",
            label,
            lengths[value],
            [r for r in found.resources if r.placement == value],
        )
        for value, label in headings
    ]
    return [part for part in parts if part[3]]


@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    return shown(request, get_object_or_404(resources(), slug=slug))


def shown(
    request: HttpRequest, resource: Resource, template: str = "library/detail.html"
) -> HttpResponse:
    """The page of a resource; staff look at their drafts through it too."""
    context = {
        "resource": resource,
        "related": related(resource),
        "highwire": highwire(resource.work),
        "also": offers.also(resource),
    }
    return render(request, template, {**SECTION, **context})
