"""What somebody typed into a form that could not be taken, given back to be sent again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from hub.encrypted import Confidential


def by_another_site(request: HttpRequest) -> bool:
    """Whether the browser says that the form is not ours.

    Given back it would have our token, and one press of its button would do what a stranger
    wrote into it. Browsers from before 2023 say only which site a form comes from.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return bool(origin) and origin != f"{request.scheme}://{request.get_host()}"


def page(request: HttpRequest, *, signed_out: bool, gone: bool = False) -> HttpResponse:
    """The form as it was sent: nothing of it is stored, and nothing of ours is shown.

    `gone`: there is nothing any more to send it to.
    """
    # Django's log of templates, were it on, tells what a page is made of.
    typed: list[tuple[str, str]] = []
    rest: list[tuple[str, str]] = []
    for name, texts in request.POST.lists():
        if name == "csrfmiddlewaretoken" or "password" in name:
            continue
        for text in texts:
            # Words somebody may want to copy; without a space it is a number, code or choice.
            (typed if len(text.split()) > 1 else rest).append((name, Confidential(text)))
    is_office = request.path_info.startswith(reverse("admin:index"))
    context = {
        "typed": typed,
        "rest": rest,
        "signed_out": signed_out,
        "gone": gone,
        "is_office": is_office,
        "had_files": bool(request.FILES),
        "sign_in": reverse("admin:index" if is_office else "my"),
    }
    return render(request, "kept.html", context, status=403)
