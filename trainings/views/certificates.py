"""What a certificate's code certifies, for anybody; and the paper, for whom it belongs to."""

from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hub import ratelimit
from trainings import certifying
from trainings import credits as mcle
from trainings.mails.registration import by_link
from trainings.services import certificates

SECTION = {"section": "trainings"}
BUSY = (
    "Many codes were checked from your network in the last hour. Try again in an hour, or call "
    "(888) 507-0193, weekdays 9:00 am–5:00 pm Pacific."
)


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        help_text="Such as 7KQ4-M2XD-9TBR. Dashes and spaces do not matter.",
        max_length=100,
        error_messages={"required": "Type the code of the certificate."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "w-m"}),
    )

    def clean_code(self) -> str:
        code = certifying.typed(self.cleaned_data["code"])
        if not code:
            raise forms.ValidationError("A code is letters and digits, such as 7KQ4-M2XD-9TBR.")
        return code


@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Where a code is typed; it leads to the page of the certificate."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_valid():
        return redirect("certificate", form.cleaned_data["code"])
    return _unlisted(render(request, "trainings/certificate_check.html", SECTION | {"form": form}))


@require_safe
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    """What it certifies and whether it is valid. Every wrong code gets the same answer."""
    if not ratelimit.allowed("certificate checks per network", ratelimit.network_of(request)):
        context = SECTION | {"form": CodeForm(), "busy": BUSY}
        page = render(request, "trainings/certificate_check.html", context, status=429)
        return _unlisted(page)
    row = certificates.by_code(code)
    if row is None:
        raise Http404
    newer = certificates.newest(row)
    context = {
        **SECTION,
        "certificate": row,
        "code": certifying.dashed(row.code),
        "data": row.data,
        "issued": date.fromisoformat(row.data["issued"]),
        "revoked": timezone.localtime(row.revoked_at) if row.revoked_at else None,
        "newer": certifying.dashed(newer.code) if newer.pk != row.pk else "",
        "bars": [
            (one["state"], mcle.masked(one["number"])) for one in row.data.get("bar_numbers", ())
        ],
    }
    return _unlisted(render(request, "trainings/certificate.html", context))


@require_safe
def pdf(request: HttpRequest, token: str, code: str) -> HttpResponse:
    """The paper, by the link in somebody's mail; an old code leads to the newest revision."""
    person, row = by_link(token), certificates.by_code(code)
    if person is None or row is None or row.registration_id != person.pk:
        raise Http404
    newer = certificates.newest(row)
    if newer.revoked_at:
        raise Http404
    if newer.pk != row.pk:
        return redirect("trainings:certificate_pdf", token, newer.code)
    return as_file(certificates.pdf(row), row.code)


def as_file(data: bytes, code: str) -> HttpResponse:
    """A PDF that browsers show and name when it is saved."""
    headers: dict[str, Any] = {
        "Content-Disposition": f'inline; filename="certificate-{certifying.dashed(code)}.pdf"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return _unlisted(HttpResponse(data, content_type="application/pdf", headers=headers))


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Not for search engines, and not kept by anything between."""
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response
