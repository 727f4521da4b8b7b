"""What a requester fills in. Every text is cleaned before it is measured, and no field has a
`maxlength`, with which browsers cut off what is pasted without a word."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from hub.fields import AddressField, LineField
from hub.text import many_lines
from hub.us_states import STATES
from ta_requests.models import Area, TaRequest
from ta_requests.models.requests import LONGEST_LINE, LONGEST_QUESTION
from ta_requests.services.asking import Asked

# Where the day begins last: a deadline has passed once it has everywhere we are asked from.
_LAST_ZONE = "Pacific/Pago_Pago"
_FURTHEST = timedelta(days=3653)
_SUPERVISED = TaRequest.Role.SUPERVISED


class TextField(forms.CharField):
    """A text of several lines, cleaned by hub.text.many_lines before it is measured."""

    def __init__(self, *, what: str, required: str) -> None:
        self.what = what
        super().__init__(
            label=what.capitalize(),
            error_messages={"required": required},
            widget=forms.Textarea({"rows": 8, "autocomplete": "off"}),
            strip=False,
        )

    def to_python(self, value: Any) -> str:
        return many_lines(value if isinstance(value, str) else "")

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > LONGEST_QUESTION:
            raise forms.ValidationError(
                f"Shorten {self.what} to {LONGEST_QUESTION:,} characters: it has {len(value):,}. "
                "Everything you wrote is kept."
            )


def _line(required: str = "", *, what: str, autocomplete: str, **kwargs: Any) -> LineField:
    return LineField(
        required=bool(required),
        max_length=LONGEST_LINE,
        error_messages={
            "required": required,
            "max_length": f"Shorten {what} to {LONGEST_LINE} characters: it has %(show_value)d",
        },
        widget=forms.TextInput({"autocomplete": autocomplete, "class": "w-l"}),
        **kwargs,
    )


def _choice(choices: Iterable[tuple[str, str]], choose: str, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=[("", choose), *choices],
        error_messages={"required": choose, "invalid_choice": choose},
        **kwargs,
    )


class DeadlineForm(forms.Form):
    """The next court or filing date. Both may stay empty where a form asks for more."""

    deadline_type = forms.ChoiceField(
        label="Next deadline",
        required=False,
        choices=[("", "No deadline, or not known"), *TaRequest.DeadlineType.choices],
        error_messages={"invalid_choice": "Choose what kind of date it is"},
    )
    deadline = forms.DateField(
        label="Its date",
        required=False,
        help_text="For example, 12/31/2026",
        input_formats=["%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%Y-%m-%d", "%m/%d/%y"],
        error_messages={"invalid": "Enter the date as month/day/year, such as 12/31/2026"},
        widget=forms.DateInput({"autocomplete": "off", "class": "w-s"}, format="%m/%d/%Y"),
    )

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)
            if isinstance(field.widget, forms.Select):
                field.widget.attrs["class"] = "w-l"

    def clean_deadline(self) -> date | None:
        day: date | None = self.cleaned_data["deadline"]
        if day is None:
            return None
        today = timezone.localdate(timezone=ZoneInfo(_LAST_ZONE))
        if day < today:
            raise forms.ValidationError("This date has passed. Enter the next one, or none")
        if day > today + _FURTHEST:
            raise forms.ValidationError("Enter a date within the next ten years")
        return day

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        kind, day = said.get("deadline_type"), said.get("deadline")
        if day and kind == "":
            self.add_error("deadline_type", "Choose what kind of date it is")
        if kind and "deadline" in said and day is None:
            self.add_error("deadline", "Enter the date, or choose “No deadline”")
        return said


class SetDeadlineForm(DeadlineForm):
    """The next deadline alone, on the private page: there has to be one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, day = self.fields["deadline_type"], self.fields["deadline"]
        kind.required = day.required = True
        kind.label = "Kind of date"
        kind.choices = [  # type: ignore[attr-defined]
            ("", "Choose what kind of date it is"),
            *TaRequest.DeadlineType.choices,
        ]
        kind.error_messages["required"] = "Choose what kind of date it is"
        day.error_messages["required"] = "Enter the date as month/day/year, such as 12/31/2026"

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data


class MessageForm(forms.Form):
    """One message on the private page."""

    text = TextField(what="your message", required="Write your message")

    use_required_attribute = False


class AskForm(DeadlineForm):
    """A question, and how to reach who asks it."""

    areas = forms.MultipleChoiceField(
        label="Area of law",
        help_text="Choose all that apply.",
        error_messages={
            "required": "Choose at least one area of law",
            "invalid_choice": "Choose areas from the list",
            "invalid_list": "Choose areas from the list",
        },
        widget=forms.CheckboxSelectMultiple,
    )
    more = _line(
        label="If “and More…”, what is it about?", what="what it is about", autocomplete="off"
    )
    question = TextField(what="your question", required="Write your question")
    stage = _choice(TaRequest.Stage.choices, "Choose the stage", label="Stage of the case")
    name = _line("Enter your name", what="your name", autocomplete="name")
    organization = _line(
        "Enter your organization", what="your organization", autocomplete="organization"
    )
    role = _choice(TaRequest.Role.choices, "Choose your role")
    supervisor_name = _line(what="their name", autocomplete="off", label="Supervisor’s name")
    supervisor_email = AddressField(
        label="Supervisor’s email",
        required=False,
        widget=forms.EmailInput({"autocomplete": "off", "class": "w-l"}),
    )
    us_state = _choice(
        STATES.items(), "Choose the state where you work", label="State where you work"
    )
    email = AddressField(
        label="Email",
        help_text="Our mail to you holds a reference, the due time and a link. "
        "It never repeats your question.",
        error_messages={"required": "Enter your email address"},
        widget=forms.EmailInput({"autocomplete": "email", "class": "w-l"}),
    )
    phone = _line(what="your phone number", autocomplete="tel", label="Phone")
    ok_identifiers = forms.BooleanField(
        label="I have removed what could identify my client.",
        error_messages={
            "required": "Confirm that you have removed what could identify your client"
        },
    )
    ok_relationship = forms.BooleanField(
        label="I understand that this makes no attorney-client relationship between CAST and "
        "my client.",
        error_messages={
            "required": "Confirm that you understand that this makes no attorney-client "
            "relationship"
        },
    )
    # Programs that fill in every field fill in this one; people never see it.
    website = LineField(
        required=False,
        label="Leave this field empty",
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    field_order = ["areas", "more", "question", "stage", "deadline_type", "deadline"]
    # What a client may be named in; the rest is about who asks.
    narrative = ("question", "more", "organization")

    def __init__(self, *args: Any, areas: Iterable[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas_by_slug = {area.slug: area for area in areas}
        self.fields["areas"].choices = [  # type: ignore[attr-defined]
            (area.slug, area.name) for area in self.areas_by_slug.values()
        ]
        self.fields["question"].help_text = (
            "Leave out names, dates of birth, A-numbers and addresses. "
            f"Up to {LONGEST_QUESTION:,} characters. Please send no attachments."
        )
        for name in ("supervisor_name", "supervisor_email"):
            self.fields[
                name
            ].help_text = f"Only for the role “{_SUPERVISED.label}”: who answers for your work."

    def clean_areas(self) -> list[Area]:
        return [self.areas_by_slug[slug] for slug in dict.fromkeys(self.cleaned_data["areas"])]

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("website"):
            # Not the person's doing, but their browser's: they cannot see the field.
            emptied: Any = self.data
            self.data = emptied.copy()
            self.data["website"] = ""  # type: ignore[index]
            self.add_error(
                None,
                "Nothing was sent yet: a hidden field that is there to stop spam was filled in, "
                "perhaps by your browser. It is empty again. Please press “Send request” once more",
            )
        self._clean_supervisor(said)
        return said

    def _clean_supervisor(self, said: dict[str, Any]) -> None:
        if said.get("role") != _SUPERVISED:
            # What is not needed is not kept, nor complained about.
            for name in ("supervisor_name", "supervisor_email"):
                self.errors.pop(name, None)
                said[name] = ""
            return
        if said.get("supervisor_name") == "":
            self.add_error("supervisor_name", "Enter your supervisor’s name")
        if said.get("supervisor_email") == "":
            self.add_error("supervisor_email", "Enter your supervisor’s email address")
        elif said.get("email") and said.get("supervisor_email") == said["email"]:
            self.add_error(
                "supervisor_email", "Enter your supervisor’s email address, not your own"
            )

    def asked(self) -> Asked:
        """What was typed, for services.asking; of a valid form."""
        names = Asked.__dataclass_fields__
        return Asked(**{name: self.cleaned_data[name] for name in names})
