"""The back office of calls: forms and lists only; every change is a verb's."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet, URLField
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from import_export import resources
from import_export.admin import ExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX

from calls import admin_forms, dates, queries, schedule, services
from calls.models import Announcement, CallDate, CallSeries, SignUp
from hub import words
from hub.models import Closure, User

SIGN_UP = SignUp.State


@admin.register(CallSeries)
class CallSeriesAdmin(admin.ModelAdmin):
    list_display = ["name", "held", "next_date", "people", "waiting", "published"]
    list_filter = ["published"]
    search_fields = ["name"]
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
            path("<int:pk>/mail/", wrap(self.mail_view), name="calls_callseries_mail"),
            *super().get_urls(),
        ]

    def schedule_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say when a call is held; saved only after its next ten dates were seen."""
        series = self._series(request, pk)
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
                except dates.Refused as refused:
                    form.add_error("begins", str(refused))
                else:
                    self.log_change(request, series, f"Set the times: {new}.")
                    messages.success(request, f"{series.name}: {new}.")
                    return redirect("admin:calls_callseries_change", pk)
            else:
                context |= self._preview(form)
        return self._form(request, form, series, context, "admin/calls/schedule.html")

    def _preview(self, form: admin_forms.ScheduleForm) -> dict[str, Any]:
        proposed = form.preview()
        closed = Closure.names_between(proposed[0], proposed[-1])

        return {
            "seen": form.said,
            "sentence": schedule.sentence(form.cleaned_data["rule"]),
            "proposed": [(day, closed.get(day, "")) for day in proposed],
        }

    def extra_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        series = self._series(request, pk)
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
            except dates.Refused as refused:
                form.add_error("day", str(refused))
            else:
                self.log_change(request, series, "Added an extra date.")
                messages.success(request, f"Added {words.day(extra.local_start)}.")
                _warn_of_closure(request, extra)
                return redirect("admin:calls_calldate_changelist")
        return self._form(request, form, series, {"title": f"Extra date: {series.name}"})

    def mail_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        series = self._series(request, pk)
        writer = User.objects.get(email=request.user.get_username())
        form = admin_forms.AnnouncementForm(request.POST or None)
        count = len(dates.active_ids(series))
        if form.is_valid():
            services.announce(
                series,
                subject=form.cleaned_data["subject"],
                text=form.cleaned_data["text"],
                by=writer,
            )
            self.log_change(request, series, f"Mailed the {count} people in.")
            messages.success(request, f"The mail goes out to {count} people now.")
            return redirect("admin:calls_callseries_change", pk)
        context = {
            "title": f"Mail everyone signed up: {series.name}",
            "intro": f"{count} people are in and get this mail, each one for themselves.",
            "button": f"Send to {count} people",
        }
        return self._form(request, form, series, context)

    def _series(self, request: HttpRequest, pk: int) -> CallSeries:
        series = get_object_or_404(CallSeries.objects.prefetch_related("schedules"), pk=pk)
        if not self.has_change_permission(request, series):
            raise PermissionDenied
        return series

    def _form(
        self,
        request: HttpRequest,
        form: Form,
        series: CallSeries,
        context: dict[str, Any],
        template: str = "admin/calls/form.html",
    ) -> HttpResponse:
        return render(
            request,
            template,
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "original": series,
                "form": form,
                "button": "Save",
                **context,
            },
        )


def _warn_of_closure(request: HttpRequest, row: CallDate) -> None:
    """Say that a day somebody just chose is one on which the office is closed."""
    day = row.local_start.date()
    for name in Closure.names_between(day, day).values():
        messages.warning(
            request, f"{words.day(day)} falls on {name}. The call takes place unless you cancel it."
        )


class OnClosure(admin.SimpleListFilter):
    """Dates that need a decision: the office is closed and nobody has said what then."""

    title = "closure"
    parameter_name = "closure"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("undecided", "Falls on a closure: decide")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "undecided":
            return queryset
        ahead = CallDate.objects.filter(starts_at__gt=timezone.now()).select_related("schedule")
        return queryset.filter(pk__in=dates.undecided(ahead))


@admin.register(CallDate)
class CallDateAdmin(admin.ModelAdmin):
    list_display = ["day", "series", "hours", "state", "decide", "topic", "speaker"]
    list_filter = [OnClosure, "status", "schedule__series"]
    list_select_related = ["schedule__series"]
    date_hierarchy = "starts_at"
    ordering = ["starts_at"]
    list_per_page = 60
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
        return super().get_queryset(request).select_related("schedule__series")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        closures = dates.undecided(changelist.result_list)
        for row in changelist.result_list:
            row.closure = closures.get(row.pk, "")
        return changelist

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="day", ordering="starts_at")
    def day(self, row: CallDate) -> str:
        return words.day(row.local_start)

    @admin.display(description="call", ordering="schedule__series__name")
    def series(self, row: CallDate) -> str:
        return row.schedule.series.name

    @admin.display(description="hours")
    def hours(self, row: CallDate) -> str:
        return words.said(row.times)

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
        except dates.Refused as refused:
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
        row = get_object_or_404(CallDate.objects.select_related("schedule__series"), pk=pk)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        if verb not in self.verbs:
            return redirect("admin:calls_calldate_change", pk)
        form = self._verb_form(verb, row, request)
        if form.is_valid():
            try:
                self._do(verb, row, form)
            except dates.Refused as refused:
                form.add_error(None, str(refused))
            else:
                self.log_change(request, row, f"{self.verbs[verb][1]}.")
                messages.success(request, f"Done: {self.verbs[verb][1].lower()}, {row}.")
                if verb in {"move", "restore"}:
                    row.refresh_from_db()
                    _warn_of_closure(request, row)
                return redirect("admin:calls_calldate_changelist")
        told = "" if verb == "keep" else f"{len(dates.active_ids(row.schedule.series))}"
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"{self.verbs[verb][1]}: {row}",
            "intro": f"{told} people are signed up and hear of it by email, once." if told else "",
            "form": form,
            "button": self.verbs[verb][0],
        }
        return render(request, "admin/calls/form.html", context)

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


class SignUpResource(resources.ModelResource):
    """Who is signed up, as a table."""

    call = Field(attribute="series__name", column_name="call")
    role = Field(attribute="get_role_display", column_name="role")
    state = Field(attribute="get_state_display", column_name="state")

    class Meta:
        model = SignUp
        fields = ["call", "name", "email", "organization", "role", "state", "joined_at"]
        export_order = fields

    def export_field(self, *args: Any, **kwargs: Any) -> Any:
        """A spreadsheet must not take what a stranger typed for a formula."""
        value = super().export_field(*args, **kwargs)
        if isinstance(value, str) and value.lstrip()[:1] in {"=", "+", "-", "@"}:
            return f"'{value}"
        return value


@admin.register(SignUp)
class SignUpAdmin(ExportMixin, admin.ModelAdmin):
    resource_classes = [SignUpResource]
    export_formats = [CSV, XLSX]
    # With the mark by which Excel knows that accents are UTF-8.
    to_encoding = "utf-8-sig"
    list_display = ["name", "email", "organization", "role", "series", "state", "joined_at"]
    list_filter = ["state", "series", "role"]
    list_select_related = ["series"]
    search_fields = ["name", "email", "organization"]
    date_hierarchy = "created_at"
    actions = ["approve", "take_out"]
    readonly_fields = [
        "name",
        "email",
        "organization",
        "role",
        "series",
        "state",
        "joined_at",
        "created_at",
        "left_at",
    ]
    fields = [*readonly_fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        # Half of the secret in a mailed link: not to be guessed at letter by letter.
        if lookup.startswith("nonce"):
            return False
        allowed: bool = super().lookup_allowed(lookup, value, request)
        return allowed

    @admin.action(description="Approve: mail them how to join", permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[SignUp]) -> None:
        waiting = list(queryset.filter(state=SIGN_UP.AWAITING))
        for sign_up in waiting:
            services.approve(sign_up.pk)
            self.log_change(request, sign_up, "Approved.")
        messages.success(request, f"Approved: {len(waiting)}. Each of them is mailed how to join.")

    @admin.action(description="Take out of the call", permissions=["change"])
    def take_out(self, request: HttpRequest, queryset: QuerySet[SignUp]) -> None:
        for sign_up in queryset.exclude(state=SIGN_UP.LEFT):
            services.leave(sign_up.pk)
            self.log_change(request, sign_up, "Taken out.")
        messages.success(request, "Done. Those who were in are told by email.")


@admin.register(Announcement)
class AnnouncementAdmin(admin.ModelAdmin):
    list_display = ["subject", "series", "written_by", "created_at"]
    list_filter = ["series"]
    list_select_related = ["series", "written_by"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
