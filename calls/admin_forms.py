"""Forms of the back office for calls. Each change of a date or rule is a verb's form."""

import datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from calls import schedule
from calls.models import CallDate, Schedule
from hub import words
from hub.fields import LineField

KINDS = [
    ("WEEKLY", "Every week on the days chosen below"),
    ("MONTHLY", "Each month on one weekday: the first to fourth, or the last"),
    ("DAILY", "Every day"),
    ("YEARLY", "Every year on one date"),
]

_YEARS = f"Choose a first day between {schedule.FIRST_DAY.year} and {schedule.LAST_DAY.year}."


class DayField(forms.DateField):
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class HourField(forms.TimeField):
    widget = forms.TimeInput({"type": "time"}, format="%H:%M")


class ScheduleForm(forms.Form):
    """Time and rule of a series, in words a person chooses from."""

    freq = forms.ChoiceField(label="How often", choices=KINDS, widget=forms.RadioSelect)
    interval = forms.IntegerField(
        label="Of every … week, month, day or year",
        help_text="1 for each one, 2 for every second one, up to 12.",
        initial=1,
    )
    weekdays = forms.MultipleChoiceField(
        label="Days of the week",
        choices=list(schedule.WEEKDAYS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="For a weekly call any number; for a monthly one exactly one.",
    )
    nth = forms.TypedChoiceField(
        label="Which one in the month",
        choices=[("", "—"), *((str(n), word) for n, word in schedule.NTH.items())],
        coerce=int,
        empty_value=None,
        required=False,
        help_text="For a monthly call.",
    )
    yearly_on = DayField(
        label="Date in the year", required=False, help_text="For a yearly call; any year will do."
    )
    begins = DayField(
        label="First day",
        help_text="The new times hold from the rule's first date on or after it.",
        validators=[
            MinValueValidator(schedule.FIRST_DAY, _YEARS),
            MaxValueValidator(schedule.LAST_DAY, _YEARS),
        ],
    )
    start_time = HourField(label="Begins at")
    minutes = forms.IntegerField(label="Minutes", min_value=5, max_value=720, initial=60)
    zone = forms.ChoiceField(label="Clock", choices=list(words.ZONES.items()))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        on = data["yearly_on"] or datetime.date(2000, 1, 1)
        yearly = data["freq"] == "YEARLY"
        if yearly and not data["yearly_on"]:
            self.add_error("yearly_on", "Choose the date in the year.")
            return data
        try:
            data["rule"] = schedule.Rule(
                freq=data["freq"],
                interval=data["interval"],
                weekdays=tuple(data["weekdays"]) if data["freq"] in {"WEEKLY", "MONTHLY"} else (),
                nth=(data["nth"] or 0) if data["freq"] == "MONTHLY" else 0,
                month=on.month if yearly else 0,
                day=on.day if yearly else 0,
            )
        except schedule.BadRule as error:
            self.add_error(self._field_of(data["freq"]), str(error))
        return data

    def _field_of(self, freq: str) -> str:
        if not 1 <= self.cleaned_data["interval"] <= 12:
            return "interval"
        return {"WEEKLY": "weekdays", "MONTHLY": "nth", "YEARLY": "yearly_on"}.get(freq, "freq")

    @property
    def said(self) -> str:
        """The choice in one line; what `seen` must repeat before it is saved."""
        data = self.cleaned_data
        names = ["rule", "begins", "start_time", "minutes", "zone"]
        return "|".join(str(data[name]) for name in names)

    def preview(self, count: int = 10) -> list[datetime.date]:
        return schedule.next_dates(self.cleaned_data["rule"], self.cleaned_data["begins"], count)

    @staticmethod
    def initial_from(plan: Schedule) -> dict[str, Any]:
        """The schedule in force, to change from."""
        rule = plan.rule
        on = datetime.date(2000, rule.month, rule.day) if rule.freq == "YEARLY" else None
        return {
            "freq": rule.freq,
            "interval": rule.interval,
            "weekdays": rule.weekdays,
            "nth": str(rule.nth or ""),
            "yearly_on": on,
            "start_time": plan.start_time,
            "minutes": plan.minutes,
            "zone": plan.zone,
        }


class WhenForm(forms.Form):
    """A day and time by the clock of the call's own zone."""

    day = DayField(label="Day")
    time = HourField(label="Begins at")

    def __init__(self, *args: Any, plan: Schedule, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.fields["time"].help_text = f"{words.ZONES[plan.zone]} time."

    @property
    def starts_at(self) -> datetime.datetime:
        data = self.cleaned_data
        return schedule.instant(data["day"], data["time"], self.plan.zone)


class ReasonField(LineField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=300,
            label="Reason",
            help_text="Public: shown on the page, in calendars and in the mail to everyone in.",
            **kwargs,
        )


class CancelForm(forms.Form):
    reason = ReasonField()


class MoveForm(WhenForm):
    reason = ReasonField(required=False)


class ExtraForm(WhenForm):
    topic = LineField(max_length=200, required=False)
    speaker = LineField(max_length=200, required=False)


class NothingForm(forms.Form):
    """For a change that needs only a yes."""


class TopicForm(forms.ModelForm):
    topic = LineField(max_length=200, required=False)
    speaker = LineField(max_length=200, required=False)

    class Meta:
        model = CallDate
        fields = ["topic", "speaker"]
