"""What the admin pages of trainings share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse

from hub.admin_pages import Asking, staff
from hub.models import User
from hub.refusal import Refused
from trainings.models import Offering
from trainings.office_forms import AboutForm


def by_offering(path: str) -> type[admin.SimpleListFilter]:
    """A filter by offering, at `path` from the row: one query however many there are."""

    class ByOffering(admin.SimpleListFilter):
        title = "offering"
        # Links name a relation of the row itself; the admin refuses longer paths in an address.
        parameter_name = f"{path}__id__exact" if "__" not in path else "offering"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            rows = Offering.objects.select_related("course").prefetch_related("activities")
            return [(str(row.pk), str(row)) for row in rows]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            value = self.value() or ""
            return queryset.filter(**{path: value}) if value.isdecimal() else queryset

    return ByOffering


class HistoryInline(admin.TabularInline):
    """Rows that are only looked at."""

    can_delete = False
    verbose_name_plural = "history"
    # One query for all the rows' relations that are shown.
    related: tuple[str, ...] = ("by",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related(*self.related)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@dataclass(frozen=True, kw_only=True)
class Verb:
    """What staff do with a row, on a page that asks for what it needs.

    offered: does the state of the row allow it? do: calls the service with the row, the
    answers and who acts, and returns what happened and who is told; it may raise Refused.
    """

    button: str
    intro: str
    offered: Callable[[Any], bool]
    do: Callable[[Any, dict[str, Any], User], str]
    form: type[AboutForm] = AboutForm


class Verbs(Asking):
    """A page that is looked at, with a button for each verb the row's state allows.

    Who may change rows of the model may use them, also where no field can be edited.
    """

    change_form_template = "admin/trainings/verbs_change_form.html"
    verbs: dict[str, Verb] = {}
    # What the verbs look at, of the row's relations.
    verb_related: tuple[str, ...] = ()

    def name_of(self, row: Any) -> str:
        """How the title of the page calls the row."""
        return str(row)

    def after_verb(self, row: Any) -> str:
        """The address staff come to when it is done."""
        return reverse(f"admin:trainings_{self.opts.model_name}_change", args=[row.pk])

    def may_use_verbs(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request)

    def tools(self, row: Any) -> list[tuple[str, str]]:
        """(address, button) of each verb that the row's state allows."""
        name = f"admin:trainings_{self.opts.model_name}_verb"
        return [
            (reverse(name, args=[row.pk, key]), verb.button)
            for key, verb in self.verbs.items()
            if verb.offered(row)
        ]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.verb_view)
        name = f"trainings_{self.opts.model_name}_verb"
        return [path("<int:pk>/do/<slug:verb>/", view, name=name), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if (row := context.get("original")) and self.may_use_verbs(request):
            context["tools"] = self.tools(row)
        return super().render_change_form(request, context, *args, **kwargs)

    def verb_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Ask for what a verb needs, then do it: 403, 404, or a sentence when it cannot be."""
        if not self.may_use_verbs(request):
            raise PermissionDenied
        rows = self.model._default_manager.select_related(*self.verb_related)
        row = get_object_or_404(rows, pk=pk)
        asked = self.verbs.get(verb)
        if asked is None:
            return redirect(self.after_verb(row))
        form = asked.form(request.POST if request.method == "POST" else None, row=row)
        if form.is_valid():
            try:
                happened = asked.do(row, form.cleaned_data, staff(request))
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                self.log_change(request, row, f"{asked.button}.")
                messages.success(request, happened)
                return redirect(self.after_verb(row))
        elif request.method != "POST" and not asked.offered(row):
            messages.warning(request, f"“{asked.button}” is not possible any more.")
            return redirect(self.after_verb(row))
        context = {
            "title": f"{asked.button}: {self.name_of(row)}",
            "intro": asked.intro,
            "button": asked.button,
        }
        return self.ask(request, row, form, context)
