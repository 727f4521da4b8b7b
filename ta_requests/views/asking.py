"""What technical assistance is, the form, and what is said once it is sent.

The answer to the form is the page itself, with no redirect: so no address in the browser's
history leads to it, and loading it again sends the same showing of the form again, which is
the same request.

Nothing measures how fast a form is filled in. Text that was prepared elsewhere is pasted and
sent within a second by people, too, and a form open since yesterday must work as well; what
keeps programs out is the field no person sees, and the limits.
"""

from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from hub import ratelimit
from ta_requests import promises, queries
from ta_requests.forms import AskForm
from ta_requests.models import TaRequest
from ta_requests.services import asking, links
from ta_requests.views import shared


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What it is and is not, how to reach us, and when there would be a reply."""
    context = {
        "section": "ta_requests",
        "service": queries.service(),
        "office": shared.office(),
        "areas": queries.areas(),
    }
    return render(request, "ta_requests/index.html", context)


@shared.silent
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form. Sent, it answers with the reference and the time of the reply."""
    if request.method != "POST":
        return _form(request, AskForm(areas=queries.areas()), uuid4())
    form_id = shared.form_id(request)
    form = AskForm(request.POST, areas=queries.areas())
    is_valid = form.is_valid()
    sent = TaRequest.objects.filter(form_id=form_id).first()
    if sent is None:
        seal = shared.seal(form, form.narrative, form_id)
        found = shared.warnings(form, form.narrative)
        if shared.was_warned(request, seal):
            found = []
        if found or not is_valid:
            return _form(request, form, form_id, found=found, seal=seal)
        sent = _send(ratelimit.network_of(request), form_id, form)
    if sent is None:
        return _too_many(request, form, form_id)
    if _is_other(sent, form):
        return _form(request, form, uuid4(), already=sent)
    return _sent(request, sent)


def _csrf_failure(request: HttpRequest) -> HttpResponse:
    form = AskForm(request.POST, areas=queries.areas())
    form.add_error(
        None,
        "For your safety we could not take the form as it came. What you typed is still "
        "here: please press “Send request” again.",
    )
    return _form(request, form, shared.form_id(request), seal=request.POST.get("warned", ""))


ask.on_csrf_failure = _csrf_failure  # type: ignore[attr-defined]


@transaction.atomic
def _send(network: str, form_id: UUID, form: AskForm) -> TaRequest | None:
    """The request; None where too many came from there, or from everywhere.

    Of two clicks at once the second waits here for the first, and is not counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ta_requests.ask|{form_id}"]
        )
    sent = TaRequest.objects.filter(form_id=form_id).first()
    if sent is not None:
        return sent
    if not ratelimit.allowed("technical assistance per network", network):
        return None
    if not ratelimit.allowed("technical assistance in all", "everybody"):
        return None
    return asking.submit(form_id, form.asked())


def _is_other(sent: TaRequest, form: AskForm) -> bool:
    """Whether the form says other things than the request it was sent as."""
    said = dict(form.cleaned_data)
    if "areas" in said and {area.pk for area in said["areas"]} != set(
        sent.areas.values_list("pk", flat=True)
    ):
        return True
    if said.get("deadline") is None:
        said.pop("deadline_type", None)
    names = set(asking.Asked.__dataclass_fields__) - {"areas"}
    return any(said[name] != getattr(sent, name) for name in names & said.keys())


def _too_many(request: HttpRequest, form: AskForm, form_id: UUID) -> HttpResponse:
    office = shared.office()
    form.add_error(
        None,
        "We could not take your request now: too many came in a short time. Nothing you wrote is "
        "lost. Press “Send request” again in an hour, or call (888) 507-0193, "
        f"{office.hours}",
    )
    # The text was looked at already.
    seal = shared.seal(form, form.narrative, form_id)
    return _form(request, form, form_id, seal=seal, status=429)


def _form(
    request: HttpRequest,
    form: AskForm,
    form_id: UUID,
    *,
    status: int = 200,
    seal: str = "",
    already: TaRequest | None = None,
    **more: Any,
) -> HttpResponse:
    office = shared.office()
    deadline = form.cleaned_data.get("deadline") if form.is_bound else None
    context = {
        "section": "ta_requests",
        "service": queries.service(),
        "office": office,
        "form": form,
        "form_id": form_id,
        "seal": seal,
        "early": deadline if promises.comes_first(deadline, office.due) else None,
        "already": already,
        "link": _link(already) if already else "",
        **more,
    }
    return render(request, "ta_requests/ask.html", context, status=status)


def _sent(request: HttpRequest, sent: TaRequest) -> HttpResponse:
    """What happened, what is next, by when. Of a request no more than that and its link."""
    office = shared.office()
    cycle = sent.cycles.filter(ended_at=None).first()
    context: dict[str, Any] = {
        "section": "ta_requests",
        "service": queries.service(),
        "office": office,
        "sent": sent,
        "link": _link(sent),
    }
    if cycle and cycle.due_at:
        context["due_at"] = cycle.due_at
        context["why"] = office.why_of(cycle)
        context["is_early"] = promises.comes_first(sent.deadline, cycle.due_at)
    return render(request, "ta_requests/sent.html", context)


def _link(sent: TaRequest) -> str:
    """The private page; "" where it is gone."""
    if sent.status == TaRequest.Status.CLOSED:
        return ""
    return reverse("ta_requests:follow", args=[links.token_of(sent)])
