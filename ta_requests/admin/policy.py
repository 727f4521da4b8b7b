"""The hours and the promise, dated: what has begun stays as it is, a newer one follows it."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from ta_requests import queries
from ta_requests.admin import reports
from ta_requests.models import Cycle, Policy


class PolicyForm(forms.ModelForm):
    class Meta:
        model = Policy
        fields = ["starts_on", "office_days", "opens", "closes"]
        error_messages = {"starts_on": {"unique": "Another policy begins on that day already."}}

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if day <= timezone.localdate():
            raise forms.ValidationError(
                "Choose tomorrow or a later day: what came in before was promised an answer "
                "under the policy of its day."
            )
        return day


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin):
    list_display = ["starts_on", "hours", "office_days", "state"]
    form = PolicyForm
    actions = None
    change_form_template = "admin/ta_requests/policy/change_form.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return queries.is_manager(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return queries.is_manager(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Begun, it has been told to people.
        has_begun = isinstance(obj, Policy) and obj.starts_on <= timezone.localdate()
        return queries.is_manager(request.user) and not has_begun

    has_delete_permission = has_change_permission

    def has_module_permission(self, request: HttpRequest) -> bool:
        return queries.is_manager(request.user)

    @admin.display(description="state")
    def state(self, row: Policy) -> str:
        if row.starts_on > timezone.localdate():
            return "To come"
        return "In force" if row == queries.policy() else "Past"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.report_view)
        return [path("report/", view, name="ta_requests_report"), *super().get_urls()]

    def report_view(self, request: HttpRequest) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return reports.view(request, frame)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["open_promises"] = Cycle.objects.filter(ended_at=None).count()
        context["tomorrow"] = timezone.localdate() + timedelta(1)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            messages.warning(
                request,
                "No promise moves. The page says the new hours from that day on; write to "
                "those whom it concerns yourself, and see that the closures are right.",
            )
