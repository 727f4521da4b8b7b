"""What the back-office pages of every app share."""

import re
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import (
    AutocompleteMixin,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
)
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from hub.models import User

# As every row of the back office has it; the database holds no longer ones.
ROW_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


def staff(request: HttpRequest) -> User:
    """Who acts: nobody else gets as far as these pages."""
    return User.objects.get(email=request.user.get_username())


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


class _DrawnAgain(AutocompleteMixin):
    """Asks for the rows that were chosen by their numbers; Django, by whatever was sent."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        numbers = [one for one in value if ROW_NUMBER.fullmatch(str(one))]
        return super().optgroups(name, numbers, attr)


class _OneRow(_DrawnAgain, AutocompleteSelect):
    pass


class _ManyRows(_DrawnAgain, AutocompleteSelectMultiple):
    pass


class Choosing(admin.ModelAdmin):
    """Its `autocomplete_fields` bear a form that no browser made."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = _OneRow(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = _ManyRows(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


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
        template: str = "admin/ask.html",
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
