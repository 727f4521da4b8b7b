"""The report: counts and times for managers and TA staff, and nothing of any request."""

import csv
from datetime import date
from io import StringIO
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from hub import audit
from hub.admin_pages import staff
from hub.text import harmless
from ta_requests import queries
from ta_requests import report as reporting

_OFFERED = 36


class PeriodForm(forms.Form):
    """So many whole months up to one: periods that differ by less would tell one from another."""

    last = forms.ChoiceField(label="Up to")
    months = forms.TypedChoiceField(
        label="Months", coerce=int, choices=[(str(n), str(n)) for n in reporting.MONTHS]
    )

    def __init__(self, data: Any, today: date) -> None:
        super().__init__(data)
        self.fields["last"].choices = [  # type: ignore[attr-defined]
            (f"{month:%Y-%m}", f"{month:%B %Y}")
            for month in reversed(reporting.months_until(today, _OFFERED))
        ]


def view(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    """The page; POST downloads its tables. frame: the context of the back office."""
    if not (queries.is_manager(request.user) or queries.is_ta_staff(request.user)):
        raise PermissionDenied
    today = timezone.localdate()
    sent = request.POST if request.method == "POST" else request.GET
    form = PeriodForm(sent if "last" in sent else {"last": f"{today:%Y-%m}", "months": "12"}, today)
    if not form.is_valid():
        form = PeriodForm({"last": f"{today:%Y-%m}", "months": "12"}, today)
        form.full_clean()
    chosen = form.cleaned_data
    last = date.fromisoformat(f"{chosen['last']}-01")
    made = reporting.report(last, chosen["months"], timezone.now())
    if request.method == "POST":
        return _download(request, made)
    context = {
        **frame,
        "title": "Technical assistance: report",
        "form": form,
        "report": made,
        "bars": _bars(made.months),
        "width": 50 * len(made.months.rows) + 2,
    }
    return render(request, "admin/ta_requests/report.html", context)


@transaction.atomic
def _download(request: HttpRequest, made: reporting.Report) -> HttpResponse:
    audit.record(staff(request), "exported", "report", f"{made.first:%Y-%m} to {made.last:%Y-%m}")
    out = StringIO()
    table = csv.writer(out)
    table.writerow(["By", "Which", "Requests", "Answered on time", "Median", "Slowest"])
    for by, rows in [("All", [made.whole]), *((each.by, each.rows) for each in made.tables)]:
        for row in rows:
            cells = [by, row.name, row.requests, row.on_time, row.median, row.slowest]
            table.writerow([harmless(cell) for cell in cells])
    # With the mark by which Excel knows that accents are UTF-8.
    response = HttpResponse(out.getvalue().encode("utf-8-sig"), content_type="text/csv")
    name = f"technical-assistance-{made.first:%Y-%m}-{made.last:%Y-%m}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _bars(months: reporting.Table) -> list[dict[str, Any]]:
    """Where each bar of the chart stands; what is not shown as a number is short and striped."""
    known = [int(row.requests) for row in months.rows if row.requests.isdecimal()]
    scale = 150 / max([10, *known])
    bars = []
    for place, row in enumerate(months.rows):
        number = int(row.requests) if row.requests.isdecimal() else None
        height = round(number * scale) if number is not None else 14
        month, year = row.name.split()
        bars.append(
            {
                "left": 10 + 50 * place,
                "middle": 26 + 50 * place,
                "top": 180 - height,
                "above": 174 - height,
                "height": height,
                "is_number": number is not None,
                "label": row.requests if row.requests != "5 or more" else "5+",
                "month": month[:3],
                "year": year if place == 0 or month == "January" else "",
            }
        )
    return bars
