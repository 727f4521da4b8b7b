from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from hub import mail_admin, outbox, people
from hub.admin_pages import NoAdding, ReadOnly
from hub.models import AuditEvent, Closure, Mail, Organization, User
from hub.offers import keepers, on_closures
from hub.staff_pages import StaffPages

# Whoever is another person by what changed is signed out.
RIGHTS = {"email", "is_active", "is_staff", "is_superuser", "groups"}

__all__ = ["mail_admin"]


@admin.register(User)
class UserAdmin(StaffPages):
    list_display = ["email", "name", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    fields = ["email", "name", "is_active", "is_staff", "is_superuser", "groups", "last_login"]
    readonly_fields = ["last_login"]
    filter_horizontal = ["groups"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if request.user.is_superuser:
            return self.readonly_fields
        # Else whoever may change people could give themselves every right.
        return [*self.readonly_fields, "is_staff", "is_superuser", "groups"]

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        # Not to be guessed at letter by letter.
        if lookup.startswith("password"):
            return False
        allowed: bool = super().lookup_allowed(lookup, value, request)
        return allowed

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Their sessions end with what they might do in them; one's own goes on."""
        super().save_related(request, form, formsets, change)
        if RIGHTS & set(form.changed_data):
            people.end_sessions(form.instance, but=request.session.session_key)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_touch(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_touch(request, obj) and super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What an app must keep of somebody stands against deleting them, alone or with others."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        for user in objs:
            kept = [f"{user}: {why}" for keep in keepers() if (why := keep(user))]
            protected = [*protected, *kept]
        return deleted, counts, lacking, protected

    def _may_touch(self, request: HttpRequest, obj: User | None) -> bool:
        """Whose address is changed can be signed in as: staff are for superusers only."""
        return request.user.is_superuser or obj is None or not (obj.is_staff or obj.is_superuser)


@admin.register(Organization)
class OrganizationAdmin(NoAdding):
    """The one row that says who we are."""


class ClosureForm(forms.ModelForm):
    class Meta:
        model = Closure
        fields = ["date", "name", "closes_at"]
        error_messages = {
            "date": {"unique": "There is a closure on that day already. Change that one."}
        }


@admin.register(Closure)
class ClosureAdmin(admin.ModelAdmin):
    """Saved only after it was shown what the closure moves; what moves is saved with it."""

    list_display = ["name", "date", "closes_at", "confirmed_at"]
    date_hierarchy = "date"
    actions = ["confirm"]
    form = ClosureForm

    @admin.action(description="Confirm: the office is closed then", permissions=["change"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[Closure]) -> None:
        count = queryset.filter(confirmed_at=None).update(confirmed_at=timezone.now())
        messages.success(request, f"Confirmed: {count}.")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST" and (preview := self._preview(request, object_id)):
            return preview
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _preview(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """What the closure would move, unless just that was seen; None for what Django's own
        page has to say: an error, no such closure, no right to change it."""
        row = self.get_object(request, object_id) if object_id else None
        may = self.has_change_permission(request, row) if row else self.has_add_permission(request)
        if not may or (object_id and row is None):
            return None
        form = ClosureForm(request.POST, instance=row)
        if not form.is_valid() or not form.has_changed():
            return None
        days = {form.cleaned_data["date"]: form.cleaned_data["closes_at"]}
        said = [line for each in on_closures() for line in each.preview(days, request.user)]
        seen = "\n".join([str(days), *said])
        if request.POST.get("seen") == seen:
            return None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Before it is saved: {form.instance}",
            "said": said,
            "sent": [
                (name, text)
                for name, texts in request.POST.lists()
                if name not in {"csrfmiddlewaretoken", "seen"}
                for text in texts
            ],
            "seen": seen,
        }
        return render(request, "admin/hub/closure/preview.html", context)

    def save_model(self, request: HttpRequest, obj: Closure, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            for each in on_closures():
                each.apply()


class Outcome(admin.SimpleListFilter):
    title = "what became of it"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("failed", "Given up"), ("waiting", "Not sent yet"), ("sent", "Sent")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mail]) -> QuerySet[Mail]:
        match self.value():
            case "failed":
                return queryset.filter(pk__in=outbox.failed())
            case "waiting":
                return queryset.filter(sent_at=None, dropped_at=None)
            case "sent":
                return queryset.exclude(sent_at=None)
        return queryset


@admin.register(Mail)
class MailAdmin(ReadOnly):
    """What was promised and what became of it; the text is never kept."""

    list_display = ["kind", "due_at", "sent_at", "dropped_at", "attempts", "last_error"]
    list_filter = ["kind", Outcome, "last_error"]
    date_hierarchy = "created_at"
    actions = ["try_again"]

    def has_sending_permission(self, request: HttpRequest) -> bool:
        """Rows here are looked at only; the action is for who may change them all the same."""
        return request.user.has_perm("hub.change_mail")

    @admin.action(description="Try again: send what was given up", permissions=["sending"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        count = outbox.try_again(queryset.values_list("pk", flat=True))
        messages.success(request, f"To be sent within a minute: {count}.")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    """Who looked at what: for whoever answers for it, found by reference, person or day."""

    list_display = ["at", "actor", "action", "kind", "reference", "purpose", "fields"]
    list_filter = ["action", "kind"]
    list_select_related = ["actor"]
    search_fields = ["=reference", "=actor__email"]
    date_hierarchy = "at"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
