"""Reporting attendance to the State Bar: what is due, the file, and that it was sent."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from hub import words
from hub.admin_pages import Asking
from trainings import agenda, state_bar
from trainings.models import Activity, ReportColumn
from trainings.services import offerings


class UploadFilter(admin.SimpleListFilter):
    """The queue of what the State Bar still has to get, soonest due first by `ordering`."""

    title = "State Bar upload"
    parameter_name = "upload"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("due", "To be uploaded"),
            ("soon", "Due within 14 days, or late"),
            ("done", "Uploaded"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        if self.value() == "done":
            return queryset.exclude(uploaded_at=None)
        if self.value() not in {"due", "soon"}:
            return queryset
        queue = queryset.filter(uploaded_at=None, ends_at__lt=now).order_by("ends_at")
        if self.value() == "soon":
            # Whole Pacific days: a day's slack here, exact in the column beside it.
            queue = queue.filter(ends_at__lt=now - timedelta(days=agenda.UPLOAD_DAYS - 15))
        return queue


class ReportPages(Asking):
    """The upload's columns, action and page; mixed into the admin of activities."""

    actions = ["mark_uploaded"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.report_view)
        return [
            path("<int:pk>/state-bar/", view, name="trainings_activity_report"),
            *super().get_urls(),
        ]

    @admin.display(description="State Bar upload", ordering="ends_at")
    def upload(self, row: Activity) -> str:
        address = reverse("admin:trainings_activity_report", args=[row.pk])
        return format_html('<a href="{}">{}</a>', address, upload_said(row))

    @admin.action(description="Mark as uploaded to the State Bar", permissions=["change"])
    def mark_uploaded(self, request: HttpRequest, queryset: QuerySet[Activity]) -> None:
        rows = list(queryset.filter(ends_at__lt=timezone.now()))
        offerings.mark_uploaded([row.pk for row in rows], timezone.now())
        for row in rows:
            self.log_change(request, row, "Marked as uploaded to the State Bar.")
        messages.success(request, f"Marked as uploaded: {len(rows)}. Days ahead stay as they are.")

    def report_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Look at the file, download it, and say when it was sent."""
        activity: Activity = self.found(request, pk, "offering__course")
        made = state_bar.attendance_file(activity)
        if request.method == "POST" and request.POST.get("do") == "download":
            self.log_change(request, activity, f"Downloaded {made.name}, {made.rows} rows.")
            response = HttpResponse(made.data, content_type="text/csv; charset=utf-8")
            response["Content-Disposition"] = f'attachment; filename="{made.name}"'
            return response
        if request.method == "POST" and request.POST.get("do") == "uploaded":
            if offerings.mark_uploaded([activity.pk], timezone.now()):
                self.log_change(request, activity, "Marked as uploaded to the State Bar.")
                messages.success(request, "Noted as uploaded. A later file is an amended one.")
            else:
                messages.error(request, "This day is not over yet: there is nothing to upload.")
            return redirect("admin:trainings_activity_report", pk)
        context = {
            "title": f"State Bar file: {activity}",
            "file": made,
            "state": upload_said(activity),
            "columns": ReportColumn.objects.all(),
        }
        return self.ask(request, activity, None, context, "admin/trainings/report.html")


def upload_said(row: Activity) -> str:
    """Due April 1, 2027, in 9 days (Pacific days)"""
    if row.uploaded_at:
        return f"Uploaded {words.moment(row.uploaded_at)}"
    now = timezone.now()
    if row.ends_at > now:
        return "Not held yet"
    days = (agenda.upload_due(row.ends_at) - timezone.localdate(now)).days
    if days < 0:
        return f"Late: was due {state_bar.due(row)}"
    when = "today" if days == 0 else f"in {days} {'day' if days == 1 else 'days'}"
    return f"Due {state_bar.due(row)}, {when}"


@admin.register(ReportColumn)
class ReportColumnAdmin(admin.ModelAdmin):
    list_display = ["position", "field", "heading"]
    list_display_links = ["field"]
    list_editable = ["position", "heading"]
