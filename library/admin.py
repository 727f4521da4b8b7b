from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.contrib.postgres.forms import SimpleArrayField
from django.http import HttpRequest

from library import link_admin  # noqa: F401 (its list of links)
from library.models import Audience, Claim, Resource, ResourceType, Topic


class Lines(SimpleArrayField):
    """One a line: a name may hold a comma."""

    def __init__(self) -> None:
        super().__init__(
            forms.CharField(max_length=200),
            delimiter="\n",
            required=False,
            help_text="One a line, in the order of the work itself.",
            widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        )

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = "\n".join(line for line in value.splitlines() if line.strip())
        return super().to_python(value)


class ResourceForm(forms.ModelForm):
    authors = Lines()
    organizations = Lines()
    also_provides = forms.MultipleChoiceField(
        choices=ResourceType, required=False, widget=forms.CheckboxSelectMultiple
    )
    url = forms.URLField(
        label="Link",
        max_length=500,
        required=False,
        empty_value=None,
        assume_scheme="https",
        widget=AdminURLFieldWidget,
        help_text=Resource._meta.get_field("url").help_text,
    )


class ClaimInline(admin.StackedInline):
    model = Claim
    extra = 0


@admin.register(Resource)
class ResourceAdmin(admin.ModelAdmin):
    form = ResourceForm
    list_display = ["title", "byline", "type", "placement", "position", "reviewed_on", "published"]
    list_filter = ["placement", "published", "type", "topics", "audiences"]
    search_fields = ["title", "short_name", "summary", "slug", "topics__name"]
    autocomplete_fields = ["topics", "audiences"]
    inlines = [ClaimInline]
    fieldsets = [
        (None, {"fields": ["title", "slug", "published", "placement", "position"]}),
        (
            "What it is",
            {
                "fields": [
                    "authors",
                    "organizations",
                    "short_name",
                    "type",
                    "also_provides",
                    "named_part",
                    "edition",
                    "series",
                    "number",
                    "part_of",
                    "summary",
                ]
            },
        ),
        ("Whom it helps", {"fields": ["topics", "audiences", "region"]}),
        ("Where it is", {"fields": ["url", "url_is_site", "link_label", "reviewed_on"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Resource | None = None) -> list[str]:
        """An address once given is bookmarked and stays."""
        return ["slug"] if obj else []


@admin.register(Topic, Audience)
class WordAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name", "slug"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Topic | Audience | None = None
    ) -> list[str]:
        return ["slug"] if obj else []
