"""What the back office asks before it calls a verb on a registration, its money or pledge."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from hub.fields import LineField
from trainings import words
from trainings.models import HIGHEST_FEE, CheckoutSession, Offering, OfferingPrice, Registration
from trainings.services import money

_DOLLARS = re.compile(r"\$? ?([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]{2}))?")
PRIVATE = "Nothing about a client, please."


class DollarsField(LineField):
    """An amount as people write it, 300 or 1,250.50, kept as integer cents from 1 to the most."""

    widget = forms.TextInput({"inputmode": "decimal", "size": 12})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "In dollars: 300 or 299.50.")
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value // 100}.{value % 100:02}" if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        if typed.startswith(("-", "−", "(")):
            raise forms.ValidationError("An amount is never negative.")
        read = _DOLLARS.fullmatch(typed)
        if read is None:
            raise forms.ValidationError("Enter an amount in dollars, such as 300 or 299.50.")
        whole = read[1].replace(",", "").lstrip("0")
        # By length first: a number of thousands of digits is not worth reading.
        cents = int(whole or 0) * 100 + int(read[2] or 0) if len(whole) < 10 else HIGHEST_FEE + 1
        if cents > HIGHEST_FEE:
            raise forms.ValidationError(f"An amount is at most {words.money(HIGHEST_FEE)}.")
        if cents == 0:
            raise forms.ValidationError("An amount is more than $0.")
        return cents


class AboutForm(forms.Form):
    """Asks about one row; this one only for a yes."""

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row


class PublicReasonForm(AboutForm):
    reason = LineField(
        max_length=300,
        help_text="The person reads it.",
        error_messages={"required": "Give a reason: the person reads it."},
    )


class LedgerReasonForm(AboutForm):
    reason = LineField(
        max_length=300,
        help_text="It stays in the ledger.",
        error_messages={"required": "Give a reason: it stays in the ledger."},
    )


class PledgeReasonForm(AboutForm):
    reason = LineField(
        max_length=300,
        help_text=f"It stays in the pledge’s history. {PRIVATE}",
        error_messages={"required": "Say why: it stays in the pledge’s history."},
    )


class PledgeNoteForm(AboutForm):
    reason = LineField(
        label="Note",
        max_length=300,
        required=False,
        help_text=f"It stays in the pledge’s history. {PRIVATE}",
    )


class CheckForm(AboutForm):
    """A check that came; the amount is what they owe until staff type another."""

    cents = DollarsField(label="Amount")
    number = LineField(
        label="Number of the check",
        max_length=100,
        error_messages={"required": "Enter the number of the check."},
    )

    def __init__(self, *args: Any, row: Registration, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        if (owed := money.balance(row)) > 0:
            self.initial["cents"] = owed


class RefundForm(LedgerReasonForm):
    """`left` is what could be refunded when the page was made, in cents.

    A form that is sent twice would otherwise refund twice.
    """

    cents = DollarsField(label="Amount")
    by_check = forms.BooleanField(
        label="Send a check, also for what they paid by card", required=False
    )
    left = forms.IntegerField(widget=forms.HiddenInput, required=False)
    field_order = ["cents", "reason", "by_check", "left"]

    def __init__(self, *args: Any, row: Registration, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        left = max(0, money.received(row))
        self.initial.update(cents=left or None, left=left)
        self.fields["cents"].help_text = f"In dollars, {words.money(left)} at most."
        if not row.checkouts.filter(state=CheckoutSession.State.PAID).exists():
            del self.fields["by_check"]


class SignForm(AboutForm):
    """To the pledge, of somebody who told staff so."""

    pledge_name = LineField(
        label="Signed as",
        max_length=200,
        help_text="The name as they signed the pledge. Have them read it before.",
        error_messages={"required": "Enter the name they signed the pledge with."},
    )


class FeeForm(AboutForm):
    """To the fee, or to another way of paying it."""

    way = forms.ChoiceField(
        label="How they pay",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how they pay.",
            "invalid_choice": "Choose one of the ways listed.",
        },
    )
    waiver_code = LineField(max_length=20, required=False, help_text="Only for a waiver code.")

    def __init__(self, *args: Any, row: Registration, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        ways = [
            (value, label)
            for value, label in Registration.Method.choices
            if value != row.method and (value != Registration.Method.CARD or money.card_enabled())
        ]
        self.fields["way"].choices = ways  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("way") == Registration.Method.WAIVER and not data.get("waiver_code"):
            self.add_error("waiver_code", "Enter the waiver code.")
        return data


class SentForm(AboutForm):
    reference = LineField(
        label="Number of the check",
        max_length=100,
        error_messages={"required": "Enter the number of the check."},
    )


class _DayField(forms.DateField):
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {"invalid": "Enter a day, such as 2027-06-30."}

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and day.year not in range(2000, 2100):
            raise forms.ValidationError("Enter a year from 2000 to 2099.")
        return day


class AcceptForm(AboutForm):
    day = _DayField(
        label="Accepted on",
        required=False,
        help_text="Leave it empty for today. It decides whether the case was accepted in time.",
    )

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day is not None and day < timezone.localdate(self.row.made_at):
            raise forms.ValidationError("The pledge was not made yet on that day.")
        return day


class ExtendForm(PledgeReasonForm):
    due_on = _DayField(
        label="New due day",
        help_text="In time until the end of this day, Pacific.",
        error_messages={"required": "Choose the new day."},
    )
    field_order = ["due_on", "reason"]


def has_price(offering: Offering, kind: OfferingPrice.Kind) -> bool:
    """Can people take part in it that way?"""
    return offering.prices.filter(kind=kind).exists()
