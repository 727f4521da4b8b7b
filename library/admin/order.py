"""The order of a list of the page: by numbers, by buttons, and by dragging where script is on."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path

from hub.admin_pages import Asking, staff
from hub.refusal import Refused
from library import ordering
from library.models import Placement, Resource
from library.services import curation


class Order(Asking):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.order)
        return [
            path("order/<slug:placement>/", view, name="library_resource_order"),
            *super().get_urls(),
        ]

    def order(self, request: HttpRequest, placement: str) -> HttpResponse:
        """A step up or down is only shown; “Save the order” writes."""
        self.check_may_change(request)
        if placement not in Placement.values:
            raise Http404
        rows = curation.in_list(placement)
        now = [row.pk for row in rows]
        order, was, error, unsaved = now, now, "", False
        if request.method == "POST":
            order, was = _wanted(request.POST), _ids(request.POST.get("was", ""))
            step, _, pk = request.POST.get("step", "").partition(":")
            if pk.isdecimal() and int(pk) in order:
                order = ordering.stepped(order, int(pk), -1 if step == "up" else 1)
                unsaved = order != was
            else:
                try:
                    moved = curation.place(placement, order, staff(request), was)
                except Refused as refused:
                    error, unsaved = str(refused), True
                    order, was = ordering.merged(order, now), now
                else:
                    self._said(request, Placement(placement).label, moved)
                    return redirect("admin:library_resource_order", placement)
        context = {
            "title": f"Order of “{Placement(placement).label}”",
            "rows": _in_order(rows, order),
            "shown": _joined(order),
            "was": _joined(was),
            "error": error,
            "unsaved": unsaved,
            "placement": placement,
            "lists": Placement,
        }
        return self.ask(request, None, None, context, "admin/library/resource/order.html")

    def _said(self, request: HttpRequest, label: str, moved: int) -> None:
        if moved:
            messages.success(request, f"The order of “{label}” is saved.")
        else:
            messages.info(request, f"The order of “{label}” is as it was.")


def _wanted(sent: QueryDict) -> list[int]:
    """The order that somebody wants, by the numbers typed beside what they were shown."""
    shown = _ids(sent.get("shown", ""))
    places = {}
    for pk in shown:
        typed = sent.get(f"place-{pk}", "").strip()
        if typed.isascii() and typed.isdecimal():
            places[pk] = int(typed[:6])
    return ordering.arranged(shown, places)


def _in_order(rows: Sequence[Resource], order: Sequence[int]) -> list[Resource]:
    by_key = {row.pk: row for row in rows}
    return [by_key[pk] for pk in order if pk in by_key]


def _ids(text: str) -> list[int]:
    ids = [int(each) for each in text.split(",") if each.isascii() and each.isdecimal()]
    return list(dict.fromkeys(ids))


def _joined(ids: Sequence[int]) -> str:
    return ",".join(map(str, ids))
