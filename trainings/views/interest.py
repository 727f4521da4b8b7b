"""Pages for who wants to hear of trainings, and for agencies that offer to host one."""

from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hub import ratelimit
from trainings import sample_agenda
from trainings.interest_forms import HostForm, NewsForm
from trainings.mails import interest as mails
from trainings.models import Course, NewsRequest
from trainings.queries import courses
from trainings.services import interest

SECTION = {"section": "trainings"}
CSRF = (
    "For your safety we could not take the form as it came. What you typed is still here: "
    "please press the button again."
)
BUSY = (
    "Many forms came from your network in the last hour. Nothing is lost: press the button "
    "again in an hour, or call (888) 507-0193, weekdays 9:00 am–5:00 pm Pacific."
)


@require_http_methods(["GET", "HEAD", "POST"])
def news(request: HttpRequest) -> HttpResponse:
    """Ask to be told of future trainings. `?course=` in the address chooses one already."""
    if request.method != "POST":
        wanted = _chosen(request)
        return _news(request, NewsForm(initial={"course": wanted}))
    form = NewsForm(request.POST)
    if not form.is_valid():
        return _news(request, form)
    if not ratelimit.allowed("news per network", ratelimit.network_of(request)):
        form.add_error(None, BUSY)
        return _news(request, form, status=429)
    said = form.cleaned_data
    # Past the limit the answer stays the same, so that it tells nothing of an address.
    if ratelimit.allowed("news per address", said["email"]):
        interest.ask(said["email"], said["course"], said["region"])
    return redirect("trainings:news_check_email")


@require_safe
def news_check_email(request: HttpRequest) -> HttpResponse:
    """What happens next after the form; the same for every address."""
    return render(request, "trainings/news_check_email.html", SECTION)


@require_http_methods(["GET", "HEAD", "POST"])
def news_own(request: HttpRequest, token: str) -> HttpResponse:
    """A person's own page of their wish. GET only shows; the buttons act."""
    wish = mails.by_link(token)
    if wish is None:
        raise Http404
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do == "delete":
            interest.delete_address(wish.email)
            # Shown in the answer itself: with the row its link is gone too.
            return _own(request, wish, deleted=True)
        verb = {"join": interest.join, "leave": interest.leave}.get(do)
        if verb is not None:
            verb(wish.pk)
        return redirect("trainings:news_own", token)
    return _own(request, wish)


@require_http_methods(["GET", "HEAD", "POST"])
def host(request: HttpRequest) -> HttpResponse:
    """What hosting is, the sample agenda, and the form with which an agency offers to."""
    if request.method != "POST":
        wanted = _chosen(request)
        return _host(request, HostForm(initial={"course": wanted}))
    form = HostForm(request.POST)
    if not form.is_valid():
        return _host(request, form)
    if not ratelimit.allowed("host offer per network", ratelimit.network_of(request)):
        form.add_error(None, BUSY)
        return _host(request, form, status=429)
    details = form.details
    if not ratelimit.allowed("host offer per address", details["email"]):
        form.add_error(
            None,
            "We have several offers from this email address today already. Nothing is lost: "
            "send this one tomorrow, or call (888) 507-0193.",
        )
        return _host(request, form, status=429)
    interest.offer_to_host(form.cleaned_data["course"], **details)
    return redirect("trainings:host_thanks")


@require_safe
def host_thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "trainings/host_thanks.html", SECTION)


def _chosen(request: HttpRequest) -> Course | None:
    slug = request.GET.get("course", "")
    return next((course for course in courses() if course.slug == slug), None)


def _news(request: HttpRequest, form: NewsForm, status: int = 200) -> HttpResponse:
    return render(request, "trainings/news.html", {**SECTION, "form": form}, status=status)


def _own(request: HttpRequest, wish: NewsRequest, *, deleted: bool = False) -> HttpResponse:
    context = {**SECTION, "wish": wish, "deleted": deleted}
    return render(request, "trainings/news_own.html", context)


def _host(request: HttpRequest, form: HostForm, status: int = 200) -> HttpResponse:
    wanted = list(form.fields["course"].queryset)  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        **SECTION,
        "form": form,
        "courses": wanted,
        "days": sample_agenda.days(),
        "hours": sample_agenda.hours(),
    }
    return render(request, "trainings/host.html", context, status=status)


def _again(form: Form) -> Any:
    form.add_error(None, CSRF)
    return form


def _news_again(request: HttpRequest) -> HttpResponse:
    return _news(request, _again(NewsForm(request.POST)))


def _host_again(request: HttpRequest) -> HttpResponse:
    return _host(request, _again(HostForm(request.POST)))


news.on_csrf_failure = _news_again  # type: ignore[attr-defined]
host.on_csrf_failure = _host_again  # type: ignore[attr-defined]
