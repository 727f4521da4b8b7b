"""Resources: one at a time, and several at once."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from hub.admin_pages import Choosing, staff
from hub.spreadsheets import Exporting
from library.admin.history import History
from library.admin.imports import Imports, ResourceTable
from library.admin.order import Order
from library.admin_forms import ResourceForm, WordsForm
from library.models import Claim, Resource
from library.services import curation, history
from library.views import shown


class ClaimInline(admin.StackedInline):
    model = Claim
    extra = 0


class ReviewFilter(admin.SimpleListFilter):
    title = "review"
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("due", f"Not for {curation.REVIEW_EVERY_MONTHS} months"), ("never", "Never")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "never":
            return queryset.filter(reviewed_on=None)
        if self.value() == "due":
            due = curation.not_reviewed_since(timezone.localdate())
            return queryset.filter(pk__in=due.order_by().values("pk"))
        return queryset


def _words_action(
    name: str, verb: Callable[..., int], title: str, happened: str
) -> Callable[..., HttpResponse | None]:
    """An action that asks which topics or audiences."""

    def action(
        model_admin: "ResourceAdmin", request: HttpRequest, queryset: QuerySet[Resource]
    ) -> HttpResponse | None:
        return model_admin.ask_words(request, queryset, name, verb, title, happened)

    action.__name__ = f"{verb.__name__.removesuffix('_words')}_{name}"
    return admin.action(description=title, permissions=["change"])(action)


@admin.register(Resource)
class ResourceAdmin(Choosing, Exporting, Order, Imports, History):
    form = ResourceForm
    resource_classes = [ResourceTable]
    import_export_change_list_template = "admin/library/resource/change_list.html"
    change_form_template = "admin/library/resource/change_form.html"
    list_display = ["title", "byline", "type", "placement", "position", "reviewed_on", "published"]
    list_filter = ["placement", "published", ReviewFilter, "type", "topics", "audiences"]
    search_fields = ["title", "short_name", "summary", "slug", "topics__name"]
    autocomplete_fields = ["topics", "audiences"]
    inlines = [ClaimInline]
    actions = [
        "publish",
        "unpublish",
        "mark_reviewed",
        _words_action("topics", curation.add_words, "Add topics", "Topics added to"),
        _words_action("topics", curation.remove_words, "Remove topics", "Topics removed from"),
        _words_action("audiences", curation.add_words, "Add audiences", "Audiences added to"),
        _words_action(
            "audiences", curation.remove_words, "Remove audiences", "Audiences removed from"
        ),
    ]
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
                    "year",
                    "edition",
                    "series",
                    "number",
                    "part_of",
                    "summary",
                ]
            },
        ),
        ("Whom it helps", {"fields": ["topics", "audiences", "region"]}),
        (
            "Where it is",
            {
                "fields": [
                    "url",
                    "url_is_site",
                    "link_label",
                    "archived_url",
                    "file",
                    "access",
                    "reviewed_on",
                ]
            },
        ),
    ]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/", view(self.preview), name="library_resource_preview"),
            path(
                "<int:pk>/publish/",
                view(require_POST(self.publish_view)),
                name="library_resource_publish",
            ),
            path("review/", view(self.review), name="library_resource_review"),
            *super().get_urls(),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Resource | None = None) -> list[str]:
        """An address once given is bookmarked and stays."""
        return ["slug", "published"] if obj else ["published"]

    # -- one row of history for each change, also where it is of several tables
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.was = history.present(Resource.objects.get(pk=obj.pk)) if change else None
        if not change:
            # Only a button publishes.
            obj.published = False
        obj.skip_history_when_saving = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        resource = Resource.objects.get(pk=form.instance.pk)
        if history.present(resource) != form.instance.was:
            history.record([resource.pk], staff(request), kind="~" if change else "+")

    def delete_model(self, request: HttpRequest, obj: Resource) -> None:
        curation.delete([obj.pk], staff(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Resource]) -> None:
        curation.delete(list(queryset.values_list("pk", flat=True)), staff(request))

    # -- pages of their own
    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The public page as it is now, for staff, whether anybody else sees it or not."""
        return shown(request, self.found(request, pk), "admin/library/resource/preview.html")

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show one resource to everybody, or take it back; `publish` says which."""
        resource = self.found(request, pk)
        show = request.POST.get("publish") == "yes"
        if curation.set_published([pk], show, staff(request)):
            self.log_change(request, resource, "Published." if show else "Unpublished.")
        if show:
            messages.success(request, f"“{resource}” is published: everybody sees it.")
        else:
            messages.success(request, f"“{resource}” is a draft: only staff see it.")
        return redirect("admin:library_resource_change", pk)

    def review(self, request: HttpRequest) -> HttpResponse:
        """What nobody looked through for a year; a button says that somebody has."""
        self.check_may_change(request)
        today = timezone.localdate()
        if request.method == "POST" and (pk := request.POST.get("reviewed", "")).isdecimal():
            for resource in Resource.objects.filter(pk=pk[:18]):
                curation.mark_reviewed([resource.pk], today, staff(request))
                self.log_change(request, resource, "Reviewed.")
                messages.success(request, f"“{resource}”: reviewed today.")
            return redirect("admin:library_resource_review")
        due = curation.not_reviewed_since(today)
        context = {
            "title": "Not reviewed for a while",
            "due": due[:100],
            "count": due.count(),
            "months": curation.REVIEW_EVERY_MONTHS,
        }
        return self.ask(request, None, None, context, "admin/library/resource/review.html")

    # -- several at once
    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Resource]) -> None:
        self._several(request, queryset, "Published", curation.set_published, True)

    @admin.action(description="Unpublish: make them drafts", permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Resource]) -> None:
        self._several(request, queryset, "Unpublished", curation.set_published, False)

    @admin.action(description="Mark as reviewed today", permissions=["change"])
    def mark_reviewed(self, request: HttpRequest, queryset: QuerySet[Resource]) -> None:
        today = timezone.localdate()
        self._several(request, queryset, "Marked as reviewed", curation.mark_reviewed, today)

    def _several(
        self,
        request: HttpRequest,
        queryset: QuerySet[Resource],
        happened: str,
        verb: Callable[..., int],
        *said: Any,
    ) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        self._tell(request, happened, verb(ids, *said, staff(request)), len(ids))

    def _tell(self, request: HttpRequest, happened: str, changed: int, chosen: int) -> None:
        same = f" {chosen - changed} of those chosen were so already." if changed < chosen else ""
        messages.success(
            request, f"{happened}: {changed} resource{'s' if changed != 1 else ''}.{same}"
        )

    def ask_words(
        self,
        request: HttpRequest,
        queryset: QuerySet[Resource],
        name: str,
        verb: Callable[..., int],
        title: str,
        happened: str,
    ) -> HttpResponse | None:
        """Ask which topics or audiences, then give them to the resources chosen, or take them."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        asked = "asked" in request.POST
        form = WordsForm(
            request.POST if asked else None,
            name=name,
            action=request.POST.getlist("action")[0],
            chosen=request.POST.getlist(ACTION_CHECKBOX_NAME),
            initial={"select_across": request.POST.get("select_across", "")},
        )
        ids = list(queryset.values_list("pk", flat=True))
        if form.is_valid():
            changed = verb(ids, name, form.cleaned_data["words"], staff(request))
            self._tell(request, happened, changed, len(ids))
            return None
        context = {"title": title, "button": title, "resources": queryset, "count": len(ids)}
        return self.ask(request, None, form, context, "admin/library/resource/words.html")
