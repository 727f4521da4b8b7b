"""Form fields every app uses."""

from typing import Any

from django import forms

from hub.models import normalize_email
from hub.text import single_line


class LineField(forms.CharField):
    """One line of text, cleaned by hub.text.single_line before it is checked."""

    def to_python(self, value: Any) -> str:
        return super().to_python(single_line(value) if isinstance(value, str) else value) or ""


class AddressField(forms.EmailField):
    """An e-mail address in the spelling the hub stores."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        super().__init__(**kwargs)
        self.error_messages["invalid"] = "Enter an email address such as name@example.org"
        self.validators[0].message = self.error_messages["invalid"]  # type: ignore[attr-defined]

    def to_python(self, value: Any) -> str:
        return normalize_email(super().to_python(value) or "")
