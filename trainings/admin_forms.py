"""Forms of the back office for trainings. Each change of weight is a verb's form."""

from typing import Any

from django import forms

from hub.fields import LineField
from trainings.models import HostOffer
from trainings.services.interest import NEXT_STAGES


class StageForm(forms.Form):
    """The next stage of an agency's offer."""

    stage = forms.ChoiceField(
        label="New stage",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose one of the stages.",
            "invalid_choice": "Choose one of the stages.",
        },
    )
    note = LineField(
        max_length=300, required=False, help_text="What was said or agreed. Kept in the history."
    )

    def __init__(self, *args: Any, offer: HostOffer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages = NEXT_STAGES[HostOffer.Stage(offer.stage)]
        self.fields["stage"].choices = [(one.value, one.label) for one in stages]  # type: ignore[attr-defined]
