"""Forms of those who want to hear of trainings or offer to host one."""

from typing import Any

from django import forms

from hub.fields import AddressField, LineField, TrapField
from hub.us_states import STATES
from trainings import words
from trainings.models import Course, HostOffer
from trainings.queries import courses

# An agency's own guess; above it is a slip of the keys.
MOST_ATTORNEYS = 2000


class _WithTrap(forms.Form):
    website = TrapField()

    use_required_attribute = False


class NewsForm(_WithTrap):
    """Wish to be told when a training is dated. The address is proven by mail."""

    email = AddressField(
        label="Email",
        error_messages={"required": "Enter your email address"},
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    course = forms.ModelChoiceField(
        queryset=Course.objects.none(),
        label="Training",
        required=False,
        empty_label="Any training",
        error_messages={"invalid_choice": "Choose a training from the list, or any"},
    )
    region = forms.ChoiceField(
        label="Region",
        required=False,
        choices=[("", "Anywhere"), *words.REGIONS.items()],
        help_text="You hear of online trainings whichever you choose.",
        error_messages={"invalid_choice": "Choose a region from the list, or anywhere"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = courses()  # type: ignore[attr-defined]


class HostForm(_WithTrap):
    """An agency's offer to host a two-day training."""

    course = forms.ModelChoiceField(
        queryset=Course.objects.none(),
        label="Training",
        empty_label=None,
        error_messages={
            "required": "Choose the training you would like to host",
            "invalid_choice": "Choose a training from the list",
        },
    )
    agency = LineField(max_length=200, error_messages={"required": "Enter your agency’s name"})
    name = LineField(
        label="Contact person",
        max_length=200,
        error_messages={"required": "Enter the name of the person we should write to"},
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    email = AddressField(
        label="Email",
        error_messages={"required": "Enter your email address"},
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    phone = LineField(
        max_length=40, required=False, widget=forms.TextInput({"autocomplete": "tel"})
    )
    dates = LineField(
        label="Possible dates",
        max_length=300,
        help_text="Two days in a row; several choices help. For example: March 4–5 or 11–12, 2027.",
        error_messages={"required": "Enter the dates that would suit you"},
    )
    city = LineField(max_length=100, error_messages={"required": "Enter the city"})
    state = forms.ChoiceField(
        choices=[("", "Choose the state"), *STATES.items()],
        error_messages={"required": "Choose the state", "invalid_choice": "Choose the state"},
    )
    room = LineField(
        label="Room and equipment",
        max_length=300,
        help_text="How many it seats, step-free access, projector, microphone.",
        error_messages={"required": "Describe the room, or say that you still look for one"},
    )
    attorneys = forms.IntegerField(
        label="Expected attorneys",
        min_value=1,
        max_value=MOST_ATTORNEYS,
        help_text="Your best guess, as a number.",
        error_messages={
            "required": "Enter how many attorneys you expect",
            "invalid": "Enter a whole number, such as 40",
            "min_value": "Enter 1 or more attorneys",
            "max_value": "Enter 2,000 attorneys or fewer",
        },
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    licensed_in = LineField(
        label="States they are licensed in",
        max_length=200,
        help_text="For example: California and Nevada. It decides which credit we apply for.",
        error_messages={"required": "Enter the states, or “not known yet”"},
    )
    note = forms.CharField(
        label="Anything else",
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text="Please write nothing about a client or a case.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = courses().filter(  # type: ignore[attr-defined]
            sponsors_wanted=True
        )

    @property
    def details(self) -> dict[str, Any]:
        """What was said, by the names of HostOffer's fields."""
        names = {field.name for field in HostOffer._meta.fields}
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in names and name != "course"
        }
