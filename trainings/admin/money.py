"""The ledger, refunds, card payments and waiver codes."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from hub.admin_pages import Asking, NoAdding, ReadOnly
from hub.models import User
from hub.refusal import Refused
from trainings import office_forms as forms
from trainings import words
from trainings.admin.base import Verb, Verbs, by_offering
from trainings.admin_forms import WaiversForm
from trainings.models import CheckoutSession, Entry, Refund, WaiverCode
from trainings.services import money, offerings, payments


def _stands(row: Entry) -> bool:
    return not Entry.objects.filter(takes_back=row).exists()


def _bounce(row: Entry, data: dict[str, Any], by: User) -> str:
    money.bounce_check(row, by, data["reason"])
    name = row.registration.name
    return f"The check bounced: {words.money(-row.cents)} is owed again. {name} is told."


def _void(row: Entry, data: dict[str, Any], by: User) -> str:
    money.void(row, by, data["reason"])
    return (
        f"Taken back: {row.get_kind_display().lower()} of {words.money(abs(row.cents))}. Nobody "
        "is told."
    )


@admin.register(Entry)
class EntryAdmin(Verbs, ReadOnly):
    """The ledger. Positive is owed to us, negative came in or was let go."""

    list_display = ["at", "person", "kind", "amount", "method", "reference", "by", "reason"]
    list_filter = ["kind", "method", by_offering("registration__offering")]
    list_select_related = ["registration", "by"]
    search_fields = ["registration__name", "registration__email", "reference"]
    date_hierarchy = "at"
    ordering = ["-pk"]
    fields = ["person", "kind", "amount", "method", "reference", "at", "by", "reason", "takes_back"]
    readonly_fields = ["person", "amount"]
    verb_related = ("registration",)
    verbs = {
        "bounce": Verb(
            button="The check bounced",
            intro="What the check paid is owed again, and they are told. Their seat stays.",
            offered=lambda row: (
                row.kind == Entry.Kind.PAYMENT and row.method == money.CHECK and _stands(row)
            ),
            do=_bounce,
            form=forms.LedgerReasonForm,
        ),
        "void": Verb(
            button="Take back",
            intro="For a line that was entered by mistake: another line undoes it. Nobody is told.",
            offered=lambda row: (
                row.kind in {"charge", "waiver", "payment", "bounce"}
                and not (row.kind == Entry.Kind.PAYMENT and row.method == money.CARD)
                and _stands(row)
            ),
            do=_void,
            form=forms.LedgerReasonForm,
        ),
    }

    def name_of(self, row: Entry) -> str:
        return f"{row.get_kind_display()} of {words.money(abs(row.cents))}, {row.registration.name}"

    @admin.display(description="person", ordering="registration__name")
    def person(self, row: Entry) -> str:
        return row.registration.name

    @admin.display(description="amount", ordering="cents")
    def amount(self, row: Entry) -> str:
        return words.signed_money(row.cents)


def _sent(row: Refund, data: dict[str, Any], by: User) -> str:
    money.refund_made(row, data["reference"])
    name = row.entry.registration.name
    return f"Check {data['reference']} for {words.money(row.entry.cents)} is sent. {name} is told."


def _failed(row: Refund, data: dict[str, Any], by: User) -> str:
    money.refund_failed(row.entry, data["reason"], by)
    return (
        f"Marked as failed: {words.money(row.entry.cents)} is with us again. Refund it anew from "
        f"the registration of {row.entry.registration.name}. Nobody is told."
    )


class RefundQueue(admin.SimpleListFilter):
    title = "what to do"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("send", "Checks to send"), ("failed", "Failed: refund anew")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "send":
            return queryset.filter(pk__in=money.refunds_to_send())
        if self.value() == "failed":
            return queryset.filter(pk__in=money.refunds_failed())
        return queryset


@admin.register(Refund)
class RefundAdmin(Verbs, ReadOnly):
    """What is to be given back; to a card it goes by itself, staff send the checks."""

    list_display = ["person", "amount", "way", "state", "reference", "made_at", "reason"]
    list_filter = [RefundQueue, "state", by_offering("entry__registration__offering")]
    list_select_related = ["entry__registration", "checkout"]
    search_fields = ["entry__registration__name", "entry__registration__email", "reference"]
    ordering = ["pk"]
    fields = ["person", "amount", "way", "state", "reference", "made_at", "reason"]
    readonly_fields = ["person", "amount", "way", "reason"]
    verb_related = ("entry__registration",)
    verbs = {
        "sent": Verb(
            button="Sent",
            intro="The check is in the mail. They are told, with its number.",
            offered=lambda row: row.state == Refund.State.WAITING and row.checkout_id is None,
            do=_sent,
            form=forms.SentForm,
        ),
        # Of a refund to a card the payment service itself tells.
        "failed": Verb(
            button="Failed",
            intro="The check did not reach them or was not cashed: its money counts as paid to us "
            "again, so that you can refund it anew. Nobody is told.",
            offered=lambda row: row.state != Refund.State.FAILED and row.checkout_id is None,
            do=_failed,
            form=forms.LedgerReasonForm,
        ),
    }

    def name_of(self, row: Refund) -> str:
        return f"{words.money(row.entry.cents)} to {row.entry.registration.name}"

    def after_verb(self, row: Refund) -> str:
        return reverse("admin:trainings_refund_changelist") + "?queue=send"

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        return [*shown, "next_steps"] if self.may_use_verbs(request) else shown

    @admin.display(description="person", ordering="entry__registration__name")
    def person(self, row: Refund) -> str:
        return row.entry.registration.name

    @admin.display(description="amount", ordering="entry__cents")
    def amount(self, row: Refund) -> str:
        return words.money(row.entry.cents)

    @admin.display(description="to")
    def way(self, row: Refund) -> str:
        return "Their card" if row.checkout_id else "A check of ours"

    @admin.display(description="reason")
    def reason(self, row: Refund) -> str:
        return row.entry.reason

    @admin.display(description="next step")
    def next_steps(self, row: Refund) -> SafeString:
        return format_html_join(" or ", '<a href="{}">{}</a>', self.tools(row))


class ToLookAt(admin.SimpleListFilter):
    title = "to look at"
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("wrong", "Wrong amount or currency"), ("disputed", "Disputed by the bank")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "wrong":
            return queryset.filter(pk__in=payments.wrong())
        if self.value() == "disputed":
            return queryset.filter(pk__in=payments.disputed())
        return queryset


@admin.register(CheckoutSession)
class CheckoutSessionAdmin(ReadOnly):
    """Payments begun by card, as the payment service tells of them."""

    list_display = ["person", "amount", "state", "created_at", "disputed_at", "payment_intent"]
    list_filter = [ToLookAt, "state", by_offering("registration__offering")]
    list_select_related = ["registration"]
    search_fields = ["registration__name", "registration__email", "session_id", "payment_intent"]
    date_hierarchy = "created_at"
    ordering = ["-pk"]
    fields = [
        "person",
        "amount",
        "state",
        "created_at",
        "disputed_at",
        "session_id",
        "payment_intent",
    ]
    readonly_fields = ["person", "amount", "disputed_at"]

    @admin.display(description="person", ordering="registration__name")
    def person(self, row: CheckoutSession) -> str:
        return row.registration.name

    @admin.display(description="amount asked", ordering="amount_cents")
    def amount(self, row: CheckoutSession) -> str:
        return words.money(row.amount_cents)


@admin.register(WaiverCode)
class WaiverCodeAdmin(Asking, NoAdding):
    list_display = ["code", "offering", "expires_at", "used_by_name", "used_at"]
    list_filter = [("used_at", admin.EmptyFieldListFilter), by_offering("offering")]
    list_select_related = ["offering__course", "used_by"]
    search_fields = ["code", "used_by__name"]
    ordering = ["-pk"]
    change_list_template = "admin/trainings/waivercode/change_list.html"
    readonly_fields = ["code", "offering", "expires_at", "used_by_name", "used_at"]
    fields = ["code", "offering", "expires_at", "used_by_name", "used_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaiverCode]:
        rows: QuerySet[WaiverCode] = super().get_queryset(request)
        return rows.prefetch_related("offering__activities")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.used_at:
            return False
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    @admin.display(description="used by")
    def used_by_name(self, row: WaiverCode) -> str:
        return row.used_by.name if row.used_by else ""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.make_view)
        return [path("make/", view, name="trainings_waivercode_make"), *super().get_urls()]

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """Make a number of codes for one offering."""
        self.check_may_change(request)
        form = WaiversForm(request.POST or None)
        if form.is_valid():
            data = form.cleaned_data
            try:
                made = offerings.make_waivers(data["offering"], data["count"], data["last_day"])
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                for code in made:
                    self.log_addition(request, code, "Made.")
                messages.success(request, f"Made {len(made)} codes: they are at the top.")
                return redirect("admin:trainings_waivercode_changelist")
        context = {"title": "Make waiver codes", "button": "Make the codes"}
        return self.ask(request, None, form, context)
