"""Who changed what of a resource, and the way back."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from hub.admin_pages import Asking, staff
from hub.refusal import Refused
from library import cells
from library.admin_forms import RestoreForm
from library.models import Resource
from library.services import history
from library.services.history import VERSIONS, Snapshot

_A_PAGE = 50


class History(Asking):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("deleted/", view(self.deleted), name="library_resource_deleted"),
            path(
                "version/<int:version>/restore/",
                view(self.restore),
                name="library_resource_restore",
            ),
            *super().get_urls(),
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Each change with who made it and what it was; of a deleted resource too."""
        pk = unquote(object_id)
        resource = Resource.objects.filter(pk=pk).first() if pk.isdecimal() else None
        if not self.has_view_or_change_permission(request, resource):
            raise PermissionDenied
        rows = history.versions(int(pk)) if pk.isdecimal() else VERSIONS.objects.none()
        pages = Paginator(rows, _A_PAGE)
        page = pages.get_page(request.GET.get("p"))
        # One more, to say what the last of the page changed.
        first = page.start_index() - 1
        told = list(rows[max(first, 0) : page.end_index() + 1])
        if not told and resource is None:
            raise Http404
        context = {
            "title": f"History: {resource or told[0].title}",
            "changes": _changes(told)[: page.end_index() - first] if told else [],
            "page": page,
            "resource": resource,
            "may_change": self.has_change_permission(request, resource),
        }
        return self.ask(request, resource, None, context, "admin/library/resource/history.html")

    def deleted(self, request: HttpRequest) -> HttpResponse:
        """What was deleted, with the way back."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        context = {
            "title": "Deleted resources",
            "rows": history.deleted()[:200],
            "may_change": self.has_change_permission(request),
        }
        return self.ask(request, None, None, context, "admin/library/resource/deleted.html")

    def restore(self, request: HttpRequest, version: int) -> HttpResponse:
        """Show what a resource becomes when it is put back, then do it."""
        self.check_may_change(request)
        row = get_object_or_404(VERSIONS, pk=version)
        form = RestoreForm(request.POST if request.method == "POST" else None)
        error = ""
        if form.is_valid():
            try:
                resource = history.restore(version, staff(request), form.cleaned_data["newest"])
            except Refused as refused:
                error = str(refused)
            else:
                self.log_change(request, resource, "Put back as it was.")
                messages.success(request, f"“{resource}” is put back as it was.")
                return redirect("admin:library_resource_change", resource.pk)
        resource_now = Resource.objects.filter(pk=row.id).first()
        newest = history.versions(row.id)[0]
        wanted = history.as_it_would_be(row)
        now = history.present(resource_now) if resource_now else None
        context = {
            "title": f"Put back: {row.title}",
            "row": row,
            "resource": resource_now,
            "differences": _differences(now, wanted),
            "error": error,
            "button": "Put it back",
        }
        form = RestoreForm(initial={"newest": newest.pk})
        return self.ask(request, resource_now, form, context, "admin/library/resource/restore.html")


def _changes(rows: list[Any]) -> list[dict[str, Any]]:
    """Each row of history with what it changed and the row before it, the newest first."""
    said = history.snapshots(rows)
    names = _names(said.values())
    made = []
    for row, older in zip(rows, [*rows[1:], None], strict=True):
        differences = []
        if older and row.history_type != "-":
            differences = _differences(said[older.pk], said[row.pk], names)
        made.append({"row": row, "before": older, "differences": differences})
    return made


def _differences(
    old: Snapshot | None, new: Snapshot, names: dict[str, dict[int, str]] | None = None
) -> list[tuple[str, str, str]]:
    """(field, old, new) of whatever is not the same; of nothing, all that is there."""
    names = names or _names([each for each in (old, new) if each])
    found = []
    for column, value in new.values.items():
        was = old.values[column] if old else None
        if column == "id" or was == value or (old is None and value in (None, "", [])):
            continue
        field = Resource._meta.get_field(column)
        label = str(field.verbose_name)  # type: ignore[union-attr]
        found.append((_label(label), _said(field, was) if old else "", _said(field, value)))
    for name, ids in new.words.items():
        before = old.words[name] if old else frozenset()
        if before != ids:
            found.append((_label(name), _listed(names[name], before), _listed(names[name], ids)))
    return found


def _names(snapshots: Any) -> dict[str, dict[int, str]]:
    snapshots = list(snapshots)
    return {
        name: history.named(name, {pk for each in snapshots for pk in each.words[name]})
        for name in history.WORDS
    }


def _listed(names: dict[int, str], ids: frozenset[int]) -> str:
    return "; ".join(sorted(names[pk] for pk in ids))


def _label(name: str) -> str:
    return name[:1].upper() + name[1:]


def _said(field: Any, value: Any) -> str:
    if isinstance(value, str) and value and (named := dict(field.flatchoices).get(value)):
        return str(named)
    return cells.said(value)
