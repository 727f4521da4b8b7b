"""Resources as a table: out of the library, and back into it after a look at what changes."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from import_export import resources

from hub.admin_pages import Asking, staff
from hub.models import User
from hub.refusal import Refused
from hub.words import listed
from library import cells, table, uploads
from library.admin_forms import ConfirmForm, TableForm
from library.models import Resource
from library.services import imports

_SALT = "library.import"
GONE = "The file is not there any more. Choose it again."


class ResourceTable(resources.ModelResource):
    """The columns that an import reads, each cell as it reads it."""

    class Meta:
        model = Resource
        fields = list(cells.COLUMNS)
        export_order = fields

    def filter_export(self, queryset: QuerySet[Resource], **kwargs: Any) -> QuerySet[Resource]:
        return queryset.prefetch_related("topics", "audiences")

    def export_field(self, field: Any, instance: Resource, **kwargs: Any) -> str:
        value = getattr(instance, field.column_name)
        if field.column_name in {"topics", "audiences"}:
            value = sorted(word.slug for word in value.all())
        return cells.written(value)


class Imports(Asking):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name="library_resource_import"),
            *super().get_urls(),
        ]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file, show what it would change, and do just that once somebody says yes."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        if "plan" in request.POST:
            return self._confirmed(request)
        sent = request.method == "POST"
        form = TableForm(request.POST, request.FILES) if sent else TableForm()
        if form.is_valid():
            data = form.cleaned_data["file"].read()
            try:
                plan = imports.plan(table.read(data))
            except Refused as refused:
                form.add_error("file", str(refused))
            else:
                return self._preview(request, plan, data)
        return self._ask_file(request, form)

    def _ask_file(self, request: HttpRequest, form: TableForm) -> HttpResponse:
        context = {
            "title": "Import resources",
            "columns": cells.COLUMNS,
            "button": "Show what it would change",
        }
        return self.ask(request, None, form, context, "admin/library/resource/import.html")

    def _preview(
        self, request: HttpRequest, plan: imports.Plan, data: bytes, error: str = ""
    ) -> HttpResponse:
        form = None
        if not plan.wrong and (plan.new or plan.changed):
            said = [uploads.keep(data), plan.fingerprint, staff(request).pk]
            form = ConfirmForm(initial={"plan": signing.dumps(said, salt=_SALT)})
        context = {
            "title": "What the file would change",
            "plan": plan,
            "error": error,
            "sum": _sum(len(plan.new), len(plan.changed)),
            "button": "Import all of this",
        }
        return self.ask(request, None, form, context, "admin/library/resource/plan.html")

    def _confirmed(self, request: HttpRequest) -> HttpResponse:
        by = staff(request)
        name, fingerprint = _signed(request.POST["plan"], by)
        data = uploads.kept(name) if name else None
        if data is None:
            messages.error(request, GONE)
            return redirect("admin:library_resource_import")
        read = table.read(data)
        try:
            plan = imports.carry_out(read, fingerprint, by)
        except Refused as refused:
            uploads.drop(name)
            return self._preview(request, imports.plan(read), data, str(refused))
        uploads.drop(name)
        new, changed = len(plan.new), len(plan.changed)
        messages.success(request, f"Imported: {_sum(new, changed)}.")
        return redirect("admin:library_resource_changelist")


def _signed(text: str, by: User) -> tuple[str, str]:
    """The name of the file and the fingerprint of the plan that this person was shown."""
    try:
        name, fingerprint, shown_to = signing.loads(text, salt=_SALT, max_age=uploads.KEPT_FOR)
    except signing.BadSignature:
        return "", ""
    return (name, fingerprint) if shown_to == by.pk else ("", "")


def _sum(new: int, changed: int) -> str:
    """2 new resources and 1 changed one"""
    said = []
    if new:
        said.append(f"{new} new resource{'s' if new != 1 else ''}")
    if changed:
        said.append(f"{changed} changed resource{'s' if changed != 1 else ''}")
    return listed(said) or "nothing"
