"""Certificates: issued for a day in one action, looked up, downloaded, revoked."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from hub.admin_pages import Asking, ReadOnly, staff
from hub.refusal import Refused
from trainings.admin.base import by_offering
from trainings.models import Activity, Approval, Certificate
from trainings.services import certificates, offerings
from trainings.services.certificates import Report
from trainings.views.certificates import as_file

SUBSTANTIVE = (
    "Substantive change: the agenda is not what it was when credit was approved. Ask the "
    "authority before you issue certificates."
)


class RevokeForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        help_text="For us only; the certificate’s public page says no more than “revoked”.",
        error_messages={"required": "Say why this certificate is revoked."},
    )


class CertificatePages(Asking):
    """The page of a day that issues its certificates; mixed into the admin of activities."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.certificates_view)
        return [
            path("<int:pk>/certificates/", view, name="trainings_activity_certificates"),
            *super().get_urls(),
        ]

    def certificates_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Look at who would get what; then a button."""
        activity: Activity = self.found(request, pk, "offering__course")
        try:
            if request.method == "POST":
                report = certificates.issue(activity, staff(request))
                messages.success(request, _said(report))
                if report.unsupported:
                    messages.warning(
                        request,
                        "A letter of these names cannot be printed and shows as �: "
                        f"{', '.join(report.unsupported)}. Look at their certificates.",
                    )
                return redirect("admin:trainings_activity_certificates", pk)
            report, problem = certificates.preview(activity), ""
        except Refused as refused:
            report, problem = Report(), str(refused)
        context = {
            "title": f"Issue certificates: {activity}",
            "problem": problem,
            "substantive": SUBSTANTIVE if offerings.changed_since_approval(activity) else "",
            "warnings": _warnings(activity, report),
            "rows": _rows(report),
        }
        return self.ask(request, activity, None, context, "admin/trainings/certificates.html")


def _rows(report: Report) -> list[tuple[str, list[str]]]:
    return [
        ("Certificates to issue", report.issued),
        ("Letters of attendance to issue", report.letters),
        ("To replace: name, number or credit has changed", report.renewed),
        ("Issued already", report.already),
        ("Waiting: credit is pending approval", report.pending),
        ("Held: an attorney without a bar number, who is asked for it by email", report.held),
        ("No attendance that counts", report.absent),
        ("A time without an end, not counted until you set it", report.no_end),
        ("Hold a paper that says more than is recorded now: look at it", report.doubtful),
    ]


def _said(report: Report) -> str:
    return (
        f"Issued: {_count(report.issued, 'certificate')} and {_count(report.letters, 'letter')} of "
        f"attendance; replaced: {len(report.renewed)}. Issued already: {len(report.already)}. "
        f"Pending approval: {len(report.pending)}. Without a bar number: {len(report.held)}."
    )


def _count(names: list[str], what: str) -> str:
    return f"{len(names)} {what}" if len(names) == 1 else f"{len(names)} {what}s"


def _warnings(activity: Activity, report: Report) -> list[str]:
    has_number = settings.MCLE_PROVIDER_NUMBER or not (
        Approval.objects.filter(activity=activity, number="", status="approved").exists()
    )
    if report.issued and not has_number:
        return ["The certificates will have no provider or approval number: enter it first."]
    return []


@admin.register(Certificate)
class CertificateAdmin(ReadOnly, Asking):
    change_form_template = "admin/trainings/certificate/change_form.html"
    list_display = ["code", "person", "activity", "kind", "revision", "issued_at", "standing"]
    list_filter = [
        "kind",
        ("revoked_at", admin.EmptyFieldListFilter),
        by_offering("activity__offering"),
    ]
    list_select_related = ["registration", "activity__offering", "replaced_by"]
    search_fields = ["code", "registration__name", "registration__email"]
    ordering = ["-pk"]
    date_hierarchy = "issued_at"
    readonly_fields = ["person", "standing", "file", "newer"]
    fields = [
        "code",
        "person",
        "activity",
        "kind",
        "revision",
        "issued_at",
        "standing",
        "newer",
        "file",
        "template_version",
        "input_hash",
        "pdf_hash",
    ]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/pdf/", wrap(self.pdf_view), name="trainings_certificate_download"),
            path("<int:pk>/revoke/", wrap(self.revoke_view), name="trainings_certificate_revoke"),
            *super().get_urls(),
        ]

    @admin.display(description="person", ordering="registration__name")
    def person(self, row: Certificate) -> str:
        return row.registration.name

    @admin.display(description="standing")
    def standing(self, row: Certificate) -> str:
        if row.revoked_at:
            return f"Revoked: {row.revoke_reason}"
        return f"Replaced by {row.replaced_by}" if row.replaced_by else "In force"

    @admin.display(description="file, made again just now")
    def file(self, row: Certificate) -> str:
        return certificates.check(row)

    @admin.display(description="in force instead")
    def newer(self, row: Certificate) -> str:
        found = certificates.newest(row)
        if found.pk == row.pk:
            return "This one"
        address = reverse("admin:trainings_certificate_change", args=[found.pk])
        return format_html('<a href="{}">{}</a>', address, found.code)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = Certificate.objects.filter(pk=object_id if object_id.isdigit() else 0).first()
        can = row and not row.revoked_at and not row.replaced_by_id and _may_change(request)
        context = {"may_revoke": can, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def found(self, request: HttpRequest, pk: int, *related: str) -> Certificate:
        """Rows here are only looked at, so to revoke one takes the right of its own."""
        if not _may_change(request):
            raise PermissionDenied
        return get_object_or_404(Certificate.objects.select_related("registration"), pk=pk)

    def pdf_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(Certificate, pk=pk)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        try:
            return as_file(certificates.pdf(row), row.code)
        except (KeyError, TypeError, ValueError):
            messages.error(request, certificates.check(row))
            return redirect("admin:trainings_certificate_change", pk)

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.found(request, pk)
        form = RevokeForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                certificates.revoke(row, form.cleaned_data["reason"], staff(request))
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, f"{row.code} is revoked, and its public page says so.")
                return redirect("admin:trainings_certificate_change", pk)
        context = {
            "title": f"Revoke {row.code}",
            "intro": f"The certificate of {row.registration.name} stops being valid at once. "
            "This cannot be undone.",
            "button": "Revoke",
        }
        return self.ask(request, row, form, context)


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("trainings.change_certificate")
