"""Who is registered, what they attended and hold."""

from collections import defaultdict
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from import_export import resources
from import_export.fields import Field

from hub import words as hub_words
from hub.admin_pages import NoAdding
from hub.spreadsheets import Exporting, Harmless
from trainings import words
from trainings.admin.base import HistoryInline, by_offering
from trainings.admin.registration_verbs import EntryInline, RegistrationVerbs
from trainings.admin_forms import BarNumberForm
from trainings.models import (
    Attendance,
    BarNumber,
    Registration,
    RegistrationEvent,
)
from trainings.services import certificates


class RegistrationResource(Harmless, resources.ModelResource):
    """Registrations as a table."""

    training = Field(attribute="offering__course__title", column_name="training")
    offering = Field(attribute="offering__slug", column_name="offering")
    state = Field(attribute="get_state_display", column_name="state")
    price = Field(attribute="get_price_kind_display", column_name="price")
    bar_numbers = Field(column_name="bar_numbers")
    balance = Field(column_name="balance")

    class Meta:
        model = Registration
        fields = [
            "training",
            "offering",
            "name",
            "email",
            "organization",
            "is_attorney",
            "bar_numbers",
            "state",
            "price",
            "price_cents",
            "balance",
            "created_at",
        ]
        export_order = fields

    def dehydrate_bar_numbers(self, row: Registration) -> str:
        return numbers_said(row)

    def dehydrate_balance(self, row: Any) -> str:
        return words.signed_money(row.balance_cents or 0)


def numbers_said(row: Registration) -> str:
    """CA 123456, NY 1234567"""
    return ", ".join(f"{one.state} {one.number}" for one in row.bar_numbers.all())


class SameNumber(admin.SimpleListFilter):
    """A bar number belongs to one person: two who have the same one made a mistake."""

    title = "bar number"
    parameter_name = "bar"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("same", "Same as somebody else’s"), ("none", "Attorney without one")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "none":
            return queryset.filter(is_attorney=True, bar_numbers=None)
        if self.value() != "same":
            return queryset
        twice = (
            BarNumber.objects.order_by()
            .values("state", "number")
            .annotate(people=Count("registration__email", distinct=True))
            .filter(people__gt=1)
        )
        shared = [(one["state"], one["number"]) for one in twice]
        rows = [
            one.registration_id
            for one in BarNumber.objects.filter(number__in={number for _, number in shared})
            if (one.state, one.number) in set(shared)
        ]
        return queryset.filter(pk__in=rows)


class Owing(admin.SimpleListFilter):
    title = "money"
    parameter_name = "money"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("owed", "Has a seat and owes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "owed":
            return queryset
        return queryset.filter(state=Registration.State.CONFIRMED, balance_cents__gt=0)


class BarNumberInline(admin.TabularInline):
    model = BarNumber
    form = BarNumberForm
    extra = 0


class EventInline(HistoryInline):
    model = RegistrationEvent
    fields = ["at", "state", "by", "reason"]
    readonly_fields = ["at", "state", "by", "reason"]


class AttendanceInline(HistoryInline):
    model = Attendance
    fields = ["activity", "starts_at", "ends_at", "source", "reason"]
    readonly_fields = ["activity", "starts_at", "ends_at", "source", "reason"]
    verbose_name_plural = "attendance"
    related = ("activity",)


@admin.register(Registration)
class RegistrationAdmin(RegistrationVerbs, Exporting, NoAdding):
    resource_classes = [RegistrationResource]
    list_display = ["name", "email", "offering", "state", "price", "numbers", "balance"]
    list_filter = [
        "state",
        Owing,
        SameNumber,
        "price_kind",
        "offering__course",
        by_offering("offering"),
    ]
    list_select_related = ["offering__course"]
    search_fields = ["name", "email", "organization", "bar_numbers__number"]
    ordering = ["name"]
    date_hierarchy = "created_at"
    inlines = [BarNumberInline, EntryInline, AttendanceInline, EventInline]
    readonly_fields = [
        "offering",
        "state",
        "email",
        "price",
        "balance",
        "method",
        "refundable",
        "pledge_said",
        "created_at",
        "waitlisted_at",
        "offered_until",
        "pay_until",
        "confirmed_at",
        "canceled_at",
    ]
    fields = ["name", "organization", "is_attorney", *readonly_fields]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        rows: QuerySet[Registration] = super().get_queryset(request)
        return rows.prefetch_related("bar_numbers", "offering__activities").annotate(
            balance_cents=Sum("entries__cents")
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A certificate that no longer has the right name or number is replaced."""
        super().save_related(request, form, formsets, change)
        if form.changed_data or any(each.has_changed() for each in formsets):
            # As saved: the form's own row remembers the bar numbers of before.
            row = Registration.objects.select_related("offering").get(pk=form.instance.pk)
            if made := certificates.issue_held(row):
                messages.success(request, f"Certificates issued anew: {len(made)}.")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Beside each number who else has it: one query for the page."""
        changelist = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        numbers = {one.number for row in rows for one in row.bar_numbers.all()}
        owners: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        found = BarNumber.objects.filter(number__in=numbers).select_related("registration")
        for one in found:
            owner = one.registration
            owners[one.state, one.number].add((owner.email, owner.name))
        for row in rows:
            row.shared_with = sorted(
                {
                    name
                    for one in row.bar_numbers.all()
                    for email, name in owners[one.state, one.number]
                    if email != row.email
                }
            )
        changelist.result_list = rows
        return changelist

    @admin.display(description="price", ordering="price_kind")
    def price(self, row: Registration) -> str:
        if row.price_cents:
            return words.money(row.price_cents)
        return row.get_price_kind_display()

    @admin.display(description="bar numbers")
    def numbers(self, row: Any) -> str:
        said = numbers_said(row)
        if shared := getattr(row, "shared_with", None):
            return f"{said}: the same as {hub_words.listed(shared)}"
        return said

    @admin.display(description="owes", ordering="balance_cents")
    def balance(self, row: Any) -> str:
        return words.signed_money(row.balance_cents or 0)
