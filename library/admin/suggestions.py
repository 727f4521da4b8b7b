"""What visitors would add: an inbox, and the two answers to each."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from hub.admin_pages import ReadOnly, staff
from hub.models import User
from hub.refusal import Refused
from library.models import Suggestion
from library.services import suggestions


@admin.register(Suggestion)
class SuggestionAdmin(ReadOnly):
    list_display = ["title", "link", "who", "received_at", "state"]
    list_filter = ["state"]
    search_fields = ["title", "url"]
    date_hierarchy = "received_at"
    change_form_template = "admin/library/suggestion/change_form.html"
    fields = [
        "title",
        "link",
        "why",
        "name",
        "email",
        "received_at",
        "state",
        "dealt_with_at",
        "dealt_with_by",
        "resource",
    ]

    @admin.display(description="Link")
    def link(self, suggestion: Suggestion) -> str:
        if not suggestion.url:
            return "None given"
        return format_html(
            '<a href="{}" rel="noopener noreferrer">{}</a>', suggestion.url, suggestion.url
        )

    @admin.display(description="From")
    def who(self, suggestion: Suggestion) -> str:
        return suggestion.name or suggestion.email or "Not said, or no longer kept"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # People may ask to be deleted, and spam is nothing to keep.
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def may_answer(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/take/",
                view(require_POST(self.take)),
                name="library_suggestion_take",
            ),
            path(
                "<int:pk>/decline/",
                view(require_POST(self.decline)),
                name="library_suggestion_decline",
            ),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        suggestion = context.get("original")
        is_new = suggestion is not None and suggestion.state == Suggestion.State.NEW
        context["may_answer"] = is_new and self.may_answer(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def take(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a draft of it, and open that."""
        draft = self._answered(request, pk, suggestions.take)
        if draft is None:
            return redirect("admin:library_suggestion_change", pk)
        messages.success(
            request, f"“{draft}” is a draft: fill it in, then publish it. Only staff see it yet."
        )
        return redirect("admin:library_resource_change", draft.pk)

    def decline(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self._answered(request, pk, suggestions.decline) is None:
            return redirect("admin:library_suggestion_change", pk)
        messages.success(request, "The suggestion is declined. Nobody is told.")
        return redirect("admin:library_suggestion_changelist")

    def _answered(self, request: HttpRequest, pk: int, verb: Callable[[int, User], Any]) -> Any:
        """What the verb returned; None when it said why it cannot be."""
        suggestion = get_object_or_404(Suggestion, pk=pk)
        if not self.may_answer(request):
            raise PermissionDenied
        try:
            result = verb(pk, staff(request))
        except Refused as refused:
            messages.error(request, str(refused))
            return None
        suggestion.refresh_from_db()
        self.log_change(request, suggestion, f"{suggestion.get_state_display()}.")
        return result
