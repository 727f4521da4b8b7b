"""What changed of a curated row: who, when, from what to what, and the way back.

Kept in the admin's own log, beside who and when. The way back opens the form with the words
as they were: saving it is a change like any other, with its checks and all that follows.
"""

import json
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

_A_PAGE = 50
_PLAIN = (str, int, bool, type(None))


class ChangeLog(admin.ModelAdmin):
    """Mixed into the admin of a model that staff curate, before its other classes."""

    # Of these the log says that they changed, and not what they were.
    unsaid: frozenset[str] = frozenset()

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[dict[str, Any]]:
        said: list[dict[str, Any]] = super().construct_change_message(request, form, formsets, add)
        values = {
            name: [form.initial.get(name), form.cleaned_data.get(name)]
            for name in form.changed_data
            if name not in self.unsaid
        }
        for each in said:
            # The row's own fields, and not those of rows edited beside it.
            if "name" not in each.get("changed", {"name": ""}):
                each["changed"]["values"] = {
                    name: pair
                    for name, pair in values.items()
                    if all(isinstance(value, _PLAIN) for value in pair)
                }
        return said

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        page = Paginator(self._entries(row.pk), _A_PAGE).get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"History: {row}",
            "opts": self.opts,
            "original": row,
            "page": page,
            "changes": [(entry, self._lines(entry)) for entry in page],
            "may_change": self.has_change_permission(request, row),
        }
        return TemplateResponse(request, "admin/change_log.html", context)

    def _entries(self, pk: Any) -> QuerySet[LogEntry]:
        kind = ContentType.objects.get_for_model(self.model)
        rows = LogEntry.objects.filter(content_type=kind, object_id=str(pk))
        return rows.select_related("user").order_by("-action_time", "-pk")

    def _lines(self, entry: LogEntry) -> list[tuple[str, Any, Any]]:
        """(field, old, new) of each value the log has."""
        labels = {field.name: field for field in self.opts.get_fields()}
        return [
            (str(getattr(labels.get(name), "verbose_name", name)), old, new)
            for name, (old, new) in _values(entry).items()
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if self._as_it_was(request, object_id):
            messages.info(
                request,
                "What that change replaced is filled in as it was before. Look at it, then save.",
            )
        return super().change_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        was = self._as_it_was(request, obj.pk) if obj else {}
        if not was:
            return form

        class AsItWas(form):  # type: ignore[misc, valid-type]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs | {"initial": was})

        return AsItWas

    def _as_it_was(self, request: HttpRequest, pk: Any) -> dict[str, Any]:
        """field → value before the change that the address asks to undo."""
        number = request.GET.get("undo", "")
        if request.method != "GET" or not (number.isascii() and number.isdecimal()):
            return {}
        entry = self._entries(pk).filter(pk=number).first()
        return {name: old for name, (old, _) in _values(entry).items()} if entry else {}


def _values(entry: LogEntry) -> dict[str, list[Any]]:
    # Verbs log a sentence; the form logs JSON.
    if not entry.change_message.startswith("["):
        return {}
    values: dict[str, list[Any]] = {}
    for each in json.loads(entry.change_message):
        values |= each.get("changed", {}).get("values", {})
    return values
