"""What people fill in to take part in a training."""

import re
from collections.abc import Collection, Iterator
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField

from hub.fields import AddressField, LineField, TrapField
from hub.us_states import STATES
from trainings import queries, words
from trainings.models import Offering, OfferingPrice
from trainings.services import money
from trainings.services.registration import Choice, Details, Terms

BAR_ROWS = (1, 2, 3)
_BAR_NUMBER = re.compile(r" *#? *[0-9][0-9 ]*")
# The longest number any state gives out.
_BAR_DIGITS = 8


class HintedRadios(forms.RadioSelect):
    """Radios with a sentence each, taken from `hints` by value."""

    hints: dict[str, str]

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        return {**option, "hint": self.hints.get(str(value), "")}


class BarNumberField(forms.CharField):
    """The number of a license: digits only, without leading zeros."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.validators = []

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        if not typed.strip(" "):
            return ""
        digits = typed.replace(" ", "").removeprefix("#").lstrip("0")
        if not _BAR_NUMBER.fullmatch(typed) or not digits:
            raise forms.ValidationError("Enter the bar number in digits only, such as 123456.")
        if len(digits) > _BAR_DIGITS:
            raise forms.ValidationError(
                f"A bar number has {_BAR_DIGITS} digits at most. Check what you typed."
            )
        return digits


def _license_state(which: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        required=False,
        label=f"{which} license: state",
        choices=[("", "Choose a state"), *STATES.items()],
        error_messages={"invalid_choice": "Choose a state from the list."},
    )


def _license_number(which: str) -> BarNumberField:
    return BarNumberField(
        required=False,
        label=f"{which} license: bar number",
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric", "class": "w-s"}),
    )


class LicenseForm(forms.Form):
    """Whether somebody is an attorney, and where they are licensed."""

    is_attorney = forms.ChoiceField(
        label="Are you an attorney?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether you are an attorney."},
    )
    bar_state_1 = _license_state("First")
    bar_number_1 = _license_number("First")
    bar_state_2 = _license_state("Second")
    bar_number_2 = _license_number("Second")
    bar_state_3 = _license_state("Third")
    bar_number_3 = _license_number("Third")

    use_required_attribute = False

    def bar_rows(self) -> Iterator[tuple[BoundField, BoundField]]:
        for row in BAR_ROWS:
            yield self[f"bar_state_{row}"], self[f"bar_number_{row}"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        seen: set[str] = set()
        for row in BAR_ROWS:
            if {f"bar_state_{row}", f"bar_number_{row}"} & self.errors.keys():
                continue
            state, number = self._row(row)
            if number and not state:
                self.add_error(f"bar_state_{row}", "Choose the state of this bar number.")
            elif state and not number and row > 1:
                self.add_error(f"bar_number_{row}", f"Enter the number for {STATES[state]}.")
            elif state and state in seen:
                self.add_error(
                    f"bar_number_{row}", f"There are two numbers for {STATES[state]}: keep one."
                )
            if number:
                seen.add(state)
        return self.cleaned_data

    def _row(self, row: int) -> tuple[str, str]:
        cleaned = self.cleaned_data
        return cleaned.get(f"bar_state_{row}", ""), cleaned.get(f"bar_number_{row}", "")

    def details(self, name: str, organization: str = "") -> Details:
        rows = (self._row(row) for row in BAR_ROWS)
        return Details(
            name=name,
            organization=organization,
            is_attorney=self.cleaned_data["is_attorney"] == "yes",
            bar_numbers=tuple((state, number) for state, number in rows if number),
        )


class TermsForm(forms.Form):
    """How somebody takes part: one way of those the offering has `besides` some."""

    choice = forms.ChoiceField(label="How will you attend?", widget=HintedRadios)
    pledge_name = LineField(
        required=False,
        max_length=200,
        label="Sign the pledge with your name",
        help_text="Only if you attend with a pledge.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    waiver_code = LineField(
        required=False,
        max_length=20,
        label="Waiver code",
        help_text="Only if we gave you one.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    use_required_attribute = False

    def __init__(
        self, *args: Any, offering: Offering, besides: Collection[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offering = offering
        ways = [way for way in ways_to_take_part(offering) if way[0] not in besides]
        choice = cast(forms.ChoiceField, self.fields["choice"])
        choice.choices = [(value, label) for value, label, _ in ways]
        choice.widget.hints = {value: hint for value, _, hint in ways}
        choice.widget.attrs["class"] = "choice"
        choice.error_messages = {
            "required": "Choose how you will attend.",
            "invalid_choice": "Choose one of the ways listed here.",
        }
        offered = [value for value, _, _ in ways]
        # What is free for all needs no question.
        if offered == ["free"]:
            del self.fields["choice"]
        self.has_choice = bool(offered) and "choice" in self.fields
        if "pledge" not in offered:
            del self.fields["pledge_name"]
        if "waiver" not in offered:
            del self.fields["waiver_code"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        needed = {
            "pledge": ("pledge_name", "Type your full name to sign the pledge."),
            "waiver": ("waiver_code", "Enter your waiver code."),
        }
        name, sentence = needed.get(self.cleaned_data.get("choice", ""), ("", ""))
        if name and name not in self.errors and not self.cleaned_data.get(name):
            self.add_error(name, sentence)
        return self.cleaned_data

    def check_waiver(self) -> None:
        """Refuse a code that cannot be used; the caller counts how often one is tried."""
        if self.cleaned_data.get("choice") != "waiver":
            return
        code = queries.waiver_works(self.offering, self.cleaned_data["waiver_code"])
        if code is None:
            self.add_error(
                "waiver_code",
                "This code does not work for this training: it may be mistyped, used or expired.",
            )
        else:
            self.cleaned_data["waiver_code"] = code

    def terms(self) -> Terms:
        cleaned = self.cleaned_data
        return Terms(
            choice=cast(Choice, cleaned.get("choice", "free")),
            pledge_name=cleaned.get("pledge_name", ""),
            waiver_code=cleaned.get("waiver_code", ""),
        )


class RegistrationForm(LicenseForm, TermsForm):
    """Wish to take part. Needs no account; the address is proven by mail."""

    name = LineField(
        max_length=200,
        label="Your name, as it should be on a certificate",
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    email = AddressField(
        label="Email",
        help_text="Work email if you have one. What you need to take part goes here only.",
        error_messages={"required": "Enter your email address."},
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    organization = LineField(
        required=False,
        max_length=200,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    website = TrapField()
    field_order = ["choice", "pledge_name", "waiver_code", "name", "email", "organization"]


def ways_to_take_part(offering: Offering) -> list[tuple[str, str, str]]:
    """(choice, label, sentence) of each way an offering has, what costs nothing first."""
    ways = []
    for price in offering.prices.all():
        if price.kind == OfferingPrice.Kind.FREE:
            ways.append(("free", "Free", ""))
        elif price.kind == OfferingPrice.Kind.PLEDGE:
            said = f"I {price.condition.removeprefix('you ')}." if price.condition else ""
            ways.append(("pledge", "Free, with a pledge", said))
        else:
            ways += _ways_to_pay(price)
    return ways


def _ways_to_pay(price: OfferingPrice) -> Iterator[tuple[str, str, str]]:
    amount = words.money(price.amount_cents)
    covers = f"For {price.covers}. " if price.covers else ""
    condition = f"If {price.condition}. " if price.condition else ""
    if money.card_enabled():
        yield (
            "card",
            f"Pay {amount} by card",
            f"{condition}{covers}Your seat is held while you pay.",
        )
    yield (
        "invoice",
        f"Pay {amount} by check",
        f"{condition}{covers}We send an invoice; your seat is yours at once.",
    )
    yield "waiver", "Use a waiver code", f"We gave you a code that waives the {amount}."
