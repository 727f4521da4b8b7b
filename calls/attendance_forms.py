"""Forms with which staff note who was on a call."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core import signing

from calls import attendance
from calls.attendance import MOST_GUESTS, Stranger
from calls.models import CallDate
from hub.fields import AddressField, IdsField, ParticipantsField

_SALT = "calls.attendance.strangers"
_OLD = "This page is too old or did not come through. Choose the file again."


class TicksForm(forms.Form):
    """`here`: who is ticked; `was`: who was, as the page was shown."""

    here = IdsField(required=False)
    was = IdsField(required=False)
    guests = forms.IntegerField(
        label="Others who were there, not signed up", min_value=0, max_value=MOST_GUESTS
    )


class ZoomForm(forms.Form):
    file = ParticipantsField()


class StrangersForm(forms.Form):
    """What staff say of each person in a file whose email fits no sign-up.

    What is shown of the file travels in the page itself, signed: the server keeps nothing
    of it between the two steps, and what comes back is what was read.
    """

    known = IdsField(required=False)
    strangers = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, date: CallDate, rows: Iterable[Stranger], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.date, self.rows = date, list(rows)
        for n, row in enumerate(self.rows):
            said = row.name or row.email or f"Row {n + 1}"
            self.fields[f"what_{n}"] = forms.ChoiceField(
                choices=[("guest", "Count as a guest"), ("out", "Leave out")],
                widget=forms.Select({"aria-label": f"What to do with {said}"}),
            )
            self.fields[f"email_{n}"] = AddressField(
                required=False,
                initial=row.like.email if row.like else "",
                widget=forms.EmailInput(
                    {"list": "people", "aria-label": f"Email of the sign-up of {said}"}
                ),
            )

    @staticmethod
    def packed(rows: Iterable[Stranger]) -> str:
        said = [[row.name, row.email, row.rows] for row in rows]
        return signing.dumps(said, salt=_SALT, compress=True)

    @staticmethod
    def unpacked(text: str) -> list[Stranger]:
        """Raises signing.BadSignature for what this page did not write today."""
        return [Stranger(*row) for row in signing.loads(text, salt=_SALT, max_age=24 * 3600)]

    @property
    def lines(self) -> list[tuple[Stranger, Any, Any]]:
        return [(row, self[f"what_{n}"], self[f"email_{n}"]) for n, row in enumerate(self.rows)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        wanted = {data.get(f"email_{n}") for n in range(len(self.rows))} - {None, ""}
        people = dict(
            attendance.expected(self.date).filter(email__in=wanted).values_list("email", "pk")
        )
        chosen, guests = set(), 0
        for n in range(len(self.rows)):
            email = data.get(f"email_{n}")
            if email and email not in people:
                self.add_error(f"email_{n}", "Nobody is signed up for this call with that email.")
            elif email:
                chosen.add(people[email])
            elif data.get(f"what_{n}") == "guest":
                guests += 1
        data["people"], data["guests"] = data.get("known", set()) | chosen, guests
        return data


def strangers_in(text: str) -> list[Stranger]:
    """The strangers a page was shown with. Raises forms.ValidationError with a sentence."""
    try:
        return StrangersForm.unpacked(text)
    except signing.BadSignature:
        raise forms.ValidationError(_OLD) from None
