"""The pages of a day: the tick-list, Zoom's file, a time entered by hand, typed codes."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from hub import words
from hub.admin_pages import Asking, NoAdding, ReadOnly, staff
from hub.refusal import Refused
from hub.zoom import BadFile
from trainings.admin.base import by_offering
from trainings.attendance_forms import IntervalForm, TicksForm, ZoomForm
from trainings.models import Activity, Attendance, CodeTry, Registration
from trainings.services import attendance


class AttendancePages(Asking):
    """Pages below an activity's own; mixed into its admin."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/ticks/", wrap(self.ticks_view), name="trainings_activity_ticks"),
            path("<int:pk>/zoom/", wrap(self.zoom_view), name="trainings_activity_zoom"),
            path("<int:pk>/time/", wrap(self.interval_view), name="trainings_activity_interval"),
            *super().get_urls(),
        ]

    def ticks_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who is in the room: on paper, or on a phone at the door."""
        activity: Activity = self.found(request, pk, "offering__course")
        form = TicksForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            data = form.cleaned_data
            try:
                added, removed = attendance.tick(
                    activity, data["here"], staff(request), was=data["was"]
                )
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                said = f"Ticked {added}, taken back {removed}."
                self.log_change(request, activity, f"Attendance list: {said}")
                messages.success(request, f"Saved. {said}")
                return redirect("admin:trainings_activity_ticks", pk)
        others = Attendance.objects.filter(activity=activity)
        people = (
            Registration.objects.filter(
                offering=activity.offering_id, state=Registration.State.CONFIRMED
            )
            .order_by("name", "pk")
            .prefetch_related(Prefetch("attendance", queryset=others, to_attr="times_there"))
        )
        rows = [_Line(one, activity, form) for one in people]
        context = {
            "title": f"Attendance: {activity.title}",
            "activity": activity,
            "day": words.day(activity.local_start),
            "rows": rows,
            # One field however many people: the number of fields of a form is limited.
            "was": ",".join(str(row.person.pk) for row in rows if row.was),
            "ticked": sum(row.is_ticked for row in rows),
        }
        return self.ask(request, activity, form, context, "admin/trainings/ticks.html")

    def zoom_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take in Zoom's participants file, and show what did not fit."""
        activity: Activity = self.found(request, pk, "offering__course")
        form = ZoomForm(request.POST or None, request.FILES or None)
        context: dict[str, Any] = {
            "title": f"Zoom participants: {activity}",
            "zone": words.ZONES[activity.offering.zone],
        }
        if form.is_valid():
            try:
                report = attendance.import_zoom(activity, form.cleaned_data["file"], staff(request))
            except BadFile as bad:
                form.add_error("file", str(bad))
            else:
                said = f"{report.added} times added, {report.changed} changed"
                self.log_change(request, activity, f"Zoom file: {said}.")
                context["report"] = report
                context["problems"] = [(one, _by_hand(activity, one)) for one in report.problems]
                form = ZoomForm()
        return self.ask(request, activity, form, context, "admin/trainings/zoom.html")

    def interval_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Enter when somebody was there, or set the end of a time that has none."""
        activity: Activity = self.found(request, pk, "offering__course")
        form = IntervalForm(
            request.POST or None, activity=activity, initial=IntervalForm.asked(request.GET)
        )
        if form.is_valid():
            data = form.cleaned_data
            try:
                if data["open_row"]:
                    row = attendance.set_end(
                        data["open_row"].pk, data["end"], data["reason"], staff(request)
                    )
                else:
                    row = attendance.add_interval(
                        data["registration"],
                        activity,
                        data["start"],
                        data["end"],
                        data["reason"],
                        staff(request),
                    )
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                self.log_change(request, activity, f"Time entered: {row}. {data['reason']}")
                messages.success(request, f"Saved for {row.registration.name}.")
                return redirect("admin:trainings_activity_change", pk)
        zone = words.ZONES[activity.offering.zone]
        hours = words.clocks(
            activity.local_start, activity.ends_at.astimezone(activity.local_start.tzinfo)
        )
        context = {
            "title": f"Enter a time: {activity}",
            "intro": f"{hours} {zone}. What is outside the agenda, and breaks, do not count.",
        }
        return self.ask(request, activity, form, context)


class _Line:
    """One person on the tick-list. After a refusal the page keeps what was ticked."""

    def __init__(self, person: Any, activity: Activity, form: TicksForm) -> None:
        self.person = person
        saved = any(row.source == Attendance.Source.TICK for row in person.times_there)
        self.was = saved
        self.is_ticked = person.pk in form.kept if form.is_bound else saved
        zone = activity.local_start.tzinfo
        self.others = [
            f"{row.get_source_display()}: "
            + (
                words.clocks(row.starts_at.astimezone(zone), row.ends_at.astimezone(zone))
                if row.ends_at
                else f"{words.clock(row.starts_at.astimezone(zone))}, no end"
            )
            for row in person.times_there
            if row.source != Attendance.Source.TICK
        ]


def _by_hand(activity: Activity, problem: attendance.Problem) -> str:
    """The address at which a row of the file is entered by hand, its times filled in."""
    address = reverse("admin:trainings_activity_interval", args=[activity.pk])
    zone = activity.local_start.tzinfo
    given = [
        f"{name}={moment.astimezone(zone):%H:%M}"
        for name, moment in (("begins", problem.start), ("ends", problem.end))
        if moment
    ]
    return f"{address}?{'&'.join(given)}"


class Undecided(admin.SimpleListFilter):
    """Right codes typed after their window: staff say whether they count."""

    title = "late codes"
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("undecided", "Late: decide")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "undecided":
            return queryset
        return queryset.filter(outcome=CodeTry.Outcome.LATE, decided_at=None)


@admin.register(CodeTry)
class CodeTryAdmin(NoAdding):
    list_display = ["person", "session", "outcome", "typed_at", "decided_at"]
    list_filter = [Undecided, "outcome", by_offering("activity__offering")]
    list_select_related = ["registration", "segment", "activity__offering"]
    search_fields = ["registration__name", "registration__email"]
    ordering = ["-at"]
    actions = ["accept", "decline"]
    readonly_fields = ["person", "session", "outcome", "typed_at", "decided_at"]
    fields = [*readonly_fields]

    @admin.display(description="person", ordering="registration__name")
    def person(self, row: CodeTry) -> str:
        return row.registration.name

    @admin.display(description="session")
    def session(self, row: CodeTry) -> str:
        return row.segment.title if row.segment else ""

    @admin.display(description="typed", ordering="at")
    def typed_at(self, row: CodeTry) -> str:
        return words.moment(row.at, row.activity.offering.zone)

    @admin.action(description="Let late codes count", permissions=["change"])
    def accept(self, request: HttpRequest, queryset: QuerySet[CodeTry]) -> None:
        rows = queryset.filter(outcome=CodeTry.Outcome.LATE, decided_at=None)
        for row in rows:
            attendance.accept_code(row.pk, staff(request), timezone.now())
            self.log_change(request, row, "Late code accepted.")
        messages.success(request, f"Accepted: {len(rows)}. Other rows stay as they are.")

    @admin.action(description="Leave late codes uncounted", permissions=["change"])
    def decline(self, request: HttpRequest, queryset: QuerySet[CodeTry]) -> None:
        rows = queryset.filter(outcome=CodeTry.Outcome.LATE, decided_at=None)
        for row in rows:
            attendance.decline_code(row.pk, timezone.now())
            self.log_change(request, row, "Late code declined.")
        messages.success(request, f"Declined: {len(rows)}. Other rows stay as they are.")


@admin.register(Attendance)
class AttendanceAdmin(ReadOnly):
    """Every time of attendance, to look up; changed on the pages of its day."""

    list_display = ["person", "activity", "said", "source", "reason"]
    list_filter = [
        "source",
        ("ends_at", admin.EmptyFieldListFilter),
        by_offering("activity__offering"),
    ]
    list_select_related = ["registration", "activity__offering"]
    search_fields = ["registration__name", "registration__email"]
    ordering = ["-pk"]

    @admin.display(description="person", ordering="registration__name")
    def person(self, row: Attendance) -> str:
        return row.registration.name

    @admin.display(description="there", ordering="starts_at")
    def said(self, row: Attendance) -> str:
        zone = row.activity.local_start.tzinfo
        start = row.starts_at.astimezone(zone)
        if row.ends_at is None:
            return f"{words.clock(start)}, no end yet"
        return words.clocks(start, row.ends_at.astimezone(zone))
