"""One page of what concerns the person who has signed in, and what they change there."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

import calls.own
import calls.services
import trainings.own
from hub import kept, people, personal_feeds, sign_ins
from hub.front.forms import DetailsForm
from hub.models import PersonalFeed, User
from hub.refusal import Refused
from trainings.forms import LicenseForm
from trainings.services import certificates, interest
from trainings.services import registration as registrations

CSRF = (
    "For your safety we could not take the form as it came. What you typed is still here: "
    "please press the button again."
)


@dataclass(frozen=True)
class Coming:
    """What somebody is in and is not over: a call or a training, with when it is next."""

    starts_at: datetime | None
    call: calls.own.Own | None = None
    training: trainings.own.Own | None = None


def person(request: HttpRequest) -> User:
    """Who has signed in; behind login_required there is nobody else."""
    return User.objects.get(email=request.user.get_username())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my(request: HttpRequest) -> HttpResponse:
    """Shows; each button names what it does in `do`."""
    user = person(request)
    if request.method != "POST":
        return _page(request, user)
    do = request.POST.get("do", "")
    if do == "details":
        return _details(request, user)
    if do == "licenses":
        return _licenses(request, user)
    if do == "calendar":
        # Told once, in the answer itself: a redirect would have to carry it.
        return _page(request, user, feed=personal_feeds.new_token(user))
    if do == "leave":
        sign_up = _theirs(calls.own.of(user), request)
        calls.services.leave(sign_up.pk)
        messages.success(
            request,
            f"You have left “{sign_up.series.name}”, and no more email comes of it. "
            "You can sign up again at any time.",
        )
    elif do == "elsewhere":
        ended = people.end_sessions(user, but=request.session.session_key)
        sign_ins.record(user, sign_ins.ELSEWHERE)
        messages.success(request, _ended_elsewhere(ended))
    elif do == "stop":
        interest.leave(_theirs(trainings.own.wishes(user), request).pk)
        messages.success(request, "We no longer write to you about new dates of that training.")
    return redirect("my")


def _ended_elsewhere(ended: int) -> str:
    if not ended:
        return "You were signed in nowhere else."
    where = "one other browser" if ended == 1 else f"{ended} other browsers"
    return f"You are signed out of {where}. Here you stay signed in."


def _csrf_failure(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        if kept.by_another_site(request):
            return redirect("my")
        return kept.page(request, signed_out=True)
    user = person(request)
    form: DetailsForm | LicenseForm
    if request.POST.get("do") == "licenses":
        form = LicenseForm(request.POST)
        form.add_error(None, CSRF)
        return _page(request, user, licenses=form)
    form = DetailsForm(request.POST if request.POST.get("do") == "details" else _called(user))
    form.add_error(None, CSRF)
    return _page(request, user, details=form)


my.on_csrf_failure = _csrf_failure  # type: ignore[attr-defined]


def _theirs(rows: Any, request: HttpRequest) -> Any:
    """The row the button names, if it is one of these: somebody else's is not there."""
    pk = request.POST.get("row", "")
    found = rows.filter(pk=pk).first() if pk.isascii() and pk.isdigit() and len(pk) < 19 else None
    if found is None:
        raise Http404
    return found


def _details(request: HttpRequest, user: User) -> HttpResponse:
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _page(request, user, details=form)
    said = form.cleaned_data
    with transaction.atomic():
        for row in trainings.own.live(user):
            registrations.set_name(row.pk, **said)
        calls.own.set_details(user, **said)
        people.rename(user, said["name"])
    messages.success(request, "Your name and organization are changed.")
    return redirect("my")


def _licenses(request: HttpRequest, user: User) -> HttpResponse:
    form = LicenseForm(request.POST)
    if not form.is_valid():
        return _page(request, user, licenses=form)
    try:
        for row in trainings.own.live(user):
            details = form.details(row.name)
            certificates.issue_held(registrations.set_bar_numbers(row.pk, details))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, user, licenses=form, status=409)
    messages.success(request, "Your bar numbers are saved.")
    return redirect("my")


def _page(
    request: HttpRequest,
    user: User,
    *,
    details: DetailsForm | None = None,
    licenses: LicenseForm | None = None,
    feed: str = "",
    status: int = 200,
) -> HttpResponse:
    their_calls = calls.own.current(user)
    their_trainings = trainings.own.current(user)
    numbers = trainings.own.licenses(user)
    path = reverse("personal_feed", args=[feed]) if feed else ""
    context = {
        "section": "my",
        "person": user,
        "coming": _coming(their_calls, their_trainings),
        "past": sorted(
            (one for one in their_trainings if one.is_past),
            key=lambda one: one.days[-1].ends_at,
            reverse=True,
        ),
        "numbers": numbers,
        "takes_licenses": bool(their_trainings),
        "wishes": trainings.own.wishes(user),
        "has_calendar": PersonalFeed.objects.filter(user=user, revoked_at=None).exists(),
        "calendar_url": path and settings.BASE_URL + path,
        "webcal_url": f"webcal://{settings.BASE_URL.partition('://')[2]}{path}",
        "details": details or DetailsForm(initial=_called(user, their_calls, their_trainings)),
        "licenses": licenses or _licenses_form(their_trainings, numbers),
        "form": details or licenses,
    }
    return render(request, "front/my.html", context, status=status)


def _coming(
    their_calls: list[calls.own.Own], their_trainings: list[trainings.own.Own]
) -> list[Coming]:
    """Soonest first; what has no date yet comes last."""
    found = [Coming(one.next.date.starts_at if one.next else None, call=one) for one in their_calls]
    found += [
        Coming(one.ahead[0].starts_at if one.ahead else None, training=one)
        for one in their_trainings
        if not one.is_past
    ]
    last = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda one: one.starts_at or last)


def _called(
    user: User,
    their_calls: list[calls.own.Own] | None = None,
    their_trainings: list[trainings.own.Own] | None = None,
) -> dict[str, str]:
    """As they said last."""
    said = [one.sign_up.organization for one in their_calls or ()]
    said += [one.registration.organization for one in their_trainings or ()]
    named = [organization for organization in said if organization]
    return {"name": user.name, "organization": named[-1] if named else ""}


def _licenses_form(their_trainings: list[trainings.own.Own], numbers: Any) -> LicenseForm:
    initial: dict[str, str] = {}
    if their_trainings:
        last = their_trainings[-1].registration
        initial["is_attorney"] = "yes" if last.is_attorney else "no"
    for row, one in enumerate(numbers[:3], start=1):
        initial |= {f"bar_state_{row}": one.state, f"bar_number_{row}": one.number}
    return LicenseForm(initial=initial)
