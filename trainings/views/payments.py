"""Pages on which somebody pays for a training, and where the payment service reports.

The way to the payment service is a plain link on a page of ours: a redirect in answer to
the form would have to be allowed by the content policy's form-action, for every form.
"""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hub import links
from hub.refusal import Refused
from trainings import words
from trainings.models import CheckoutSession, Registration
from trainings.services import money, payments

REGISTRATION_PURPOSE = "trainings.registration"
LINK_AGE = timedelta(days=400)
SECTION = {"section": "trainings"}


@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """Begin a card payment; on any hindrance the page of the payment says what is so."""
    registration = _by_token(token)
    if request.method != "POST":
        return redirect("trainings:paid", token)
    try:
        url = payments.begin_checkout(registration)
    except Refused as refusal:
        return _status(request, registration, token, notice=str(refusal), status=409)
    except payments.Unreachable:
        return _status(request, registration, token, unreachable=True, status=503)
    context = {
        "registration": registration,
        "owed": _owed(registration),
        "url": url,
        "token": token,
    }
    return render(request, "trainings/pay.html", {**SECTION, **context})


@require_safe
def paid(request: HttpRequest, token: str) -> HttpResponse:
    """What somebody owes, and what became of their payment; people come back to it from paying."""
    registration = _by_token(token)
    unreachable = False
    if request.method == "GET" and money.card_enabled():
        try:
            payments.look_up(registration)
        except payments.Unreachable:
            unreachable = True
    registration.refresh_from_db()
    return _status(request, registration, token, unreachable=unreachable)


def _status(
    request: HttpRequest,
    registration: Registration,
    token: str,
    *,
    notice: str = "",
    unreachable: bool = False,
    status: int = 200,
) -> HttpResponse:
    last = registration.checkouts.order_by("-pk").first()
    State = CheckoutSession.State  # noqa: N806 (a class)
    owed = money.balance(registration)
    received = money.received(registration)
    context = {
        "registration": registration,
        "token": token,
        "notice": notice,
        "unreachable": unreachable,
        "checkout": last,
        "processing": bool(last and last.state == State.OPEN and last.payment_intent),
        "owed": _owed(registration) if owed > 0 else "",
        "received": words.money(received) if received > 0 else "",
        "card": money.card_enabled() and owed > 0,
    }
    return render(request, "trainings/paid.html", {**SECTION, **context}, status=status)


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Where the payment service reports: 400 unless it is signed by it, 503 to be told again."""
    if not money.card_enabled():
        raise Http404
    try:
        payments.hear(request.body, request.headers.get("Stripe-Signature", ""))
    except ValueError:
        return HttpResponse("not signed by the payment service", status=400)
    except payments.Unreachable:
        return HttpResponse("try again", status=503)
    return HttpResponse("ok")


def _by_token(token: str) -> Registration:
    for purpose in (payments.PAGE_PURPOSE, REGISTRATION_PURPOSE):
        found = links.read(purpose, token, LINK_AGE)
        if found is not None:
            registration = (
                Registration.objects.filter(pk=found[0], nonce=found[1])
                .select_related("offering__course")
                .first()
            )
            if registration is not None:
                return registration
    raise Http404


def _owed(registration: Registration) -> str:
    return words.money(money.balance(registration))
