"""Pages about calls. Who signed up is known here by the link in their mail alone."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from calls import feeds, mails, queries, services
from calls.forms import SignUpForm
from calls.models import CallSeries, SignUp
from hub import feeds as hub_feeds
from hub import files, ics, ratelimit, version

SHOWN_DATES = 6


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every public call with its next date."""
    following = {listed.date.schedule.series_id: listed for listed in queries.next_of_each()}
    calls = [
        {"series": one, "plan": queries.current_schedule(one), "next": following.get(one.pk)}
        for one in queries.published()
    ]
    return render(request, "calls/index.html", {"section": "calls", "calls": calls})


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One call: its dates, and the form to sign up."""
    series = _series(slug)
    if request.method != "POST":
        return _detail(request, series, SignUpForm())
    form = SignUpForm(request.POST)
    if not form.is_valid():
        return _detail(request, series, form)
    if not ratelimit.allowed("sign-up per network", ratelimit.network_of(request)):
        form.add_error(
            None,
            "Many sign-ups came from your network in the last hour. Nothing is lost: "
            "press “Sign up” again in an hour, or call (888) 507-0193, weekdays "
            "9:00 am–5:00 pm Pacific.",
        )
        return _detail(request, series, form, status=429)
    details = form.cleaned_data
    # Past the limit the answer stays the same, so that it tells nothing of an address.
    if ratelimit.allowed("sign-up per address", f"{series.pk}|{details['email']}"):
        services.sign_up(
            series,
            name=details["name"],
            email=details["email"],
            organization=details["organization"],
            role=details["role"],
        )
    return redirect("calls:check_email", slug)


def _csrf_failure(request: HttpRequest, slug: str) -> HttpResponse:
    form = SignUpForm(request.POST)
    form.add_error(
        None,
        "For your safety we could not take the form as it came. What you typed is still "
        "here: please press “Sign up” again.",
    )
    return _detail(request, _series(slug), form)


detail.on_csrf_failure = _csrf_failure  # type: ignore[attr-defined]


def _detail(
    request: HttpRequest, series: CallSeries, form: SignUpForm, status: int = 200
) -> HttpResponse:
    ahead = queries.upcoming(series, SHOWN_DATES + 1)
    context: dict[str, Any] = {
        "section": "calls",
        "series": series,
        "plan": queries.current_schedule(series),
        "next": next((one for one in ahead if one.date.status == "on"), None),
        "dates": ahead[:SHOWN_DATES],
        "last": queries.last_day(series) if len(ahead) > SHOWN_DATES else None,
        "webcal_url": _webcal(reverse("calls:feed", args=[series.slug])),
        "form": form,
    }
    return render(request, "calls/detail.html", context, status=status)


@require_safe
def all_dates(request: HttpRequest, slug: str) -> HttpResponse:
    """Every date of a call that is known."""
    series = _series(slug)
    context = {"section": "calls", "series": series, "dates": queries.upcoming(series)}
    return render(request, "calls/dates.html", context)


@require_safe
def check_email(request: HttpRequest, slug: str) -> HttpResponse:
    """What happens next after the form; the same for every address."""
    return render(request, "calls/check_email.html", {"section": "calls", "series": _series(slug)})


@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest, token: str) -> HttpResponse:
    """A person's own page of their sign-up. GET only shows; the buttons act."""
    found = mails.by_link(token)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _sign_up(request, found)
    verbs: dict[str, Callable[[int], object]] = {
        "join": services.join,
        "leave": services.leave,
        "announcements": services.want_announcements,
    }
    verb = verbs.get(request.POST.get("do", ""))
    if verb is not None:
        try:
            verb(found.pk)
        except SignUp.DoesNotExist:
            # Purged since the look above.
            raise Http404 from None
    elif request.POST.get("do") == "calendar" and found.state == SignUp.State.ACTIVE:
        # Told once, in the answer itself: a redirect would have to carry it.
        address = services.new_calendar_address(found)
        return _sign_up(request, found, reverse("personal_feed", args=[address]))
    return redirect("calls:sign_up", token)


def _sign_up(request: HttpRequest, found: SignUp, calendar_path: str = "") -> HttpResponse:
    following = [one for one in queries.upcoming(found.series, 4) if one.date.status == "on"]
    context = {
        "section": "calls",
        "sign_up": found,
        "series": found.series,
        "next": following[0] if following else None,
        "plan": queries.current_schedule(found.series),
        "calendar_url": calendar_path and settings.BASE_URL + calendar_path,
        "webcal_url": _webcal(calendar_path),
        "has_calendar": bool(found.user and found.user.feeds.filter(revoked_at=None).exists()),
    }
    return render(request, "calls/sign_up.html", context)


@require_safe
def feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The call for calendar programs; without joining details."""
    _, changed_at = version.current()
    series = get_object_or_404(feeds.published(), slug=slug)

    def build() -> bytes:
        return ics.feed(
            name=series.name,
            url=settings.BASE_URL + series.get_absolute_url(),
            color=feeds.COLOR,
            events=feeds.series_events(series),
            description=series.summary,
        )

    return hub_feeds.answer(request, build, changed_at, private=False)


@require_safe
def flyer(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The call's flyer, as a download."""
    series = _series(slug)
    return files.download(request, series.flyer, slug)


def _series(slug: str) -> CallSeries:
    return get_object_or_404(
        CallSeries.objects.prefetch_related("schedules"), slug=slug, published=True
    )


def _webcal(path: str) -> str:
    """The address at which a calendar program opens its own "subscribe"."""
    return f"webcal://{settings.BASE_URL.partition('://')[2]}{path}"
