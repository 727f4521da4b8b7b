from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from hub.admin_pages import NoAdding, ReadOnly
from hub.models import Closure, Mail, Organization, User
from hub.offers import keepers


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["email", "name", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "is_active", "is_staff", "is_superuser", "groups", "last_login"]
    readonly_fields = ["last_login"]
    filter_horizontal = ["groups"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if request.user.is_superuser:
            return self.readonly_fields
        # Else whoever may change people could give themselves every right.
        return [*self.readonly_fields, "is_staff", "is_superuser", "groups"]

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


@admin.register(Closure)
class ClosureAdmin(admin.ModelAdmin):
    list_display = ["name", "date", "closes_at", "confirmed_at"]
    date_hierarchy = "date"
    actions = ["confirm"]

    @admin.action(description="Confirm: the office is closed then", permissions=["change"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[Closure]) -> None:
        count = queryset.filter(confirmed_at=None).update(confirmed_at=timezone.now())
        messages.success(request, f"Confirmed: {count}.")


@admin.register(Mail)
class MailAdmin(ReadOnly):
    """What was promised and what became of it; the text is never kept."""

    list_display = ["kind", "due_at", "sent_at", "dropped_at", "attempts", "last_error"]
    list_filter = ["kind", ("sent_at", admin.EmptyFieldListFilter), "last_error"]
    date_hierarchy = "created_at"
