"""What staff do with a registration: cancel it, take and give back money, change its terms."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.urls import reverse
from django.utils.html import format_html

from hub.models import User
from hub.refusal import Refused
from trainings import office_forms as forms
from trainings import words
from trainings.admin.base import HistoryInline, Verb, Verbs
from trainings.models import Entry, OfferingPrice, Pledge, Registration
from trainings.services import money, payments, pledges, registration

State, Method, Kind = Registration.State, Registration.Method, OfferingPrice.Kind


def _is_live(row: Registration) -> bool:
    return row.state not in {State.UNCONFIRMED, State.CANCELED}


def _cancel(row: Registration, data: dict[str, Any], by: User) -> str:
    registration.cancel(row.pk, by=by, reason=data["reason"])
    return f"Canceled. {row.name} is told with your reason, and the seat goes to who waits."


def _check(row: Registration, data: dict[str, Any], by: User) -> str:
    payments.record_check(row, data["cents"], data["number"], by)
    row.refresh_from_db()
    left = money.balance(row)
    said = f"{words.money(left)} is still owed" if left > 0 else "nothing is owed"
    if left < 0:
        said = f"{words.money(-left)} is a credit of theirs"
    amount = words.money(data["cents"])
    state = row.get_state_display().lower()
    return f"Entered {amount}: {said}. {row.name} is told. State: {state}."


@transaction.atomic
def _refund(row: Registration, data: dict[str, Any], by: User) -> str:
    locked = Registration.objects.select_for_update(of=["self"]).get(pk=row.pk)
    if data["left"] is not None and data["left"] != (left := money.received(locked)):
        raise Refused(
            f"Money has moved since this page was opened: {words.money(max(0, left))} can be "
            "refunded now. Open the page again."
        )
    by_check = data.get("by_check", False)
    lines = money.refund(locked, data["cents"], by, data["reason"], by_check=by_check)
    said = []
    for line in lines:
        if line.method == money.CARD:
            said.append(f"{words.money(line.cents)} goes back to their card by itself.")
        else:
            said.append(f"Send a check for {words.money(line.cents)}: it waits under Refunds.")
    return f"{' '.join(said)} {row.name} is told when it is on its way."


def _invoice(row: Registration, data: dict[str, Any], by: User) -> str:
    money.send_invoice_again(row)
    return f"The invoice is mailed to {row.name} again."


def _to_pledge(row: Registration, data: dict[str, Any], by: User) -> str:
    terms = registration.Terms(choice="pledge", pledge_name=data["pledge_name"])
    registration.switch_price(row.pk, terms, by=by)
    said = f"{row.name} takes part for a pledge now"
    if row.state not in {State.CONFIRMED, State.AWAITING_PAYMENT}:
        return f"{said}: it is made when they have a seat."
    return f"{said} and is told. What they paid waits under Refunds."


def _to_fee(row: Registration, data: dict[str, Any], by: User) -> str:
    terms = registration.Terms(choice=data["way"], waiver_code=data["waiver_code"])
    after = registration.switch_price(row.pk, terms, by=by)
    said = f"{row.name} takes part for the fee now: {after.get_method_display().lower()}."
    if after.state == State.AWAITING_PAYMENT:
        return f"{said} They are told until when to pay; the seat is held until then."
    if row.state not in {State.CONFIRMED, State.AWAITING_PAYMENT}:
        return f"{said} It is charged when they have a seat."
    return f"{said} The invoice is mailed." if after.method == Method.INVOICE else said


def _end_links(row: Registration, data: dict[str, Any], by: User) -> str:
    registration.end_links(row.pk, by=by)
    return f"The links mailed so far no longer work. The next mail to {row.name} has a new one."


class EntryInline(HistoryInline):
    """Positive is owed to us, negative came in; each line opens with what can be done."""

    model = Entry
    fields = ["at", "kind", "amount", "method", "reference", "by", "reason"]
    readonly_fields = ["at", "kind", "amount", "method", "reference", "by", "reason"]
    verbose_name_plural = "ledger: open a line to take it back, or where a check bounced"
    show_change_link = True

    @admin.display(description="amount")
    def amount(self, row: Entry) -> str:
        # A form that no browser made can ask for lines that are not there.
        return words.signed_money(row.cents) if row.pk else ""


class RegistrationVerbs(Verbs):
    """The buttons of a registration, and what its page tells of money and pledge."""

    verb_related = ("offering__course",)
    verbs = {
        "cancel": Verb(
            button="Cancel the registration",
            intro="They are told with your reason. Their seat goes to the next person who waits, "
            "a pledge ends, and what they paid goes to the refunds.",
            offered=_is_live,
            do=_cancel,
            form=forms.PublicReasonForm,
        ),
        "check": Verb(
            button="Record a check",
            intro="They are told that it arrived. With nothing left to pay, a seat that is held "
            "for them is confirmed.",
            offered=lambda row: row.state != State.UNCONFIRMED,
            do=_check,
            form=forms.CheckForm,
        ),
        "refund": Verb(
            button="Refund",
            intro="What they paid by card goes back to the card, the rest waits under Refunds for "
            "you to send a check. Their seat and what they owe stay as they are.",
            offered=lambda row: money.received(row) > 0,
            do=_refund,
            form=forms.RefundForm,
        ),
        "invoice": Verb(
            button="Send the invoice again",
            intro="The same invoice with its number, and what is still owed, is mailed once more.",
            offered=lambda row: _is_live(row) and money.balance(row) > 0,
            do=_invoice,
        ),
        "pledge": Verb(
            button="Switch to the pledge",
            intro="The charge is taken back and what they paid goes to the refunds. They are told.",
            offered=lambda row: (
                _is_live(row)
                and row.price_kind != Kind.PLEDGE
                and forms.has_price(row.offering, Kind.PLEDGE)
            ),
            do=_to_pledge,
            form=forms.SignForm,
        ),
        "fee": Verb(
            button="Switch to the fee",
            intro="A pledge ends and today’s fee is charged. Who pays by card has the hours to pay "
            "that the offering gives; else the seat stays theirs.",
            offered=lambda row: (
                _is_live(row)
                and row.price_kind != Kind.FEE
                and forms.has_price(row.offering, Kind.FEE)
                and pledges.can_end(row)
            ),
            do=_to_fee,
            form=forms.FeeForm,
        ),
        "pay": Verb(
            button="Pay another way",
            intro="What is charged stays; only how it is paid changes.",
            offered=lambda row: (
                _is_live(row) and row.price_kind == Kind.FEE and money.balance(row) > 0
            ),
            do=_to_fee,
            form=forms.FeeForm,
        ),
        "links": Verb(
            button="End mailed links",
            intro="For mail that reached somebody else. No link mailed so far works after this; "
            "the registration stays as it is, and nobody is told.",
            offered=lambda row: True,
            do=_end_links,
        ),
    }

    def name_of(self, row: Registration) -> str:
        return row.name

    @admin.display(description="can be refunded")
    def refundable(self, row: Registration) -> str:
        return words.money(max(0, money.received(row)))

    @admin.display(description="pledge")
    def pledge_said(self, row: Registration) -> str:
        pledge = Pledge.objects.filter(registration=row).first()
        if pledge is None:
            return f"To be signed as {row.pledge_name}" if row.pledge_name else "None"
        address = reverse("admin:trainings_pledge_change", args=[pledge.pk])
        said = f"{pledge.get_state_display()}, signed as {pledge.signed_name}"
        return format_html('<a href="{}">{}</a>', address, said)
