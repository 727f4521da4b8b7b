"""Pages on which a visitor suggests a resource."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hub import ratelimit
from library.forms import SuggestForm
from library.services import suggestions

SECTION = {"section": "library"}
CSRF = (
    "For your safety we could not take the form as it came. What you typed is still here: "
    "please press the button again."
)
BUSY = (
    "Many forms came from your network in the last hour. Nothing is lost: press the button "
    "again in an hour, or call (888) 507-0193, weekdays 9:00 am–5:00 pm Pacific."
)


@require_http_methods(["GET", "HEAD", "POST"])
def suggest(request: HttpRequest) -> HttpResponse:
    """Suggest a resource. `?title=` fills in what somebody looked for and did not find."""
    if request.method != "POST":
        return _page(request, SuggestForm(initial={"title": request.GET.get("title", "")[:300]}))
    form = SuggestForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    if not ratelimit.allowed("suggestions per network", ratelimit.network_of(request)):
        form.add_error(None, BUSY)
        return _page(request, form, status=429)
    said = form.cleaned_data
    suggestions.suggest(said["title"], said["url"], said["why"], said["name"], said["email"])
    return redirect("library:suggest_thanks")


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "library/suggest_thanks.html", SECTION)


def _page(request: HttpRequest, form: SuggestForm, status: int = 200) -> HttpResponse:
    return render(request, "library/suggest.html", {**SECTION, "form": form}, status=status)


def _again(request: HttpRequest) -> HttpResponse:
    form = SuggestForm(request.POST)
    form.add_error(None, CSRF)
    return _page(request, form)


suggest.on_csrf_failure = _again  # type: ignore[attr-defined]
