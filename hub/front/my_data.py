"""What is stored of the person who has signed in: to read, to take along, to erase."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from hub import accounts, erasing, offers, words
from hub.front.my import person
from hub.refusal import Refused

NOT_HERE = (
    "Requests for technical assistance are not among this: they belong to no account, so that "
    "whoever gets into a mailbox does not find them."
)


@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Everything, in words."""
    stored = offers.data_of(person(request))
    context = {
        "section": "my",
        "stored": [
            (
                heading,
                [
                    [(name, _said(value)) for name, value in row.items() if _is_filled(value)]
                    for row in rows
                ],
            )
            for heading, rows in stored.items()
            if rows
        ],
        "empty": [heading for heading, rows in stored.items() if not rows],
        "not_here": NOT_HERE,
    }
    return render(request, "front/my_data.html", context)


@login_required
@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """Everything, as a file that programs read."""
    user = person(request)
    everything = {
        "about": user.email,
        "made": timezone.now(),
        "not_here": NOT_HERE,
        "stored": offers.data_of(user),
    }
    return JsonResponse(
        everything,
        json_dumps_params={"indent": 2, "ensure_ascii": False},
        headers={
            "Content-Disposition": 'attachment; filename="my-cast-data.json"',
            "Cache-Control": "no-store",
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """Says what goes and what stays; the button does it, if a code was typed lately."""
    user = person(request)
    lately = accounts.signed_in_lately(request)
    if request.method != "POST":
        context = {"section": "my", "plan": erasing.plan(user), "lately": lately}
        return render(request, "front/my_erase.html", context)
    if not lately:
        return redirect("my_erase")
    try:
        done = erasing.erase(user)
    except Refused:
        # The page says why.
        return redirect("my_erase")
    logout(request)
    return render(request, "front/my_erased.html", {"stays": done.stays})


def _is_filled(value: Any) -> bool:
    return value is not None and value != ""


def _said(value: Any) -> str:
    """As a reader reads it."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return words.moment(value)
    if isinstance(value, date):
        return words.day(value)
    return "In the file, in full" if isinstance(value, Mapping) else str(value)
