"""What the admin pages of trainings share."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from hub.models import User
from trainings.models import Offering


def staff(request: HttpRequest) -> User:
    """Who acts: nobody else gets as far as these pages."""
    return User.objects.get(email=request.user.get_username())


def by_offering(path: str) -> type[admin.SimpleListFilter]:
    """A filter by offering, at `path` from the row: one query however many there are."""

    class ByOffering(admin.SimpleListFilter):
        title = "offering"
        parameter_name = f"{path}__id__exact"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            rows = Offering.objects.select_related("course").prefetch_related("activities")
            return [(str(row.pk), str(row)) for row in rows]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            value = self.value() or ""
            return queryset.filter(**{path: value}) if value.isdecimal() else queryset

    return ByOffering


class NoAdding(admin.ModelAdmin):
    """Rows that only verbs make, and that are kept."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(NoAdding):
    """Rows to look at: a ledger, a history."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Asking(admin.ModelAdmin):
    """Admin pages of their own that ask something and call a verb."""

    def found(self, request: HttpRequest, pk: int, *related: str) -> Any:
        """The row, for somebody who may change it: else 404 or 403."""
        rows = self.model._default_manager.select_related(*related)
        row = get_object_or_404(rows, pk=pk)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return row

    def check_may_change(self, request: HttpRequest) -> None:
        """For a page about no one row. Raises PermissionDenied, which is a 403."""
        if not self.has_change_permission(request):
            raise PermissionDenied

    def ask(
        self,
        request: HttpRequest,
        row: Any,
        form: Form | None,
        context: dict[str, Any],
        template: str = "admin/trainings/form.html",
    ) -> HttpResponse:
        """A page in the admin's frame: `title`, `intro` and `button` come in the context."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "form": form,
            "button": "Save",
            **context,
        }
        return render(request, template, context)
