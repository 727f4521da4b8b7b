"""The back office's list of links: which work, which do not, which have moved."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from hub.admin_pages import ReadOnly, staff
from hub.refusal import Refused
from library import links
from library.models import LinkHealth, LinkState


class ByState(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("broken", "Broken"),
            ("failing", "Failed, not yet broken"),
            ("unknown", "Not known"),
            ("moved", "Moved for good"),
            ("works", "Works"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[LinkHealth]
    ) -> QuerySet[LinkHealth]:
        match self.value():
            case "moved":
                return queryset.exclude(goes_to="")
            case "failing":
                return queryset.filter(failures__gt=0).exclude(
                    resource__link_state=LinkState.BROKEN
                )
            case "broken" | "unknown" | "works" as state:
                return queryset.filter(resource__link_state=state)
        return queryset


@admin.register(LinkHealth)
class LinkAdmin(ReadOnly):
    """What the watcher found. Whoever may change resources may act on it."""

    list_display = [
        "title",
        "state",
        "found",
        "failures",
        "checked_at",
        "leads_to",
    ]
    list_filter = [ByState]
    list_select_related = ["resource"]
    search_fields = ["resource__title", "url", "goes_to"]
    fields = [
        "resource",
        "url",
        "state",
        "finding",
        "status",
        "goes_to",
        "archived_copy",
        "failures",
        "failed_at",
        "checked_at",
        "due_at",
    ]
    readonly_fields = ["state", "archived_copy"]
    actions = ["look_again", "take_over"]

    def has_staff_permission(self, request: HttpRequest) -> bool:
        """Rows here are looked at only; the actions change resources or when to look."""
        return request.user.has_perm("library.change_resource")

    # A relation's column would not wrap, and push what was found off the screen.
    @admin.display(description="resource", ordering="resource__title")
    def title(self, row: LinkHealth) -> str:
        return row.resource.title

    @admin.display(description="finding", ordering="finding")
    def found(self, row: LinkHealth) -> str:
        return row.finding or "Not looked at yet."

    @admin.display(description="leads to", ordering="goes_to")
    def leads_to(self, row: LinkHealth) -> str:
        return row.goes_to

    @admin.display(description="state", ordering="resource__link_state")
    def state(self, row: LinkHealth) -> str:
        return row.resource.get_link_state_display()

    @admin.display(description="archived copy")
    def archived_copy(self, row: LinkHealth) -> str:
        """Where there is none, one that works is worth saving, and one that broke finding."""
        if row.resource.archived_url:
            return row.resource.archived_url
        if row.resource.link_state == LinkState.BROKEN:
            return "None: look for one, and write it into the resource"
        return "None"

    @admin.action(description="Look again now", permissions=["staff"])
    def look_again(self, request: HttpRequest, queryset: QuerySet[LinkHealth]) -> None:
        count = links.look_again(queryset)
        messages.success(
            request, f"To be looked at in the worker’s next rounds, within minutes: {count}."
        )

    @admin.action(description="Take over the new address", permissions=["staff"])
    def take_over(self, request: HttpRequest, queryset: QuerySet[LinkHealth]) -> None:
        for row in queryset.select_related("resource"):
            try:
                links.take_over(row, staff(request))
            except Refused as refused:
                messages.warning(request, str(refused))
            else:
                self.log_change(request, row.resource, "Took over the new address of the link.")
                messages.success(
                    request, f"“{row.resource}” now links to {row.goes_to}. We look at it soon."
                )
