"""Form fields every app uses."""

import re
from typing import Any

from django import forms

from hub import zoom
from hub.models import normalize_email
from hub.text import single_line


class LineField(forms.CharField):
    """One line of text, cleaned by hub.text.single_line before it is checked."""

    def to_python(self, value: Any) -> str:
        return super().to_python(single_line(value) if isinstance(value, str) else value) or ""


# What a calendar invitation can name; the mail standard also knows "quoted names"@[127.0.0.1].
_PLAIN_ADDRESS = re.compile(r"[^\s\"(),:;<>@\[\\\]\x00-\x1f\x7f]+@[a-z0-9-]+(\.[a-z0-9-]+)+")


class AddressField(forms.EmailField):
    """An e-mail address in the spelling the hub stores.

    ASCII only: other letters can look like these, and turn around what a reader sees. An
    international domain has an ASCII spelling too. And none that an invitation cannot name: its
    mail would never go out.
    """

    default_error_messages = {"invalid": "Enter an email address such as name@example.org"}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        address = normalize_email(super().to_python(value) or "")
        if address and not (address.isascii() and _PLAIN_ADDRESS.fullmatch(address)):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return address


class IdsField(forms.Field):
    """Row numbers as a list of checkboxes sends them, or one field with commas between."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> set[int]:
        try:
            return {int(one) for each in value or [] for one in each.split(",") if one}
        except ValueError:
            raise forms.ValidationError("The list did not come through. Reload it.") from None


class ParticipantsField(forms.FileField):
    """Zoom's participants file, to be read by hub.zoom."""

    widget = forms.FileInput({"accept": ".csv,text/csv"})
    default_error_messages = {
        "required": "Choose the file.",
        "empty": "The file is empty.",
        "missing": "Choose the file.",
    }

    def __init__(self) -> None:
        super().__init__(
            label="Participants file (CSV)",
            help_text="In Zoom: Reports, Usage, Participants, Export. The same file twice is no "
            "harm.",
        )

    def clean(self, value: Any, initial: Any = None) -> Any:
        file = super().clean(value, initial)
        if file.size > zoom.MOST_BYTES:
            raise forms.ValidationError(
                "The file is larger than 5 MB. A participants file never is."
            )
        return file


class TrapField(forms.CharField):
    """Programs that fill in every field fill in this one; people never see it."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            label="Leave this field empty",
            widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
        )

    def clean(self, value: Any) -> str:
        if value:
            raise forms.ValidationError("Leave this field empty: it is there to stop spam.")
        return ""
