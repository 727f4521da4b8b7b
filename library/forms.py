"""What visitors can send to the library."""

from django import forms
from django.core.validators import URLValidator

from hub.fields import AddressField, LineField, TrapField
from hub.text import single_line


class LinkField(forms.URLField):
    """An address in the web and nothing else: no script, no file, no mail."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    def to_python(self, value: str | None) -> str | None:
        return super().to_python(single_line(value) if isinstance(value, str) else value)


class SuggestForm(forms.Form):
    """A resource that a visitor would add."""

    title = LineField(
        max_length=300,
        label="Title",
        help_text="As the work itself has it, or what you call it.",
        error_messages={
            "required": "Enter the title",
            "max_length": "The title must be 300 characters or fewer",
        },
    )
    url = LinkField(
        max_length=500,
        required=False,
        label="Link",
        assume_scheme="https",
        help_text="Where it can be found, if you know. For example: https://www.example.org/guide.pdf",
        error_messages={
            "invalid": "Enter a web address that begins with https:// or http://",
            "max_length": "The link must be 500 characters or fewer",
        },
        # Not of type "url": a browser would refuse an address without https:// by itself.
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off"}),
    )
    why = forms.CharField(
        max_length=1000,
        label="What it helps with",
        help_text="Which work, for whom. Please write nothing about a client or a case.",
        error_messages={
            "required": "Write what it helps with, in a sentence",
            "max_length": "What you write must be 1,000 characters or fewer",
        },
        widget=forms.Textarea({"rows": 4}),
    )
    name = LineField(
        max_length=200,
        required=False,
        label="Your name",
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    email = AddressField(
        required=False,
        label="Your email",
        help_text="Only if we may ask you about it.",
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    website = TrapField()

    use_required_attribute = False

    def clean_why(self) -> str:
        lines = (single_line(line) for line in self.cleaned_data["why"].splitlines())
        why = "\n".join(lines).strip()
        if not why:
            raise forms.ValidationError(self.fields["why"].error_messages["required"])
        return why
