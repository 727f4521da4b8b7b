"""The words by which resources are found: topics, audiences, and ways to write one thing."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from hub.admin_pages import Asking, staff
from hub.refusal import Refused
from library.admin_forms import AliasForm, MergeForm
from library.models import Alias, Audience, Topic
from library.services import words


@admin.register(Topic, Audience)
class WordAdmin(Asking):
    list_display = ["name", "slug", "used"]
    search_fields = ["name", "slug"]
    ordering = ["name"]
    change_form_template = "admin/library/word/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(uses=Count("resources"))
        return rows

    @admin.display(description="Resources", ordering="uses")
    def used(self, word: Any) -> int:
        count: int = word.uses
        return count

    def get_readonly_fields(
        self, request: HttpRequest, obj: Topic | Audience | None = None
    ) -> list[str]:
        return ["slug"] if obj else []

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.merge)
        name = f"library_{self.opts.model_name}_merge"
        return [path("<int:pk>/merge/", view, name=name), *super().get_urls()]

    def merge(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take another one's resources into this one; the other is deleted."""
        kept = self.found(request, pk)
        if not self.has_delete_permission(request):
            raise PermissionDenied
        form = MergeForm(request.POST if request.method == "POST" else None, kept=kept)
        if form.is_valid():
            gone = self.model._default_manager.filter(pk=form.cleaned_data["gone"]).first()
            try:
                if gone is None:
                    raise Refused("Somebody merged or deleted that one a moment ago.")
                moved = words.merge(self.model, kept.pk, gone.pk, staff(request))
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                self.log_change(request, kept, f"“{gone.name}” merged into it.")
                messages.success(
                    request,
                    f"“{gone.name}” is now “{kept.name}”, for {moved} "
                    f"resource{'s' if moved != 1 else ''} that had it.",
                )
                return redirect(f"admin:library_{self.opts.model_name}_change", kept.pk)
        context = {
            "title": f"Merge into “{kept.name}”",
            "intro": f"“{kept.name}” stays. What you choose is deleted, and each resource that "
            f"has it gets “{kept.name}” instead. Its old links lead to “{kept.name}”. This "
            "cannot be taken back in one step.",
            "button": f"Merge into “{kept.name}”",
        }
        return self.ask(request, kept, form, context)

    def delete_model(self, request: HttpRequest, obj: Topic | Audience) -> None:
        words.delete(self.model, [obj.pk], staff(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        words.delete(self.model, list(queryset.values_list("pk", flat=True)), staff(request))


@admin.register(Alias)
class AliasAdmin(admin.ModelAdmin):
    form = AliasForm
    list_display = ["__str__"]
    search_fields = ["terms"]
