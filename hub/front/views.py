from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "front/home.html")


def calendar_feed(request: HttpRequest) -> HttpResponse:
    return HttpResponse("", content_type="text/calendar; charset=utf-8")


def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "front/accessibility.html")


def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "front/privacy.html")
