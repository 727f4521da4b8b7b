"""Single dates: what they are about, and the verbs that change them."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from calls import admin_forms, dates
from calls.admin.attendance import AttendancePages
from calls.admin.closures import warn_of_closure
from calls.models import CallDate
from hub import words
from hub.admin_pages import NoAdding
from hub.refusal import Refused


class Which(admin.SimpleListFilter):
    """Staff work on what is ahead; the past is there to look up."""

    title = "which dates"
    parameter_name = "which"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("undecided", "Falls on a closure: decide"),
            ("past", "Past"),
            ("all", "Past and ahead"),
        ]

    def choices(self, changelist: Any) -> Iterator[Any]:
        for number, choice in enumerate(super().choices(changelist)):
            yield choice | {"display": "Ahead"} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        if self.value() == "all":
            return queryset
        if self.value() == "past":
            return queryset.filter(ends_at__lte=now).order_by("-starts_at")
        if self.value() == "undecided":
            ahead = CallDate.objects.filter(starts_at__gt=now).select_related("schedule")
            return queryset.filter(pk__in=dates.undecided(ahead))
        return queryset.filter(ends_at__gt=now)


@admin.register(CallDate)
class CallDateAdmin(AttendancePages, NoAdding):
    list_display = ["day", "series", "hours", "state", "decide", "topic", "people"]
    list_filter = [Which, "status", "schedule__series"]
    list_select_related = ["schedule__series"]
    date_hierarchy = "starts_at"
    ordering = ["starts_at"]
    list_per_page = 30
    form = admin_forms.TopicForm
    change_form_template = "admin/calls/calldate/change_form.html"
    fields = ["series", "day", "hours", "state", "topic", "speaker"]
    readonly_fields = ["series", "day", "hours", "state"]

    # name → (button, title, the form that asks, what is done with it)
    verbs: dict[str, tuple[str, str]] = {
        "cancel": ("Cancel", "Cancel this date"),
        "move": ("Move", "Move this date"),
        "keep": ("Hold it anyway", "Hold it although the office is closed"),
        "restore": ("Hold it after all", "Hold it when the rule has it"),
        "remove": ("Take out", "Take this date out altogether"),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallDate]:
        rows: QuerySet[CallDate] = super().get_queryset(request)
        return rows.select_related("schedule__series").annotate(were_there=Count("attendance"))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        closures = dates.undecided(changelist.result_list)
        for row in changelist.result_list:
            row.closure = closures.get(row.pk, "")
        return changelist

    @admin.display(description="day", ordering="starts_at")
    def day(self, row: CallDate) -> str:
        return words.short_day(row.local_start)

    @admin.display(description="call", ordering="schedule__series__name")
    def series(self, row: CallDate) -> str:
        return row.schedule.series.name

    @admin.display(description="hours")
    def hours(self, row: CallDate) -> str:
        return words.said(row.times[:1])

    @admin.display(description="state")
    def state(self, row: CallDate) -> str:
        if row.status != CallDate.Status.ON:
            return f"{row.get_status_display()}: {row.reason}".rstrip(": ")
        return f"Moved from {row.moved_from}" if row.moved_from else "On"

    @admin.display(description="decide")
    def decide(self, row: CallDate) -> str:
        closure = getattr(row, "closure", "")
        if not closure:
            return ""
        links = format_html_join(
            ", ", '<a href="{}">{}</a>', self._verb_links(row, ["keep", "move", "cancel"])
        )
        return format_html("<strong>Falls on {}</strong>: {}", closure, links)

    @admin.display(description="were there", ordering="were_there")
    def people(self, row: Any) -> str:
        return str(row.were_there or "")

    def _verb_links(self, row: CallDate, verbs: Iterable[str]) -> list[tuple[str, str]]:
        return [
            (reverse("admin:calls_calldate_verb", args=[row.pk, verb]), self.verbs[verb][0])
            for verb in verbs
        ]

    def save_model(
        self, request: HttpRequest, obj: CallDate, form: ModelForm, change: bool
    ) -> None:
        data = form.cleaned_data
        try:
            dates.annotate(obj, topic=data["topic"], speaker=data["speaker"])
        except Refused as refused:
            messages.error(request, str(refused))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = CallDate.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        links = self._verb_links(row, self.verbs) if row else []
        return super().change_view(
            request, object_id, form_url, {"verb_links": links, **(extra_context or {})}
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.verb_view)
        return [
            path("<int:pk>/do/<slug:verb>/", view, name="calls_calldate_verb"),
            *super().get_urls(),
        ]

    def verb_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Ask what a verb needs, do it, and say whom it was told to."""
        row = self.found(request, pk, "schedule__series")
        if verb not in self.verbs:
            return redirect("admin:calls_calldate_change", pk)
        form = self._verb_form(verb, row, request)
        if form.is_valid():
            try:
                self._do(verb, row, form)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                self.log_change(request, row, f"{self.verbs[verb][1]}.")
                messages.success(request, f"Done: {self.verbs[verb][1].lower()}, {row}.")
                if verb in {"move", "restore"}:
                    row.refresh_from_db()
                    warn_of_closure(request, row)
                return redirect("admin:calls_calldate_changelist")
        told = "" if verb == "keep" else f"{len(dates.active_ids(row.schedule.series))}"
        context = {
            "title": f"{self.verbs[verb][1]}: {row}",
            "intro": f"{told} people are signed up and hear of it by email, once." if told else "",
            "button": self.verbs[verb][0],
        }
        return self.ask(request, row, form, context)

    def _verb_form(self, verb: str, row: CallDate, request: HttpRequest) -> Form:
        data = request.POST if request.method == "POST" else None
        if verb == "cancel":
            return admin_forms.CancelForm(data)
        if verb == "move":
            start = row.local_start
            initial = {"day": start.date(), "time": start.time()}
            return admin_forms.MoveForm(data, plan=row.schedule, initial=initial)
        return admin_forms.NothingForm(data)

    def _do(self, verb: str, row: CallDate, form: Form) -> None:
        if isinstance(form, admin_forms.MoveForm):
            dates.move(row, form.starts_at, form.cleaned_data["reason"])
        elif isinstance(form, admin_forms.CancelForm):
            dates.cancel(row, form.cleaned_data["reason"])
        else:
            {"keep": dates.keep, "restore": dates.restore, "remove": dates.remove}[verb](row)
