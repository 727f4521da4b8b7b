"""Offerings with their prices and days, and each day with its agenda and approvals."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from hub import words
from hub.admin_pages import Asking, NoAdding, staff
from hub.change_log import ChangeLog
from hub.models import User
from hub.refusal import Refused
from trainings import admin_forms, admin_formsets
from trainings import credits as mcle
from trainings.admin.attendance import AttendancePages
from trainings.admin.base import by_offering
from trainings.admin.certificates import CertificatePages
from trainings.admin.reports import ReportPages, UploadFilter
from trainings.models import Activity, Approval, Offering, OfferingPrice, Registration, Segment
from trainings.services import offerings, publishing, seats

SUBSTANTIVE = (
    "Substantive change: the agenda is no longer the one whose credit was approved. "
    "Ask the State Bar, then save the approval anew."
)


class OfferingPriceInline(admin.TabularInline):
    model = OfferingPrice
    form = admin_forms.PriceForm
    extra = 0
    max_num = len(OfferingPrice.Kind)
    verbose_name_plural = "prices (copied from the course if you leave them empty at first)"


class ActivityInline(admin.TabularInline):
    model = Activity
    form = admin_forms.ActivityForm
    formset = admin_formsets.ActivityFormset
    extra = 0
    fields = ["title", "day", "begins", "ends"]
    verbose_name_plural = "days, by the clock of the venue"
    show_change_link = True


@admin.register(Offering)
class OfferingAdmin(ChangeLog, Asking):
    # Given to people with a seat only.
    unsaid = frozenset({"address", "joining_url", "joining_note"})
    form = admin_forms.OfferingForm
    list_display = ["course", "when", "place", "status", "held_seats", "waiting", "agendas"]
    list_filter = ["status", "course", "is_online"]
    list_select_related = ["course"]
    search_fields = ["course__title", "city", "slug"]
    ordering = ["-pk"]
    inlines = [OfferingPriceInline, ActivityInline]
    change_form_template = "admin/trainings/offering/change_form.html"
    fieldsets = [
        (None, {"fields": ["course", "slug", "status", "seats"]}),
        (
            "Where",
            {
                "fields": [
                    "zone",
                    "is_online",
                    "city",
                    "region",
                    "address",
                    "joining_url",
                    "joining_note",
                ]
            },
        ),
        ("Times people have", {"fields": ["offer_hours", "pay_hours"]}),
    ]

    # name → (button, title)
    verbs: dict[str, tuple[str, str]] = {
        "open": ("Open registration", "Open registration"),
        "close": ("Close registration", "Close registration"),
        "cancel": ("Cancel the training", "Cancel this offering for everyone"),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offering]:
        rows: QuerySet[Offering] = super().get_queryset(request)
        seated = Q(registrations__state__in=Registration.SEATED)
        waiting = Q(registrations__state=Registration.State.WAITLISTED)
        return rows.prefetch_related("activities").annotate(
            seated=Count("registrations", filter=seated),
            waitlisted=Count("registrations", filter=waiting),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["status"]
        # Bookmarks hold the address; days and registrations belong to the course.
        frozen = ["status", "slug", "course"]
        # Its clock tells what the times of its days mean.
        return [*frozen, "zone"] if obj.days else frozen

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and (obj.published_at or obj.registrations.exists()):
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description="when")
    def when(self, row: Offering) -> str:
        return row.when or "No day yet"

    @admin.display(description="place")
    def place(self, row: Offering) -> str:
        return row.place

    @admin.display(description="seats taken", ordering="seated")
    def held_seats(self, row: Any) -> str:
        address = reverse("admin:trainings_registration_changelist")
        said = f"{row.seated} of {row.seats}"
        return format_html('<a href="{}?offering__id__exact={}">{}</a>', address, row.pk, said)

    @admin.display(description="waitlist", ordering="waitlisted")
    def waiting(self, row: Any) -> int:
        return int(row.waitlisted)

    @admin.display(description="days")
    def agendas(self, row: Offering) -> str:
        address = reverse("admin:trainings_activity_changelist")
        said = f"{len(row.days)} with agenda"
        return format_html('<a href="{}?offering__id__exact={}">{}</a>', address, row.pk, said)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        moved = [
            (row.instance, row.day_before)
            for formset in formsets
            for row in formset.forms
            if isinstance(row, admin_forms.ActivityForm) and row.day_before and row.has_changed()
        ]
        super().save_related(request, form, formsets, change)
        for activity, before in moved:
            if activity.pk:
                offerings.move_agenda(activity, before)
        if not change and not offerings.copy_prices(form.instance):
            messages.warning(request, "The course has no price either: add one before opening.")
        if change and (form.changed_data or any(each.has_changed() for each in formsets)):
            publishing.changed(form.instance.pk)
            # More seats go to those who wait.
            seats.offer_next(form.instance.pk)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.verb_view)
        return [
            path("<int:pk>/do/<slug:verb>/", view, name="trainings_offering_verb"),
            *super().get_urls(),
        ]

    def verb_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Open or close registration, after a yes."""
        row = self.found(request, pk, "course")
        if verb not in self.verbs:
            return redirect("admin:trainings_offering_change", pk)
        button, title = self.verbs[verb]
        posted = request.POST if request.method == "POST" else None
        form: Form = (
            admin_forms.ReasonForm(posted) if verb == "cancel" else admin_forms.NothingForm(posted)
        )
        if form.is_valid():
            try:
                row = self._do(verb, pk, form, staff(request))
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                self.log_change(request, row, f"{button}.")
                messages.success(request, f"{row}: {row.get_status_display().lower()}.")
                return redirect("admin:trainings_offering_change", pk)
        intro = {
            "open": "It appears on the site. People who asked to hear of it are mailed, once.",
            "close": "Nobody new can register. Those who are registered stay so.",
            "cancel": "Everyone who registered is told once, with your reason. What they paid "
            "goes back in full, and their pledges end.",
        }[verb]
        context = {"title": f"{title}: {row}", "intro": intro, "button": button}
        return self.ask(request, row, form, context)

    def _do(self, verb: str, pk: int, form: Form, by: User) -> Offering:
        if verb == "cancel":
            return publishing.cancel_offering(pk, reason=form.cleaned_data["reason"], by=by)
        if verb == "open":
            return publishing.open_registration(pk)
        return publishing.close_registration(pk)


class SegmentInline(admin.TabularInline):
    model = Segment
    form = admin_forms.SegmentForm
    formset = admin_formsets.SegmentFormset
    extra = 3
    fields = ["begins", "ends", "title", "kind", "category", "speaker", "code"]
    verbose_name = "line"
    verbose_name_plural = "agenda, by the clock of the venue"


class ApprovalInline(admin.StackedInline):
    model = Approval
    formset = admin_formsets.ApprovalFormset
    extra = 0
    max_num = len(Approval.Jurisdiction)
    readonly_fields = ["in_hours"]
    fields = [
        ("jurisdiction", "status", "number"),
        ("total", "ethics", "bias", "implicit_bias", "competence"),
        "in_hours",
        ("decided_on", "expires_on"),
    ]

    @admin.display(description="in hours, as saved")
    def in_hours(self, row: Approval) -> str:
        said = [f"{mcle.hours(row.total, 4)} in all"]
        for name, label in (
            ("ethics", "Legal Ethics"),
            ("bias", "Elimination of Bias"),
            ("implicit_bias", "Implicit Bias"),
            ("competence", "Competence"),
        ):
            if getattr(row, name):
                said.append(f"{mcle.hours(getattr(row, name), 4)} {label}")
        return ", ".join(said)


@admin.register(Activity)
class ActivityAdmin(AttendancePages, ReportPages, CertificatePages, NoAdding):
    form = admin_forms.ActivityPageForm
    inlines = [SegmentInline, ApprovalInline]
    list_display = ["title", "offering", "hours", "upload"]
    list_filter = [UploadFilter, "offering__course", by_offering("offering")]
    list_select_related = ["offering__course"]
    search_fields = ["title", "offering__course__title", "offering__city"]
    date_hierarchy = "starts_at"
    ordering = ["-starts_at"]
    change_form_template = "admin/trainings/activity/change_form.html"
    fields = ["offering_said", "title", ("day", "begins", "ends")]
    readonly_fields = ["offering_said"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Activity]:
        rows: QuerySet[Activity] = super().get_queryset(request)
        return rows.prefetch_related("offering__activities")

    @admin.display(description="offering")
    def offering_said(self, row: Activity) -> str:
        address = reverse("admin:trainings_offering_change", args=[row.offering_id])
        return format_html('<a href="{}">{}</a>', address, row.offering)

    @admin.display(description="day and hours", ordering="starts_at")
    def hours(self, row: Activity) -> str:
        return f"{words.day(row.local_start)}, {words.said(row.times)}"

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None:
            return form
        zone = obj.offering.zone

        class InZone(form):  # type: ignore[misc, valid-type]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, zone=zone, **kwargs)

        return InZone

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:
        # The approvals are held against the agenda that is saved with them.
        formsets, inlines = super()._create_formsets(request, obj, change)  # type: ignore[misc]
        lines = [one for one in formsets if isinstance(one, admin_formsets.SegmentFormset)]
        for formset in formsets:
            if isinstance(formset, admin_formsets.ApprovalFormset) and lines:
                formset.segments = lines[0]
        return formsets, inlines

    def save_model(
        self, request: HttpRequest, obj: Activity, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        before = getattr(form, "day_before", None)
        if before:
            offerings.move_agenda(obj, before)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        activity = Activity.objects.select_related("offering").get(pk=form.instance.pk)
        changed = [each for each in formsets if each.has_changed()]
        if any(isinstance(each, admin_formsets.ApprovalFormset) for each in changed):
            offerings.note_approved(activity)
        if form.changed_data or changed:
            publishing.changed(activity.offering_id, activity_id=activity.pk)
        if offerings.changed_since_approval(activity):
            messages.warning(request, SUBSTANTIVE)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = (
            Activity.objects.filter(pk=object_id)
            .select_related("offering")
            .prefetch_related("segments", "approvals")
            .first()
            if object_id.isdigit()
            else None
        )
        context: dict[str, Any] = {}
        if row:
            context = {
                "summary": admin_formsets.summary(row),
                "substantive": SUBSTANTIVE if offerings.changed_since_approval(row) else "",
            }
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )
