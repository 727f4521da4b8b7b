from django import forms

from hub.fields import LineField


class DetailsForm(forms.Form):
    """What a person is called, in all they are in."""

    name = LineField(
        max_length=200,
        error_messages={"required": "Enter your name"},
        widget=forms.TextInput({"autocomplete": "name", "class": "w-l"}),
    )
    organization = LineField(
        max_length=200,
        error_messages={"required": "Enter your organization"},
        widget=forms.TextInput({"autocomplete": "organization", "class": "w-l"}),
    )

    use_required_attribute = False
