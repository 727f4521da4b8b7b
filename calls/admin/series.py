"""Series: what a call is, when it is held, its extra dates."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet, URLField
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from calls import admin_forms, dates, queries, schedule, services
from calls.admin.closures import warn_of_closure
from calls.models import CallSeries, SignUp
from hub import words
from hub.admin_pages import Asking
from hub.change_log import ChangeLog
from hub.models import Closure
from hub.refusal import Refused

SIGN_UP = SignUp.State


@admin.register(CallSeries)
class CallSeriesAdmin(ChangeLog, Asking):
    # Revoked ones have no business in a log.
    unsaid = frozenset({"joining_url", "joining_phone", "joining_passcode"})
    list_display = ["name", "held", "next_date", "people", "waiting", "published"]
    list_filter = ["published"]
    search_fields = ["name"]
    ordering = ["position", "name"]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    change_form_template = "admin/calls/callseries/change_form.html"
    fieldsets = [
        (None, {"fields": ["name", "slug", "audience", "summary", "topics", "cost"]}),
        (
            "How to join",
            {
                "fields": ["joining_url", "joining_phone", "joining_passcode"],
                "description": "Seen only by people with an active sign-up. When you change "
                "these, each of them is mailed the new details.",
            },
        ),
        ("On the site", {"fields": ["flyer", "needs_approval", "published", "position"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallSeries]:
        series: QuerySet[CallSeries] = super().get_queryset(request).prefetch_related("schedules")
        return series.annotate(
            active=Count("sign_ups", filter=Q(sign_ups__state=SIGN_UP.ACTIVE)),
            awaiting=Count("sign_ups", filter=Q(sign_ups__state=SIGN_UP.AWAITING)),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Bookmarks and calendars hold the address.
        return ["slug"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="held")
    def held(self, series: CallSeries) -> str:
        plan = queries.current_schedule(series)
        return f"{plan.sentence}, {plan.times_text}" if plan else "No times set yet"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        following = queries.next_dates([series.pk for series in changelist.result_list])
        for series in changelist.result_list:
            series.following = following.get(series.pk)
        return changelist

    @admin.display(description="next date")
    def next_date(self, series: Any) -> str:
        return words.day(series.following.local_start) if series.following else "None"

    @admin.display(description="signed up", ordering="active")
    def people(self, series: Any) -> str:
        address = reverse("admin:calls_signup_changelist")
        return format_html(
            '<a href="{}?series__id__exact={}&state__exact=active">{}</a>',
            address,
            series.pk,
            series.active,
        )

    @admin.display(description="waiting for approval", ordering="awaiting")
    def waiting(self, series: Any) -> str:
        address = reverse("admin:calls_signup_changelist")
        return format_html(
            '<a href="{}?series__id__exact={}&state__exact=awaiting">{}</a>',
            address,
            series.pk,
            series.awaiting,
        )

    def save_model(
        self, request: HttpRequest, obj: CallSeries, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        joining = {"joining_url", "joining_phone", "joining_passcode"} & set(form.changed_data)
        if joining or {"name", "summary"} & set(form.changed_data):
            dates.series_changed(obj)
        if change and joining:
            services.tell_joining_details(obj)

    def response_add(
        self, request: HttpRequest, obj: CallSeries, post_url_continue: Any = None
    ) -> HttpResponse:
        messages.success(request, f"{obj.name} is written. Now say when it is held.")
        return redirect("admin:calls_callseries_schedule", obj.pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        series = CallSeries.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        return super().change_view(
            request, object_id, form_url, {"series": series, **(extra_context or {})}
        )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/schedule/", wrap(self.schedule_view), name="calls_callseries_schedule"),
            path("<int:pk>/extra/", wrap(self.extra_view), name="calls_callseries_extra"),
            *super().get_urls(),
        ]

    def schedule_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say when a call is held; saved only after its next ten dates were seen."""
        series = self.found(request, pk)
        plan = queries.current_schedule(series)
        initial = admin_forms.ScheduleForm.initial_from(plan) if plan else {}
        form = admin_forms.ScheduleForm(request.POST or None, initial=initial)
        context: dict[str, Any] = {"title": f"When is it held? {series.name}", "plan": plan}
        if form.is_valid():
            if request.POST.get("seen") == form.said and "save" in request.POST:
                values = {
                    name: form.cleaned_data[name]
                    for name in ("rule", "begins", "start_time", "minutes", "zone")
                }
                try:
                    new = dates.set_schedule(series, **values)
                except Refused as refused:
                    form.add_error("begins", str(refused))
                else:
                    self.log_change(request, series, f"Set the times: {new}.")
                    messages.success(request, f"{series.name}: {new}.")
                    return redirect("admin:calls_callseries_change", pk)
            else:
                context |= self._preview(form)
        return self.ask(request, series, form, context, "admin/calls/schedule.html")

    def _preview(self, form: admin_forms.ScheduleForm) -> dict[str, Any]:
        proposed = form.preview()
        closed = Closure.names_between(proposed[0], proposed[-1])

        return {
            "seen": form.said,
            "sentence": schedule.sentence(form.cleaned_data["rule"]),
            "proposed": [(day, closed.get(day, "")) for day in proposed],
        }

    def extra_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        series = self.found(request, pk)
        plan = queries.current_schedule(series)
        if plan is None:
            messages.error(request, "Say first when the call is held.")
            return redirect("admin:calls_callseries_schedule", pk)
        form = admin_forms.ExtraForm(request.POST or None, plan=plan)
        if form.is_valid():
            data = form.cleaned_data
            try:
                extra = dates.add(
                    plan, form.starts_at, topic=data["topic"], speaker=data["speaker"]
                )
            except Refused as refused:
                form.add_error("day", str(refused))
            else:
                self.log_change(request, series, "Added an extra date.")
                messages.success(request, f"Added {words.day(extra.local_start)}.")
                warn_of_closure(request, extra)
                return redirect("admin:calls_calldate_changelist")
        return self.ask(request, series, form, {"title": f"Extra date: {series.name}"})
