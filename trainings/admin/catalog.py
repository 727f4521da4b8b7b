from django.contrib import admin
from django.http import HttpRequest

from hub.change_log import ChangeLog
from trainings.admin_forms import CourseForm, PriceForm
from trainings.models import Course, PriceOption


class PriceOptionInline(admin.TabularInline):
    model = PriceOption
    form = PriceForm
    extra = 0
    max_num = len(PriceOption.Kind)
    fields = ["kind", "amount_cents", "amount", "condition", "covers"]
    readonly_fields = ["amount"]

    @admin.display(description="Shown as")
    def amount(self, option: PriceOption) -> str:
        return option.amount


@admin.register(Course)
class CourseAdmin(ChangeLog):
    form = CourseForm
    change_form_template = "admin/trainings/course/change_form.html"
    list_display = ["title", "credit", "price", "level", "published", "position"]
    list_filter = ["published", "level", "sponsors_wanted"]
    search_fields = ["title", "summary", "audience_text", "slug"]
    inlines = [PriceOptionInline]
    fieldsets = [
        (None, {"fields": ["title", "slug", "published", "position"]}),
        (
            "What is taught",
            {
                "fields": [
                    "summary",
                    "level",
                    ("hours", "days"),
                    "audience_text",
                    "region",
                    "practice_areas",
                    "topics",
                ]
            },
        ),
        (
            "Credit and price",
            {
                "fields": [
                    "mcle_text",
                    ("mcle_max_hours", "mcle_up_to"),
                    "mcle_special",
                    "mcle_condition",
                    "price_text",
                ]
            },
        ),
        (
            "Hosting",
            {
                "fields": [
                    "sponsors_wanted",
                    "sponsor_role",
                    "sponsor_where",
                    "sponsor_what",
                    "sponsor_how",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        return super().get_queryset(request).prefetch_related("options")

    def get_readonly_fields(self, request: HttpRequest, obj: Course | None = None) -> list[str]:
        """An address once given is bookmarked and stays."""
        return ["slug"] if obj else []
