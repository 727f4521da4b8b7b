"""Forms of the back office that belong to no app."""

from typing import Any

from django import forms

from hub.fields import LineField


class AnnouncementForm(forms.Form):
    """A mail of staff to a group of people."""

    part = forms.ChoiceField(label="To", widget=forms.RadioSelect)
    subject = LineField(max_length=150)
    text = forms.CharField(
        max_length=5000,
        widget=forms.Textarea({"rows": 12}),
        help_text="Plain text; write the address of a page in full. Each email begins with the "
        "person’s name and ends with the way to their own page. Write nothing about a client "
        "or a case.",
    )

    def __init__(self, *args: Any, parts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        part = self.fields["part"]
        part.choices = parts  # type: ignore[attr-defined]
        part.initial = parts[0][0]
        if len(parts) == 1:
            part.widget = forms.HiddenInput()
