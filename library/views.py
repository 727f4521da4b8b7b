from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from library.models import Placement
from library.queries import resources

SECTION = {"section": "library"}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    found = list(resources())
    lists = [
        (placement, [each for each in found if each.placement == placement])
        for placement in Placement
    ]
    return render(request, "library/index.html", {**SECTION, "lists": lists})


@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    resource = get_object_or_404(resources(), slug=slug)
    return render(request, "library/detail.html", {**SECTION, "resource": resource})
