"""An offering's page with its form, and a person's own page of their registration.

Who registered is known here by the link in their mail alone.
"""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hub import ratelimit
from hub.refusal import Refused
from trainings import queries, words
from trainings.forms import LicenseForm, RegistrationForm, TermsForm
from trainings.mails.registration import by_link
from trainings.models import Offering, Pledge, Registration
from trainings.services import certificates, money, seats
from trainings.services import registration as services

SECTION = {"section": "trainings"}
State = Registration.State

BUSY = (
    "Many registrations came from your network in the last hour. Nothing is lost: press the "
    "button again in an hour, or call (888) 507-0193, weekdays 9:00 am–5:00 pm Pacific."
)
CODES = (
    "Many waiver codes were tried from your network in the last hour. Nothing is lost: try "
    "again in an hour, or call (888) 507-0193, weekdays 9:00 am–5:00 pm Pacific."
)
CSRF = (
    "For your safety we could not take the form as it came. What you typed is still here: "
    "please press the button again."
)


@require_http_methods(["GET", "HEAD", "POST"])
def offering(request: HttpRequest, course: str, slug: str) -> HttpResponse:
    """One offering: price, credit, agenda, and the form to register."""
    found = _offering(course, slug)
    if request.method != "POST":
        return _page(request, found, RegistrationForm(offering=found))
    form = RegistrationForm(request.POST, offering=found)
    if not form.is_valid():
        return _page(request, found, form)
    network = ratelimit.network_of(request)
    if not ratelimit.allowed("registration per network", network):
        form.add_error(None, BUSY)
        return _page(request, found, form, status=429)
    if not _waiver_is_good(form, network):
        return _page(request, found, form)
    details = form.cleaned_data
    # Past the limit the answer stays the same, so that it tells nothing of an address.
    if ratelimit.allowed("registration per address", f"{found.pk}|{details['email']}"):
        try:
            services.register(
                found,
                details["email"],
                form.details(details["name"], details["organization"]),
                form.terms(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return _page(request, found, form, status=409)
    return redirect("trainings:check_email", course, slug)


def _csrf_failure(request: HttpRequest, course: str, slug: str) -> HttpResponse:
    found = _offering(course, slug)
    form = RegistrationForm(request.POST, offering=found)
    form.add_error(None, CSRF)
    return _page(request, found, form)


offering.on_csrf_failure = _csrf_failure  # type: ignore[attr-defined]


def _waiver_is_good(form: TermsForm, network: str) -> bool:
    if form.cleaned_data.get("choice") == "waiver":
        if ratelimit.allowed("waiver codes per network", network):
            form.check_waiver()
        else:
            form.add_error("waiver_code", CODES)
    return form.is_valid()


def _offering(course: str, slug: str) -> Offering:
    return get_object_or_404(queries.with_agenda(), course__slug=course, slug=slug)


def _page(
    request: HttpRequest, found: Offering, form: RegistrationForm, status: int = 200
) -> HttpResponse:
    (one,) = queries.listed([found])
    context: dict[str, Any] = {
        **SECTION,
        "offering": found,
        "course": found.course,
        "one": one,
        "agenda": [queries.Agenda(day) for day in found.days],
        "pledge_text": queries.pledge_text() if "pledge_name" in form.fields else None,
        "form": form,
    }
    return render(request, "trainings/offering.html", context, status=status)


@require_safe
def check_email(request: HttpRequest, course: str, slug: str) -> HttpResponse:
    """What happens next after the form; the same for every address."""
    found = _offering(course, slug)
    context = {**SECTION, "offering": found, "course": found.course}
    return render(request, "trainings/check_email.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def registration(request: HttpRequest, token: str) -> HttpResponse:
    """A person's own page of their registration. GET only shows; the buttons act."""
    found = by_link(token)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _own_page(request, token, found)
    do = request.POST.get("do", "")
    if do == "switch":
        return _switch(request, token, found)
    if do == "licenses":
        return _licenses(request, token, found)
    verb = {
        "confirm": services.confirm,
        "accept": services.accept_offer,
        "decline": services.decline_offer,
        "cancel": services.leave,
    }.get(do)
    try:
        if verb is not None:
            verb(found.pk)
    except Refused as refusal:
        return _own_page(request, token, found, problem=str(refusal), status=409)
    return redirect("trainings:registration", token)


def _switch(request: HttpRequest, token: str, found: Registration) -> HttpResponse:
    form = _switch_form(found, request.POST)
    if not form.is_valid() or not _waiver_is_good(form, ratelimit.network_of(request)):
        return _own_page(request, token, found, form=form, switch=form)
    try:
        services.switch_price(found.pk, form.terms())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _own_page(request, token, found, form=form, switch=form, status=409)
    return redirect("trainings:registration", token)


def _licenses(request: HttpRequest, token: str, found: Registration) -> HttpResponse:
    form = LicenseForm(request.POST)
    if not form.is_valid():
        return _own_page(request, token, found, form=form, licenses=form)
    try:
        certificates.issue_held(services.set_bar_numbers(found.pk, form.details(found.name)))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _own_page(request, token, found, form=form, licenses=form, status=409)
    return redirect("trainings:registration", token)


def _switch_form(found: Registration, data: Any = None) -> TermsForm:
    besides = {services.choice_of(found)}
    if found.state in {State.AWAITING_PAYMENT, State.CONFIRMED} and found.price_kind == "fee":
        if money.balance(found) <= 0:
            besides |= {"card", "invoice", "waiver"}
        elif found.state == State.CONFIRMED:
            # They have their seat, and a button to pay by card.
            besides.add("card")
    return TermsForm(data, offering=found.offering, besides=besides)


def _licenses_form(found: Registration) -> LicenseForm:
    initial: dict[str, str] = {"is_attorney": "yes" if found.is_attorney else "no"}
    for row, license_ in enumerate(found.bar_numbers.order_by("pk"), start=1):
        initial |= {f"bar_state_{row}": license_.state, f"bar_number_{row}": license_.number}
    return LicenseForm(initial=initial)


def _own_page(
    request: HttpRequest,
    token: str,
    found: Registration,
    *,
    problem: str = "",
    form: TermsForm | LicenseForm | None = None,
    switch: TermsForm | None = None,
    licenses: LicenseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    # As it is now: a verb may have been here since the link was read.
    found = Registration.objects.select_related("offering__course").get(pk=found.pk)
    offering = found.offering
    switch = switch or _switch_form(found)
    has_begun = seats.has_begun(offering)
    owed = money.balance(found)
    context = {
        **SECTION,
        "registration": found,
        "offering": offering,
        "course": offering.course,
        "days": offering.days,
        "claims": queries.claims_of(offering.days),
        "token": token,
        "problem": problem,
        "form": form,
        "has_errors": bool(problem),
        "place": seats.place(found) if found.state == State.WAITLISTED else 0,
        "price": words.money(found.price_cents),
        "owed": words.money(owed) if owed > 0 else "",
        "card_enabled": money.card_enabled(),
        "certificates": certificates.held_by(found),
        "pledge": Pledge.objects.filter(registration=found, state__in=Pledge.OPEN).first(),
        "has_begun": has_begun,
        "can_switch": switch.has_choice and _can_switch(found, owed, has_begun),
        "switch": switch,
        "switch_pledge": queries.pledge_text() if "pledge_name" in switch.fields else None,
        "licenses": licenses or _licenses_form(found),
        "base_url": settings.BASE_URL,
    }
    return render(request, "trainings/registration.html", context, status=status)


def _can_switch(found: Registration, owed: int, has_begun: bool) -> bool:
    is_in = found.state not in {State.UNCONFIRMED, State.CANCELED}
    has_settled = found.state in {State.AWAITING_PAYMENT, State.CONFIRMED}
    is_paid = has_settled and found.price_kind == "fee" and owed <= 0
    # Somebody who paid may still take a case instead, and gets their money back.
    return is_in and not has_begun and not (is_paid and found.method == "waiver")
