"""What TA staff fill in: why they open a request, and what they do with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms

from hub.models import User
from hub.refusal import Refused
from hub.words import PACIFIC
from ta_requests import queries, turnaround, words
from ta_requests.forms import AskForm, SetDeadlineForm, TextField
from ta_requests.models import TaRequest
from ta_requests.models.requests import LONGEST_QUESTION
from ta_requests.services import desk, thread

Data = dict[str, Any]


class OpenForm(forms.Form):
    purpose = forms.ChoiceField(
        label="Why do you open it?",
        choices=list(desk.PURPOSES.items()),
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose why you open it",
            "invalid_choice": "Choose why you open it",
        },
    )

    use_required_attribute = False


class NothingForm(forms.Form):
    """For what needs only a yes."""


class TextForm(forms.Form):
    """One text, sent once however often its button is pressed."""

    form_id = forms.UUIDField(widget=forms.HiddenInput)
    text = TextField(what="your text", required="Write the text")

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("form_id", uuid4())


class ColleagueField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.get_full_name())


class AssignForm(forms.Form):
    to = ColleagueField(
        label="With",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody: put it back",
        error_messages={"invalid_choice": "Choose one of the TA staff"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = queries.ta_staff()  # type: ignore[attr-defined]


class CloseForm(forms.Form):
    ending = forms.ChoiceField(
        label="How did it end?",
        choices=[("", "Choose how it ended"), *TaRequest.Ending.choices],
        error_messages={"required": "Choose how it ended"},
    )

    use_required_attribute = False


@dataclass(frozen=True)
class Verb:
    """A button under an opened request: its form, what it calls, and what is said after.

    `available`: whether it makes sense for a request as it stands; the verb itself decides.
    """

    button: str
    form: type[forms.Form]
    do: Callable[[int, Data, User], object]
    done: str
    hint: str = ""
    available: Callable[[TaRequest], bool] = lambda request: True
    label: str = ""


def _open(request: TaRequest) -> bool:
    return request.status != TaRequest.Status.CLOSED


VERBS = {
    "reply": Verb(
        "Send the answer",
        TextForm,
        lambda pk, data, by: thread.reply(pk, data["form_id"], data["text"], by),
        "The answer can be read on the private page, and the clock has stopped.",
        "Stops the clock. They get an email with a new private link, never with the text.",
        available=_open,
        label="Answer",
    ),
    "ask": Verb(
        "Ask the requester",
        TextForm,
        lambda pk, data, by: thread.ask(pk, data["form_id"], data["text"], by),
        "The question can be read on the private page. The clock waits unless it is late already.",
        "The clock waits for their answer. Ask for nothing that could identify a client.",
        available=lambda request: (
            _open(request) and request.status != TaRequest.Status.ANSWERED and bool(request.email)
        ),
        label="Question to the requester",
    ),
    "note": Verb(
        "Keep the note",
        TextForm,
        lambda pk, data, by: thread.note(pk, data["form_id"], data["text"], by),
        "The note is kept.",
        "For staff only. The requester never sees it, and the clock runs on.",
        label="Note among staff",
    ),
    "take": Verb(
        "Take it",
        NothingForm,
        lambda pk, data, by: thread.assign(pk, by, by),
        "It is with you.",
        available=_open,
    ),
    "assign": Verb(
        "Hand over",
        AssignForm,
        lambda pk, data, by: thread.assign(pk, data["to"], by),
        "Handed over.",
        available=_open,
    ),
    "resume": Verb(
        "Let the clock go on",
        NothingForm,
        lambda pk, data, by: thread.resume(pk, by),
        "The clock goes on.",
        "When they answered by phone, or an answer no longer matters. Note what was said.",
        available=lambda request: request.status == TaRequest.Status.WAITING,
    ),
    "deadline": Verb(
        "Save the deadline",
        SetDeadlineForm,
        lambda pk, data, by: thread.set_deadline(pk, data["deadline_type"], data["deadline"], by),
        "The deadline is saved.",
        "The next court or filing date. The queue goes by it where it comes before the answer.",
        available=_open,
    ),
    "hold": Verb(
        "Hold",
        NothingForm,
        lambda pk, data, by: thread.hold(pk, True, by),
        "It is kept until somebody releases it.",
        "Keeps it from being purged, for a subpoena, say.",
        available=lambda request: not request.held,
    ),
    "release": Verb(
        "Release",
        NothingForm,
        lambda pk, data, by: thread.hold(pk, False, by),
        "It is purged when its time is up.",
        "Lets it be purged when its time is up.",
        available=lambda request: request.held,
    ),
    "close": Verb(
        "Close",
        CloseForm,
        lambda pk, data, by: thread.close(pk, data["ending"], by),
        "It is closed. The requester can read it for 30 days more, and write again.",
        "Without an answer, “Solved”, “Withdrawn” and “No answer” count as neither on time "
        "nor late.",
        available=_open,
    ),
}


_OF_CALLER = {
    "question": "Write what they asked",
    "name": "Enter their name",
    "organization": "Enter their organization",
    "role": "Choose their role",
    "us_state": "Choose the state where they work",
}


class PhoneForm(AskForm):
    """A request somebody made by phone, written down by staff with the time of the call."""

    received_day = forms.DateField(
        label="Day of the call",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Enter the day of the call"},
    )
    received_time = forms.TimeField(
        label="Time of the call",
        help_text="Pacific. The answer is due from then on.",
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"required": "Enter the time of the call"},
    )
    form_id = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ["received_day", "received_time", *AskForm.field_order]

    # What only the requester can confirm, and what only a program would fill in.
    ok_identifiers = None  # type: ignore[assignment]
    ok_relationship = None  # type: ignore[assignment]
    website = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("form_id", uuid4())
        for name, required in _OF_CALLER.items():
            field = self.fields[name]
            field.error_messages["required"] = required
            if isinstance(field.widget, forms.Select):
                field.widget.choices = [("", required), *list(field.widget.choices)[1:]]
        self.fields["us_state"].label = "State where they work"
        self.fields["question"].label = "Question"
        self.fields["question"].help_text = (
            "Leave out names, dates of birth, A-numbers and addresses. "
            f"Up to {LONGEST_QUESTION:,} characters."
        )
        for name in ("supervisor_name", "supervisor_email"):
            self.fields[name].help_text = "For a paralegal, intern or graduate only."
        email = self.fields["email"]
        email.required = False
        email.help_text = "Optional. Without it there is no private page: the answer goes by phone."
        self.fields["phone"].help_text = "How to call back."
        self.received_at: datetime | None = None
        self.came_twice = ""

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        day, at = said.get("received_day"), said.get("received_time")
        if day and at:
            try:
                self.received_at, twice = turnaround.local_instant(day, at, PACIFIC)
            except Refused as refused:
                self.add_error("received_time", str(refused))
            else:
                self.came_twice = words.came_twice(day, at) if twice else ""
        if not said.get("email") and not said.get("phone") and "email" not in self.errors:
            self.add_error("phone", "Enter a phone number or an email address to answer to")
        return said
