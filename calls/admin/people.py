"""Who is signed up, and what was mailed to them."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export import resources
from import_export.fields import Field

from calls import services
from calls.models import SignUp
from hub.admin_pages import NoAdding
from hub.spreadsheets import Exporting, Harmless

SIGN_UP = SignUp.State


class SignUpResource(Harmless, resources.ModelResource):
    """Who is signed up, as a table."""

    call = Field(attribute="series__name", column_name="call")
    role = Field(attribute="get_role_display", column_name="role")
    state = Field(attribute="get_state_display", column_name="state")

    class Meta:
        model = SignUp
        fields = ["call", "name", "email", "organization", "role", "state", "joined_at"]
        export_order = fields


@admin.register(SignUp)
class SignUpAdmin(Exporting, NoAdding):
    resource_classes = [SignUpResource]
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
        "wants_announcements",
    ]
    fields = [*readonly_fields]

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
