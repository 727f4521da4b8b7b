"""The pages of a date on which staff note who was there: tick-list and Zoom's file."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from calls import attendance
from calls.attendance_forms import StrangersForm, TicksForm, ZoomForm, strangers_in
from calls.models import CallDate, SignUp
from hub.admin_pages import Asking
from hub.refusal import Refused
from hub.zoom import BadFile


class AttendancePages(Asking):
    """Pages below a date's own; mixed into its admin."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/attendance/", wrap(self.ticks_view), name="calls_calldate_attendance"),
            path("<int:pk>/zoom/", wrap(self.zoom_view), name="calls_calldate_zoom"),
            *super().get_urls(),
        ]

    def ticks_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everyone signed up, to tick, and how many others there were."""
        date: CallDate = self.found(request, pk, "schedule__series")
        here, guests = attendance.there(date)
        form = TicksForm(
            request.POST if request.method == "POST" else None, initial={"guests": guests}
        )
        if form.is_valid():
            data = form.cleaned_data
            try:
                said = attendance.note(date, data["here"], data["guests"], was=data["was"])
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                self._noted(request, date, *said, data["guests"])
                return redirect("admin:calls_calldate_attendance", pk)
        people = SignUp.objects.filter(
            Q(state=SignUp.State.ACTIVE) | Q(pk__in=here), series=date.schedule.series_id
        ).order_by("name", "pk")
        # After a refusal the page keeps what was ticked.
        ticked = getattr(form, "cleaned_data", {}).get("here", set()) if form.is_bound else here
        context = {
            "title": f"Attendance: {date}",
            "not_yet": _why_not(date),
            "rows": [(one, one.pk in ticked) for one in people],
            "was": ",".join(map(str, sorted(here))),
            "count": len(here),
            "button": "Save the list",
        }
        return self.ask(request, date, form, context, "admin/calls/ticks.html")

    def zoom_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take in Zoom's participants file: first see who fits nobody, then save."""
        date: CallDate = self.found(request, pk, "schedule__series")
        if "strangers" in request.POST:
            return self._save_file(request, date)
        form = ZoomForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            try:
                attendance.check(date)
                sheet = attendance.read(date, form.cleaned_data["file"].read())
            except (BadFile, Refused) as refused:
                form.add_error("file", str(refused))
            else:
                initial = {
                    "known": [",".join(str(one.pk) for one in sheet.known)],
                    "strangers": StrangersForm.packed(sheet.strangers),
                }
                fixing = StrangersForm(date=date, rows=sheet.strangers, initial=initial)
                return self._fix(request, date, fixing, [one.name for one in sheet.known])
        context = {
            "title": f"Zoom participants: {date}",
            "not_yet": _why_not(date),
            "button": "Look at the file",
        }
        return self.ask(request, date, form, context, "admin/calls/zoom.html")

    def _save_file(self, request: HttpRequest, date: CallDate) -> HttpResponse:
        try:
            rows = strangers_in(request.POST["strangers"])
        except ValidationError as old:
            messages.error(request, old.messages[0])
            return redirect("admin:calls_calldate_zoom", date.pk)
        form = StrangersForm(request.POST, date=date, rows=rows)
        if form.is_valid():
            data = form.cleaned_data
            try:
                said = attendance.note(date, data["people"], data["guests"])
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                self._noted(request, date, *said, data["guests"])
                return redirect("admin:calls_calldate_attendance", date.pk)
        known = SignUp.objects.filter(
            pk__in=form.cleaned_data.get("known", ()), series=date.schedule.series_id
        )
        return self._fix(request, date, form, list(known.values_list("name", flat=True)))

    def _fix(
        self, request: HttpRequest, date: CallDate, form: StrangersForm, known: list[str]
    ) -> HttpResponse:
        context = {
            "title": f"Who was there: {date}",
            "known": known,
            "guests": attendance.there(date)[1],
            "people": attendance.expected(date).order_by("name").values_list("email", "name"),
            "button": "Save",
        }
        return self.ask(request, date, form, context, "admin/calls/strangers.html")

    def _noted(
        self, request: HttpRequest, date: CallDate, added: int, removed: int, guests: int
    ) -> None:
        said = f"{added} added, {removed} taken back; guests: {guests}."
        self.log_change(request, date, f"Attendance: {said}")
        messages.success(request, f"Saved. {said}")


def _why_not(date: CallDate) -> str:
    """Why nothing can be noted yet, "" if it can."""
    try:
        attendance.check(date)
    except Refused as refused:
        return str(refused)
    return ""
