from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ta_requests import queries


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "ta_requests/index.html",
        {
            "section": "ta_requests",
            "service": queries.service(),
            "policy": queries.policy(),
            "areas": queries.areas(),
        },
    )
