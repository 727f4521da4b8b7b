"""Forms with which attendance is recorded: by staff, and by people who type a code."""

from typing import Any

from django import forms
from django.http import QueryDict

from hub import words
from hub.fields import IdsField, LineField, ParticipantsField
from trainings import plain
from trainings.admin_forms import HourField
from trainings.models import Activity, Attendance, Registration


class TicksForm(forms.Form):
    """`here`: who is ticked; `was`: who was, as the page was shown."""

    here = IdsField(required=False)
    was = IdsField(required=False)

    @property
    def kept(self) -> set[int]:
        said: set[int] = getattr(self, "cleaned_data", {}).get("here", set())
        return said


class ZoomForm(forms.Form):
    file = ParticipantsField()


class _Person(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.email}"


class _OpenRow(forms.ModelChoiceField):
    zone: Any = None

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.registration.name}, from {words.clock(obj.starts_at.astimezone(self.zone))}"


class IntervalForm(forms.Form):
    """A time of attendance by the venue's clock, or the end of one that has none."""

    open_row = _OpenRow(
        queryset=Attendance.objects.none(),
        label="Set the end of",
        required=False,
        empty_label="No: a new time",
        help_text="Times that have no end yet give no credit.",
    )
    registration = _Person(queryset=Registration.objects.none(), label="Person", required=False)
    begins = HourField(label="Was there from", required=False)
    ends = HourField(label="until")
    reason = LineField(
        max_length=300,
        error_messages={"required": "Say why this time is entered by hand."},
        help_text="Such as: signed in on paper; another name on Zoom.",
    )

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.activity = activity
        people, rows = self.fields["registration"], self.fields["open_row"]
        people.queryset = Registration.objects.filter(  # type: ignore[attr-defined]
            offering=activity.offering_id, state=Registration.State.CONFIRMED
        )
        rows.queryset = Attendance.objects.filter(  # type: ignore[attr-defined]
            activity=activity, ends_at=None
        ).select_related("registration")
        rows.zone = activity.local_start.tzinfo  # type: ignore[attr-defined]

    @staticmethod
    def asked(given: QueryDict) -> dict[str, str]:
        """Times in the address, as the report of a file gives them."""
        return {name: str(given[name]) for name in ("begins", "ends") if name in given}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("open_row") is None:
            for name, sentence in (
                ("registration", "Choose the person."),
                ("begins", "Enter when the person joined."),
            ):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, sentence)
        for name, moment in (("begins", "start"), ("ends", "end")):
            if data.get(name) is not None:
                self._moment(data, name, moment)
        return data

    def _moment(self, data: dict[str, Any], name: str, moment: str) -> None:
        day = self.activity.local_start.date()
        try:
            data[moment] = plain.instant(day, data[name], self.activity.offering.zone)
        except plain.NoSuchTime as error:
            self.add_error(name, str(error))


class CodeForm(forms.Form):
    """What a speaker said, typed by somebody online."""

    code = LineField(
        label="Code",
        max_length=40,
        help_text="As you heard it. Capital or small letters, and spaces, make no difference.",
        error_messages={"required": "Type the code you heard"},
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    use_required_attribute = False
