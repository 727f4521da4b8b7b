"""Pledges with their verbs, and the words people pledge by."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from hub import words as hub_words
from hub.admin_pages import ReadOnly
from hub.models import User
from trainings import office_forms as forms
from trainings import pledges as heart
from trainings.admin.base import HistoryInline, Verb, Verbs, by_offering
from trainings.models import Pledge, PledgeEvent, PledgeText, Registration
from trainings.services import pledges

SOON = timedelta(days=30)
# An accepted day without its hour: the day is what counts.
NOON = time(12)


def was_shown(text: PledgeText) -> bool:
    """Did anybody sign these words, or type their name below them?"""
    return text.pledge_set.exists() or Registration.objects.filter(pledge_text=text).exists()


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
        if obj is not None and was_shown(obj):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and was_shown(obj):
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
        return [
            ("open", "Open, soonest first"),
            ("soon", "Due within 30 days"),
            ("over", "Overdue"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        # In time until the end of the day, Pacific.
        today = timezone.localdate()
        days: dict[str, dict[str, Any]] = {
            "open": {},
            "soon": {"due_on__range": (today, today + SOON)},
            "over": {"due_on__lt": today},
        }
        if self.value() not in days:
            return queryset
        rows = queryset.filter(state__in=Pledge.OPEN, **days[self.value() or ""])
        return rows.order_by("due_on")


def _may_become(*states: str) -> Any:
    """Offered where the table of moves lets staff bring a pledge to one of these states."""
    return lambda row: any(after in heart.PLEDGE.next(row.state, "staff") for after in states)


def _told(row: Pledge, happened: str) -> str:
    return f"{happened} {row.registration.name} is told by email."


def _match(row: Pledge, data: dict[str, Any], by: User) -> str:
    pledges.match(row, by, data["reason"])
    return _told(row, "Matched with a case; the email says nothing about it.")


def _accept(row: Pledge, data: dict[str, Any], by: User) -> str:
    day, at = data["day"], None
    if day is not None and day != timezone.localdate():
        at = datetime.combine(day, NOON, ZoneInfo(hub_words.PACIFIC))
        # The pledge of that morning was not accepted before it was made.
        at = max(at, row.made_at) if day == timezone.localdate(row.made_at) else at
    pledges.accept(row, by, at)
    return _told(row, "The case is accepted.")


def _fulfil(row: Pledge, data: dict[str, Any], by: User) -> str:
    pledges.fulfil(row, by, data["reason"])
    return _told(row, "The pledge is kept.")


def _extend(row: Pledge, data: dict[str, Any], by: User) -> str:
    pledges.extend(row, data["due_on"], by, data["reason"])
    return _told(row, f"Extended until {hub_words.month_day_year(data['due_on'])}.")


def _waive(row: Pledge, data: dict[str, Any], by: User) -> str:
    pledges.waive(row, by, data["reason"])
    return _told(row, "Waived: no case is owed.")


def _release(row: Pledge, data: dict[str, Any], by: User) -> str:
    pledges.release(row, by, data["reason"])
    return _told(row, "Released: it counts neither as kept nor as broken.")


def _convert(row: Pledge, data: dict[str, Any], by: User) -> str:
    pledges.convert_to_fee(row, by, data["reason"])
    return _told(row, "Converted: the fee is charged and the invoice is mailed.")


def _attorney_withdraws(row: Pledge, data: dict[str, Any], by: User) -> str:
    pledges.attorney_withdraws(row, by, data["reason"])
    return _told(row, "The attorney gave the case back.")


def _client_withdraws(row: Pledge, data: dict[str, Any], by: User) -> str:
    after = pledges.client_withdraws(row, by, data["reason"])
    kept = after.state == Pledge.State.FULFILLED
    return _told(row, "The client ended it: " + ("the pledge is kept." if kept else "look anew."))


@admin.register(Pledge)
class PledgeAdmin(Verbs, ReadOnly):
    list_display = ["person", "training", "state", "due", "extended", "made_at"]
    list_filter = [Due, "state", by_offering("registration__offering")]
    list_select_related = ["registration__offering__course"]
    search_fields = ["registration__name", "registration__email", "signed_name"]
    ordering = ["due_on"]
    inlines = [PledgeEventInline]
    fields = [
        "registered",
        "training",
        "signed_name",
        "text",
        "state",
        "made_at",
        "due",
        "accepted_at",
        "extended",
    ]
    readonly_fields = ["registered", "training", "due", "accepted_at"]
    verb_related = ("registration__offering",)
    verbs = {
        "match": Verb(
            button="Match with a case",
            intro="A case was found. It counts for the pledge of theirs that is due first.",
            # From accepted it would be the way back, which is a withdrawal.
            offered=lambda row: row.state in pledges.WAITING,
            do=_match,
            form=forms.PledgeNoteForm,
        ),
        "accept": Verb(
            button="Case accepted",
            intro="They took the case. In time is until the end of the day it is due, Pacific.",
            offered=_may_become("accepted"),
            do=_accept,
            form=forms.AcceptForm,
        ),
        "fulfil": Verb(
            button="Fulfilled",
            intro="The case is done and the pledge is kept. This is the end of it.",
            offered=_may_become("fulfilled"),
            do=_fulfil,
            form=forms.PledgeNoteForm,
        ),
        "extend": Verb(
            button="Extend",
            intro="They get more time.",
            offered=_may_become("extended"),
            do=_extend,
            form=forms.ExtendForm,
        ),
        "attorney": Verb(
            button="Attorney withdraws",
            intro="They are where they were before this case; the email offers more time.",
            offered=lambda row: heart.after_withdrawal(row.state, "attorney") != row.state,
            do=_attorney_withdraws,
            form=forms.PledgeReasonForm,
        ),
        "client": Verb(
            button="Client withdraws",
            intro="A case that was accepted counts as done; before that, look for another one.",
            offered=lambda row: heart.after_withdrawal(row.state, "client") != row.state,
            do=_client_withdraws,
            form=forms.PledgeReasonForm,
        ),
        "release": Verb(
            button="Release",
            intro="We have no suitable case. It counts neither as kept nor as broken. This is "
            "the end of it.",
            offered=_may_become("released"),
            do=_release,
            form=forms.PledgeReasonForm,
        ),
        "waive": Verb(
            button="Waive",
            intro="They are let off, for a reason of theirs. This is the end of it.",
            offered=_may_become("waived"),
            do=_waive,
            form=forms.PledgeReasonForm,
        ),
        "convert": Verb(
            button="Convert to the fee",
            intro="The training’s fee is charged in place of a case, and the invoice is mailed. "
            "This is the end of the pledge.",
            offered=_may_become("converted"),
            do=_convert,
            form=forms.PledgeReasonForm,
        ),
    }

    def name_of(self, row: Pledge) -> str:
        return f"pledge of {row.registration.name}"

    @admin.display(description="person", ordering="registration__name")
    def person(self, row: Pledge) -> str:
        return row.registration.name

    @admin.display(description="person")
    def registered(self, row: Pledge) -> str:
        address = reverse("admin:trainings_registration_change", args=[row.registration_id])
        return format_html('<a href="{}">{}</a>', address, row.registration.name)

    @admin.display(description="training")
    def training(self, row: Pledge) -> str:
        return row.registration.offering.course.title

    @admin.display(description="due", ordering="due_on")
    def due(self, row: Pledge) -> str:
        said = hub_words.month_day_year(row.due_on)
        over = row.state in Pledge.OPEN and row.due_on < timezone.localdate()
        return f"Overdue: {said}" if over else said
