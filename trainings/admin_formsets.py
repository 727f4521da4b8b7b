"""What the rows of one page must be together: days, the lines of an agenda, approvals."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from django.forms import BaseInlineFormSet

from hub import words
from trainings import agenda, plain
from trainings import credits as mcle
from trainings.admin_forms import WallForm
from trainings.models import Activity, Approval, Segment

_STANDING = {Approval.Status.APPROVED, Approval.Status.PENDING}


class _Rows(BaseInlineFormSet):
    def kept(self) -> Iterator[Any]:
        """The forms of rows there will be: not the empty ones, not those to delete."""
        for form in self.forms:
            if form.empty_permitted and not form.has_changed():
                continue
            if not form.cleaned_data.get("DELETE"):
                yield form


class ActivityFormset(_Rows):
    """The days of an offering: none overlaps another."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "zone": self.instance.zone or words.PACIFIC}

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        by_start = sorted(self.kept(), key=lambda form: form.instance.starts_at)
        for before, after in pairwise(by_start):
            if after.instance.starts_at < before.instance.ends_at:
                after.add_error(
                    "begins", f"It begins before “{before.cleaned_data['title']}” has ended."
                )


class SegmentFormset(_Rows):
    """The agenda of an activity: lines within it that do not overlap, codes told apart."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "zone": self.instance.offering.zone}

    def lines(self) -> list[agenda.Segment] | None:
        """The agenda as it will be; None while something is wrong with it."""
        if not self.is_valid():
            return None
        return [plain.segment(form.instance) for form in self.kept()]

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        start = self.instance.local_start
        rows = sorted(self._timed(start), key=lambda form: form.instance.starts_at)
        latest: WallForm | None = None
        for form in rows:
            if form.instance.starts_at < self.instance.starts_at:
                form.add_error("begins", f"The day begins at {words.clock(start)}.")
            if form.instance.ends_at > self.instance.ends_at:
                end = self.instance.ends_at.astimezone(start.tzinfo)
                form.add_error("ends", f"It runs past the end of the day, {words.clock(end)}.")
            if latest and form.instance.starts_at < latest.instance.ends_at:
                form.add_error("begins", f"It begins before “{latest.instance.title}” has ended.")
            if latest is None or form.instance.ends_at > latest.instance.ends_at:
                latest = form
        self._codes(rows)

    def _timed(self, start: Any) -> Iterator[WallForm]:
        for form in self.kept():
            form.set_times(start.date(), first=start.time())
            if not form.errors:
                yield form

    def _codes(self, rows: list[WallForm]) -> None:
        elsewhere = Segment.objects.filter(activity__offering=self.instance.offering_id)
        seen: set[str | None] = set(
            elsewhere.exclude(activity=self.instance)
            .exclude(code="")
            .values_list("code", flat=True)
        )
        for form in rows:
            code = form.cleaned_data.get("code")
            if code and code in seen:
                form.add_error("code", "Another session has this code already.")
            seen.add(code)


class ApprovalFormset(_Rows):
    """Approvals claim no more than the agenda supports."""

    # Set by the page: the agenda that is saved along with these.
    segments: SegmentFormset | None = None

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        lines = self.segments.lines() if self.segments is not None else None
        if lines is None:
            return
        for form in self.kept():
            if form.instance.status in _STANDING:
                self._supported(form, lines)

    def _supported(self, form: Any, lines: list[agenda.Segment]) -> None:
        row: Approval = form.instance
        rule = plain.rule(self.instance, row.jurisdiction)
        if rule is None:
            return
        names = ("total", *plain.CATEGORIES)
        for name in names:
            if getattr(row, name) * rule.steps % 4:
                form.add_error(
                    name, f"{rule.name} counts in parts of 1/{rule.steps} hour: an even number."
                )
                return
        most = mcle.scheduled(lines, rule)
        claimed = plain.hours(row, rule)
        if sentence := mcle.refused(claimed.total, most):
            form.add_error("total", sentence)
        for code, units in (claimed.parts or {}).items():
            if units > most.part(code):
                form.add_error(
                    code,
                    f"{mcle.hours(units, rule.steps)} hours of {rule.labels[code]} cannot be "
                    f"claimed: the agenda has {mcle.hours(most.part(code), rule.steps)}.",
                )


def summary(activity: Activity) -> dict[str, Any]:
    """What an activity's saved agenda holds and what may be said of it, for staff."""
    rows = list(activity.segments.all())
    lines = [plain.segment(row) for row in rows]
    if wrong := agenda.problems(lines, activity.starts_at, activity.ends_at):
        return {"wrong": wrong}
    approvals = {row.jurisdiction: row for row in activity.approvals.all()}
    rules = []
    for code in Approval.Jurisdiction.values:
        rule = plain.rule(activity, code)
        if rule is None:
            continue
        most = mcle.scheduled(lines, rule)
        claim = plain.claim(activity, approvals.get(code), rule)
        rules.append(
            {
                "name": rule.name,
                "minutes": most.minutes,
                "total": mcle.hours(most.total, rule.steps),
                "breakdown": mcle.breakdown(most, rule),
                "note": claim.note,
                "said": claim.words,
            }
        )
    agenda_seconds = sum(one.span[1] - one.span[0] for one in lines)
    return {
        "scheduled": (activity.ends_at - activity.starts_at).total_seconds() // 60,
        "agenda": agenda_seconds // 60,
        "rules": rules,
    }
