from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from trainings.queries import courses

SECTION = {"section": "trainings"}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "trainings/index.html", {**SECTION, "courses": courses()})


@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    course = get_object_or_404(courses(), slug=slug)
    return render(request, "trainings/detail.html", {**SECTION, "course": course})
