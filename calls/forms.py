from django import forms

from calls.models import SignUp
from hub.fields import AddressField, LineField, TrapField


class SignUpForm(forms.Form):
    """Wish to join a call. Needs no account; the address is proven by mail."""

    name = LineField(
        max_length=200,
        error_messages={"required": "Enter your name"},
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    email = AddressField(
        label="Email",
        help_text="Work email if you have one. Joining details go here only.",
        error_messages={"required": "Enter your email address"},
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    organization = LineField(
        max_length=200,
        error_messages={"required": "Enter your organization"},
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    role = forms.ChoiceField(
        choices=[("", "Choose your role"), *SignUp.Role.choices],
        error_messages={"required": "Choose your role", "invalid_choice": "Choose your role"},
    )
    website = TrapField()

    use_required_attribute = False
