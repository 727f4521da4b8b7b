"""Agencies that offer to host, and people who want to hear of trainings."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from import_export import resources
from import_export.fields import Field

from hub.admin_pages import Asking, NoAdding, ReadOnly
from hub.refusal import Refused
from hub.spreadsheets import Exporting, Harmless
from trainings.admin_forms import StageForm
from trainings.models import HostOffer, NewsRequest
from trainings.services import interest


class HostOfferResource(Harmless, resources.ModelResource):
    """Offers as a table."""

    training = Field(attribute="course__title", column_name="training")
    stage = Field(attribute="get_stage_display", column_name="stage")

    class Meta:
        model = HostOffer
        fields = [
            "training",
            "agency",
            "name",
            "email",
            "phone",
            "dates",
            "city",
            "state",
            "room",
            "attorneys",
            "licensed_in",
            "note",
            "stage",
            "staff_note",
            "created_at",
        ]
        export_order = fields


@admin.register(HostOffer)
class HostOfferAdmin(Exporting, Asking, NoAdding):
    resource_classes = [HostOfferResource]
    list_display = ["agency", "city", "state", "dates", "attorneys", "stage", "created_at"]
    list_filter = ["stage", "course", "state"]
    list_select_related = ["course"]
    search_fields = ["agency", "name", "email", "city"]
    change_form_template = "admin/trainings/hostoffer/change_form.html"
    readonly_fields = [
        "stage",
        "offering",
        "course",
        "agency",
        "name",
        "email",
        "phone",
        "dates",
        "city",
        "state",
        "room",
        "attorneys",
        "licensed_in",
        "note",
        "created_at",
    ]
    fields = [*readonly_fields, "staff_note"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # An agency may ask us to delete what it wrote.
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def get_urls(self) -> list[URLPattern]:
        stage = self.admin_site.admin_view(self.stage_view)
        return [
            path("<int:pk>/stage/", stage, name="trainings_hostoffer_stage"),
            *super().get_urls(),
        ]

    def stage_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take an offer to its next stage, with a note that its history keeps."""
        offer = self.found(request, pk, "course")
        before = offer.get_stage_display()
        form = StageForm(request.POST or None, offer=offer)
        if form.is_valid():
            stage, note = form.cleaned_data["stage"], form.cleaned_data["note"]
            offering = form.cleaned_data.get("offering")
            try:
                offer = interest.move_offer(pk, stage, note, offering)
            except Refused as refused:
                form.add_error("offering" if offering else "stage", str(refused))
            else:
                said = f"From {before} to {offer.get_stage_display()}."
                if offering:
                    said += f" Offering: {offering}."
                self.log_change(request, offer, f"{said} {note}".strip())
                messages.success(request, f"{offer}: {offer.get_stage_display().lower()}.")
                return redirect("admin:trainings_hostoffer_change", pk)
        context = {"title": f"New stage: {offer}", "intro": f"Now: {before}."}
        return self.ask(request, offer, form, context)


@admin.register(NewsRequest)
class NewsRequestAdmin(ReadOnly):
    list_display = ["email", "course", "region", "state", "created_at"]
    list_filter = ["state", "course", "region"]
    list_select_related = ["course"]
    search_fields = ["email"]
    ordering = ["-pk"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # People may ask by phone or letter to be deleted.
        return admin.ModelAdmin.has_delete_permission(self, request, obj)
