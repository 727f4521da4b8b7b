"""The hub with one page more, which breaks."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from hub.urls import handler403, handler404, handler500
from hub.urls import urlpatterns as pages

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


urlpatterns = [*pages, path("breaks/", breaks)]
