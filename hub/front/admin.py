from django.contrib import admin

from hub.admin_pages import Choosing
from hub.front.models import Reading


@admin.register(Reading)
class ReadingAdmin(Choosing):
    list_display = ["resource", "course", "position", "note"]
    list_filter = ["course"]
    list_select_related = ["resource", "course"]
    search_fields = ["resource__title", "course__title", "note"]
    autocomplete_fields = ["course", "resource"]
