"""The queue, and one request: a cover, and behind it what was asked.

Nothing of what was asked is on the queue or the cover. It is shown only in the answer to a
POST that says why, each time in the transaction that writes down who reads it, so that no
address, no title, no history of a browser and no prefetch leads to it.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from hub import closures, kept
from hub.admin_pages import staff
from hub.refusal import Refused
from ta_requests import desk_words, queries, queue
from ta_requests.admin.forms import VERBS, OpenForm, PhoneForm
from ta_requests.models import TaRequest
from ta_requests.services import asking, clock, desk
from ta_requests.views import shared

Status = TaRequest.Status
View = Callable[..., HttpResponse]
# What staff write to the requester is looked at as what the requester writes is.
TO_REQUESTER = {"reply", "ask"}


class Which(admin.SimpleListFilter):
    """What waits for an answer, unless something else is asked or searched for."""

    title = "which requests"
    parameter_name = "which"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("late", "Late"),
            ("waiting", "Waiting for the requester"),
            ("answered", "Answered, to be closed"),
            ("closed", "Closed"),
            ("held", "Held from purge"),
            ("all", "All"),
        ]

    def choices(self, changelist: Any) -> Iterator[Any]:
        for number, choice in enumerate(super().choices(changelist)):
            yield choice | {"display": "Open"} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        which = self.value() or ("all" if request.GET.get("q") else "")
        if which == "all":
            return queryset
        if which in {"answered", "closed"}:
            return queryset.filter(status=which)
        if which == "held":
            return queryset.filter(held=True)
        found = queryset.filter(queue.is_open())
        if which == "late":
            return found.filter(due_at__lt=timezone.now())
        return found.filter(status=Status.WAITING) if which == "waiting" else found


class Whose(admin.SimpleListFilter):
    title = "with whom"
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", "Mine"), ("unassigned", "Nobody yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "mine":
            return queryset.filter(assigned_to=request.user.pk)
        return queryset.filter(assigned_to=None) if self.value() == "unassigned" else queryset


@admin.register(TaRequest)
class RequestAdmin(admin.ModelAdmin):
    """For TA staff alone (R6): a right that a superuser has by being one opens nothing here."""

    list_display = ["due", "ref", "clock_state", "received", "with_whom"]
    list_display_links = ["ref"]
    list_filter = [Which, Whose]
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    actions = None
    search_fields = ["reference", "organization"]
    search_help_text = "A reference, or part of the name of an organization."

    # Who may

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        known = getattr(request, "_is_ta_staff", None)
        if known is None:
            known = queries.is_ta_staff(request.user)
            request._is_ta_staff = known  # type: ignore[attr-defined]
        return bool(known)

    has_change_permission = has_add_permission = has_view_permission

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        # R11: nothing can be asked through the address but what the filters offer.
        return lookup in {Which.parameter_name, Whose.parameter_name}

    # The queue

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaRequest]:
        return queue.rows()

    def get_ordering(self, request: HttpRequest) -> Any:
        if request.GET.get("which") in {"answered", "closed", "held", "all"} or (
            "which" not in request.GET and request.GET.get("q")
        ):
            # As they were entered, newest first: by its key, however many there are.
            return ["-pk"]
        return queue.BY_DUE

    def get_search_fields(self, request: HttpRequest) -> Any:
        # Django's other way to search leads past the queue.
        is_queue = request.path == reverse("admin:ta_requests_tarequest_changelist")
        return super().get_search_fields(request) if is_queue else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By a reference however it is written, or by the organization; by nothing else."""
        term = " ".join(search_term.split()).replace("\0", "")
        if not term:
            return queryset, False
        bare = term.replace("-", "").replace(" ", "").upper()
        reference = f"{bare[:4]}-{bare[4:]}"
        found = queryset.filter(reference=reference)
        if not found.exists():
            found = queryset.filter(organization__icontains=term)
        return found, False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changelist = super().get_changelist_instance(request)
        if not changelist.query:
            # Else it offers to show all, which is this list.
            changelist.full_result_count = changelist.result_count
        queue.load_pauses(changelist.result_list)
        closed_days, now = clock.closures(), timezone.now()
        for row in changelist.result_list:
            row.said = Clock(row, now, closed_days)
        return changelist

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": "Technical assistance requests", "subtitle": None}
        return super().changelist_view(
            request,
            context
            | {"no_closures": closures.none_confirmed(timezone.localdate())}
            | (extra_context or {}),
        )

    @admin.display(description="due")
    def due(self, row: Any) -> str:
        return format_html("<b>{}</b>", row.said.due)

    @admin.display(description="reference")
    def ref(self, row: TaRequest) -> str:
        return row.reference

    @admin.display(description="state of the clock")
    def clock_state(self, row: Any) -> str:
        said = row.said.state
        tags = format_html('<span class="tag {}">{}</span>', _tone(said.tone), said.words)
        if row.said.deadline_first:
            tags += format_html(
                ' <span class="tag tag-warn">{} before the answer</span>',
                row.get_deadline_type_display(),
            )
        return tags

    @admin.display(description="received")
    def received(self, row: TaRequest) -> str:
        return desk_words.moment_short(row.received_at, timezone.now())

    @admin.display(description="with")
    def with_whom(self, row: TaRequest) -> str:
        return row.assigned_to.get_full_name() if row.assigned_to else "Nobody yet"

    # Pages

    def get_urls(self) -> list[URLPattern]:
        def at(route: str, view: View, name: str) -> URLPattern:
            return path(route, self._keeping(view), name=f"ta_requests_tarequest_{name}")

        return [
            at("next/", self.next_view, "next"),
            at("add/", self.add_view, "add"),
            at("<int:pk>/open/", self.open_view, "open"),
            at("<int:pk>/do/<slug:verb>/", self.do_view, "do"),
            *super().get_urls(),
        ]

    def _keeping(self, view: View) -> View:
        """The page, for whoever may enter; and where the way in has ended meanwhile, or the
        form is too old, what was typed is given back to be sent again."""
        inner = self.admin_site.admin_view(view)

        @functools.wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST" and not self.admin_site.has_permission(request):
                return kept.page(request, signed_out=True)
            return inner(request, *args, **kwargs)

        def again(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return kept.page(request, signed_out=not self.admin_site.has_permission(request))

        page.on_csrf_failure = again  # type: ignore[attr-defined]
        return page

    def next_view(self, request: HttpRequest) -> HttpResponse:
        """Take what is due first of what nobody has."""
        self._check(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        taken = desk.take_next(staff(request))
        if taken is None:
            messages.info(request, "Nothing waits to be taken.")
            return redirect("admin:ta_requests_tarequest_changelist")
        messages.success(request, f"{taken.reference} is with you.")
        return redirect("admin:ta_requests_tarequest_change", taken.pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The cover: reference, clock, areas and state, and the button that opens it."""
        self._check(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._cover(request, self._row(object_id), OpenForm())

    def open_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._check(request)
        row = self._row(pk)
        if request.method != "POST":
            return redirect("admin:ta_requests_tarequest_change", pk)
        form = OpenForm(request.POST)
        if not form.is_valid() or row.purged_at:
            return self._cover(request, row, form)
        return self._opened(request, row, form.cleaned_data["purpose"])

    def do_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Do something with an opened request, and show it again, for the purpose it was
        opened for. A form with an error comes back as it was typed."""
        self._check(request)
        row = self._row(pk)
        if verb not in VERBS:
            raise Http404
        if request.method != "POST":
            return redirect("admin:ta_requests_tarequest_change", pk)
        why = OpenForm(request.POST)
        if not why.is_valid() or row.purged_at:
            return kept.page(request, signed_out=False, gone=bool(row.purged_at))
        form = VERBS[verb].form(request.POST, auto_id=f"id_{verb}_%s")
        if form.is_valid():
            if verb in TO_REQUESTER:
                seal = shared.seal(form, ("text",), form.cleaned_data["form_id"])
                found = shared.warnings(form, ("text",))
                if found and not shared.was_warned(request, seal):
                    warned = Warned(verb, found, seal)
                    why_said = why.cleaned_data["purpose"]
                    return self._opened(request, row, why_said, {verb: form}, warned)
            try:
                VERBS[verb].do(pk, form.cleaned_data, staff(request))
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, f"{row.reference}: {VERBS[verb].done}")
                return self._opened(request, self._row(pk), why.cleaned_data["purpose"])
        return self._opened(request, row, why.cleaned_data["purpose"], {verb: form})

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Write down a request that came by phone."""
        self._check(request)
        form = PhoneForm(request.POST or None, areas=queries.areas())
        if form.is_valid() and form.received_at:
            form_id: UUID = form.cleaned_data["form_id"]
            try:
                entered = asking.enter(
                    form_id, form.asked(), received_at=form.received_at, by=staff(request)
                )
            except Refused as refused:
                form.add_error("received_time", str(refused))
            else:
                if form.came_twice:
                    messages.warning(request, form.came_twice)
                messages.success(request, f"{entered.reference} is written down.")
                return redirect("admin:ta_requests_tarequest_change", entered.pk)
        context = {
            "title": "Enter a phone request",
            "form": form,
            "errors": form.errors,
            "button": "Write it down",
            "intro": "Tell the caller: leave out what could identify a client, and that this "
            "makes no attorney-client relationship between CAST and the client.",
        }
        return self._page(request, "phone", context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who opened it and what was done, by name and never by what was written."""
        self._check(request)
        row = self._row(object_id)
        return self._page(
            request,
            "record",
            {
                "title": f"{row.reference}: who opened and changed it",
                "row": row,
                "record": desk.record_of(row.reference),
            },
        )

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _row(self, pk: int | str) -> Any:
        if not str(pk).isascii() or not str(pk).isdigit() or len(str(pk)) > 18:
            raise Http404
        row = queue.rows().filter(pk=pk).first()
        if row is None:
            raise Http404
        queue.load_pauses([row])
        row.said = Clock(row, timezone.now(), clock.closures())
        return row

    def _cover(self, request: HttpRequest, row: Any, form: OpenForm) -> HttpResponse:
        context = {
            "title": row.reference,
            "row": row,
            "facts": _facts(row),
            "areas": [area.name for area in row.areas.all()],
            "form": form,
            "errors": form.errors,
        }
        return self._page(request, "cover", context)

    def _opened(
        self,
        request: HttpRequest,
        row: Any,
        purpose: str,
        sent: dict[str, forms.Form] | None = None,
        warned: "Warned | None" = None,
    ) -> HttpResponse:
        """The request with all it holds. Each time it is drawn somebody reads it, and each
        time that is written down."""
        sent = sent or {}
        # A failed form stays even where what it asks for is no longer possible.
        opened = desk.open_request(row.pk, staff(request), purpose)
        asked = opened.request
        shown = {
            verb: sent.get(verb) or _blank(verb, asked)
            for verb, each in VERBS.items()
            if verb in sent or each.available(asked)
        }
        if asked.assigned_to_id == request.user.pk:
            shown.pop("take", None)
        context = {
            "title": f"{row.reference}, opened",
            "row": row,
            "opened": opened,
            "facts": _facts(row),
            "areas": [area.name for area in asked.areas.all()],
            "purpose": purpose,
            "purpose_said": desk.PURPOSES[purpose],
            "verbs": [(verb, VERBS[verb], form) for verb, form in shown.items()],
            "errors": any(form.errors for form in sent.values()),
            "warned": warned,
        }
        return self._page(request, "opened", context)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        return render(
            request,
            f"admin/ta_requests/tarequest/{name}.html",
            {**self.admin_site.each_context(request), "opts": self.opts, **context},
        )


@dataclass(frozen=True)
class Warned:
    """Which form was not sent yet, where its text holds something like an identifier, and the
    seal with which the same text goes."""

    verb: str
    found: list[shared.Warned]
    seal: str


class Clock:
    """How the clock of one row of the queue stands at a moment, in words."""

    def __init__(self, row: Any, now: Any, closed_days: Any) -> None:
        promise = queue.promise_of(row)
        self.deadline_first = False
        if promise is None:
            ended = row.status == Status.CLOSED
            said = f"Closed: {row.get_ending_display().lower()}" if ended else "Answered"
            self.state = desk_words.Said("Purged" if row.purged_at else said)
            self.due = "—"
            return
        self.deadline_first = desk_words.deadline_first(promise.due_at, row.deadline)
        state = clock.state(promise)
        self.state = desk_words.clock(
            promise.due_at, state.left(now, closed_days), state.waiting, now
        )
        self.due = desk_words.due(
            promise.due_at, row.deadline, row.get_deadline_type_display(), now
        )


def _facts(row: Any) -> list[tuple[str, str]]:
    now = timezone.now()
    facts = [
        ("Due", row.said.due),
        ("Received", desk_words.moment_short(row.received_at, now)),
        ("By", row.get_channel_display()),
        ("With", row.assigned_to.get_full_name() if row.assigned_to else "Nobody yet"),
        ("State", row.get_us_state_display()),
    ]
    if row.deadline:
        day = desk_words.day_short(row.deadline, timezone.localdate())
        facts.insert(1, (row.get_deadline_type_display(), day))
    if row.held:
        facts.append(("Held", "Kept from purge until somebody releases it"))
    return facts


def _blank(verb: str, asked: TaRequest) -> forms.Form:
    initial: dict[str, Any] = {}
    if verb == "assign":
        initial = {"to": asked.assigned_to_id}
    elif verb == "deadline":
        initial = {"deadline_type": asked.deadline_type, "deadline": asked.deadline}
    return VERBS[verb].form(initial=initial, auto_id=f"id_{verb}_%s")


def _tone(tone: str) -> str:
    return f"tag-{tone}" if tone else ""
