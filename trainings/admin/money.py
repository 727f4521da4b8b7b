"""The ledger, waiver codes, pledges and the words of the pledge."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone

from hub import words as hub_words
from hub.refusal import Refused
from trainings import words
from trainings.admin.base import Asking, NoAdding, ReadOnly, by_offering
from trainings.admin.people import HistoryInline
from trainings.admin_forms import WaiversForm
from trainings.models import Entry, Pledge, PledgeEvent, PledgeText, WaiverCode
from trainings.services import offerings


@admin.register(Entry)
class EntryAdmin(ReadOnly):
    """The ledger. Positive is owed to us, negative came in or was let go."""

    list_display = ["at", "person", "kind", "amount", "method", "reference", "by", "reason"]
    list_filter = ["kind", "method", by_offering("registration__offering")]
    list_select_related = ["registration", "by"]
    search_fields = ["registration__name", "registration__email", "reference"]
    date_hierarchy = "at"
    ordering = ["-pk"]

    @admin.display(description="person", ordering="registration__name")
    def person(self, row: Entry) -> str:
        return row.registration.name

    @admin.display(description="amount", ordering="cents")
    def amount(self, row: Entry) -> str:
        return words.signed_money(row.cents)


@admin.register(WaiverCode)
class WaiverCodeAdmin(Asking, NoAdding):
    list_display = ["code", "offering", "expires_at", "used_by_name", "used_at"]
    list_filter = [("used_at", admin.EmptyFieldListFilter), by_offering("offering")]
    list_select_related = ["offering__course", "used_by"]
    search_fields = ["code", "used_by__name"]
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


@admin.register(PledgeText)
class PledgeTextAdmin(admin.ModelAdmin):
    """Each version as it was signed: a signed one stays, and new words are a new version."""

    list_display = ["version", "in_force_from", "signed", "begins"]
    fields = ["version", "text", "in_force_from", "signed"]
    readonly_fields = ["version", "signed"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PledgeText]:
        rows: QuerySet[PledgeText] = super().get_queryset(request)
        return rows.annotate(signatures=Count("pledge"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.pledge_set.exists():
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.pledge_set.exists():
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description="signed by")
    def signed(self, row: Any) -> str:
        count = getattr(row, "signatures", 0)
        return f"{count} {'person' if count == 1 else 'people'}"

    @admin.display(description="text")
    def begins(self, row: PledgeText) -> str:
        return row.text[:80]

    def save_model(self, request: HttpRequest, obj: PledgeText, form: Any, change: bool) -> None:
        if not change:
            last = PledgeText.objects.aggregate(last=Max("version"))["last"]
            obj.version = (last or 0) + 1
        super().save_model(request, obj, form, change)


class PledgeEventInline(HistoryInline):
    model = PledgeEvent
    fields = ["at", "what", "by", "reason"]
    readonly_fields = ["at", "what", "by", "reason"]


class Due(admin.SimpleListFilter):
    title = "due"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open, soonest first"), ("over", "Overdue")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {"open", "over"}:
            return queryset
        rows = queryset.filter(state__in=Pledge.OPEN).order_by("due_on")
        # In time until the end of the day, Pacific.
        return rows.filter(due_on__lt=timezone.localdate()) if self.value() == "over" else rows


@admin.register(Pledge)
class PledgeAdmin(ReadOnly):
    list_display = ["person", "training", "state", "due", "extended", "made_at"]
    list_filter = [Due, "state", by_offering("registration__offering")]
    list_select_related = ["registration__offering__course"]
    search_fields = ["registration__name", "registration__email", "signed_name"]
    ordering = ["due_on"]
    inlines = [PledgeEventInline]
    fields = ["person", "training", "signed_name", "text", "state", "made_at", "due", "extended"]
    readonly_fields = ["person", "training", "due"]

    @admin.display(description="person", ordering="registration__name")
    def person(self, row: Pledge) -> str:
        return row.registration.name

    @admin.display(description="training")
    def training(self, row: Pledge) -> str:
        return row.registration.offering.course.title

    @admin.display(description="due", ordering="due_on")
    def due(self, row: Pledge) -> str:
        said = hub_words.month_day_year(row.due_on)
        over = row.state in Pledge.OPEN and row.due_on < timezone.localdate()
        return f"Overdue: {said}" if over else said
