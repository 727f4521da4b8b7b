"""Where somebody at an online training types the codes the speakers say."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from hub import links
from hub.refusal import Refused
from trainings.attendance_forms import CodeForm
from trainings.models import Attendance, Registration
from trainings.services import attendance

LINK_PURPOSE = "trainings.registration"
LINK_AGE = timedelta(days=400)

SAID = {
    "wrong": "No session of this training has that code. Check it and type it again.",
    "early": "No session with this code has begun. Type it when you hear it; nothing is lost.",
    "locked": "Those were five wrong codes, so we wait 10 minutes. Type it again then: a code is "
    "good until 10 minutes after its session, and later ones go to our staff.",
}


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, token: str) -> HttpResponse:
    """Type a code; below, the sessions that count already."""
    registration = _by_link(token)
    if registration is None:
        raise Http404
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            answer = attendance.enter_code(registration, form.cleaned_data["code"], timezone.now())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            if answer.result in SAID:
                form.add_error("code", SAID[answer.result])
            elif answer.segment:
                messages.success(request, _told(answer.result, answer.segment.title))
                return redirect("trainings:code", token)
    counted = Attendance.objects.filter(
        registration=registration, source=Attendance.Source.CODE
    ).select_related("segment")
    context = {
        "section": "trainings",
        "registration": registration,
        "offering": registration.offering,
        "form": form,
        "counted": [row.segment.title for row in counted.order_by("starts_at") if row.segment],
    }
    return render(request, "trainings/code.html", context)


def _told(result: str, title: str) -> str:
    if result == "queued":
        return (
            f"“{title}” ended a while ago. Our staff look at your code and decide whether it "
            "counts; you need do nothing."
        )
    return f"“{title}” counts. Stay for the next one."


def _by_link(token: str) -> Registration | None:
    found = links.read(LINK_PURPOSE, token, LINK_AGE)
    if found is None:
        return None
    rows = Registration.objects.select_related("offering__course")
    return rows.filter(pk=found[0], nonce=found[1], state=Registration.State.CONFIRMED).first()
