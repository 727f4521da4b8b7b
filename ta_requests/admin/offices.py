from django.contrib import admin
from django.http import HttpRequest

from hub.change_log import ChangeLog
from ta_requests.models import Area, Service


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin):
    """There is one service: it is changed, never added to or taken away."""

    list_display = ["name", "phone", "turnaround_text"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Service | None = None) -> bool:
        return False


@admin.register(Area)
class AreaAdmin(ChangeLog):
    list_display = ["name", "position", "open_ended"]
    list_editable = ["position"]
    search_fields = ["name", "slug"]

    def get_readonly_fields(self, request: HttpRequest, obj: Area | None = None) -> list[str]:
        return ["slug"] if obj else []
