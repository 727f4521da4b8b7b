"""Forms of the back office for trainings. Each change of weight is a verb's form."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from hub import words as hub_words
from hub.fields import LineField
from hub.us_states import STATES
from trainings import credits as mcle
from trainings import plain, queries, words
from trainings.models import HIGHEST_FEE, Activity, HostOffer, Offering, Segment
from trainings.models.offerings import MOST_SEATS
from trainings.services import seats as seats_service
from trainings.services.attendance import spoken
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
    offering = forms.ModelChoiceField(
        Offering.objects.none(),
        required=False,
        empty_label="None yet",
        help_text="Once it is scheduled: what the agency hosts. It is told if that is canceled.",
        error_messages={"invalid_choice": "Choose an offering from the list, or none."},
    )
    note = LineField(
        max_length=300, required=False, help_text="What was said or agreed. Kept in the history."
    )

    def __init__(self, *args: Any, offer: HostOffer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages = NEXT_STAGES[HostOffer.Stage(offer.stage)]
        self.fields["stage"].choices = [(one.value, one.label) for one in stages]  # type: ignore[attr-defined]
        if HostOffer.Stage.SCHEDULED in stages:
            self.fields["offering"].queryset = queries.ahead(offer.course)  # type: ignore[attr-defined]
        else:
            del self.fields["offering"]


class DayField(forms.DateField):
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class HourField(forms.TimeField):
    widget = forms.TimeInput({"type": "time"}, format="%H:%M")


class NothingForm(forms.Form):
    """For a change that needs only a yes."""


class ReasonForm(forms.Form):
    """For a change that people are told the reason of."""

    reason = LineField(max_length=300, help_text="Public: everyone who registered reads it.")


class CourseForm(forms.ModelForm):
    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug in words.TAKEN:
            raise forms.ValidationError(f"“{slug}” is the address of another page of ours.")
        return slug


class PriceForm(forms.ModelForm):
    amount_cents = forms.IntegerField(
        label="Price in cents",
        initial=0,
        min_value=0,
        max_value=HIGHEST_FEE,
        help_text="$300 is 30000.",
        error_messages={
            "min_value": "A price is never negative: free and pledge cost 0.",
            "max_value": "A fee is $10,000 (1000000 cents) at most.",
            "invalid": "Enter the price in cents, digits only: $300 is 30000.",
        },
    )


class OfferingForm(forms.ModelForm):
    """When seats are lowered nobody who has one may lose it."""

    seats = forms.IntegerField(
        min_value=1,
        max_value=MOST_SEATS,
        error_messages={
            "min_value": "An offering has 1 seat or more.",
            "max_value": "An offering has 2,000 seats at most.",
            "invalid": "Enter the seats as a whole number.",
        },
    )
    joining_url = forms.URLField(
        label="Link to join",
        required=False,
        assume_scheme="https",
        help_text="Given to people with a seat only.",
    )

    def clean_seats(self) -> int:
        seats: int = self.cleaned_data["seats"]
        if self.instance.pk:
            # The row's lock, as of every verb that takes a seat, holds until this is saved.
            offering = seats_service.lock_offering(self.instance.pk)
            held = offering.seats - seats_service.free(offering)
            if seats < held:
                raise forms.ValidationError(
                    f"{held} seats are taken. Enter {held} or more, or cancel registrations first."
                )
        return seats


class WallForm(forms.ModelForm):
    """A row whose start and end are typed as clock times of the venue."""

    begins = HourField(label="Begins at")
    ends = HourField(label="Ends at")

    def __init__(self, *args: Any, zone: str = hub_words.PACIFIC, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        for name in ("begins", "ends"):
            self.fields[name].help_text = hub_words.ZONES[zone]
        if self.instance.pk:
            self.initial["begins"] = self._local("starts_at").time()
            self.initial["ends"] = self._local("ends_at").time()

    def _local(self, name: str) -> datetime.datetime:
        value: datetime.datetime = getattr(self.instance, name)
        return value.astimezone(ZoneInfo(self.zone))

    def set_times(self, day: datetime.date, first: datetime.time | None = None) -> None:
        """Put the typed times on a day; those before `first` belong to the night after it."""
        data = self.cleaned_data
        moments = {}
        for name, field in (("begins", "starts_at"), ("ends", "ends_at")):
            if data.get(name) is None:
                return
            kept = self.instance.pk and name not in self.changed_data
            if kept and self._local(field).date() == day:
                # Of the two 1:30 am when clocks go back: the one it was.
                moments[field] = getattr(self.instance, field)
                continue
            past = first is not None and data[name] < first
            on = day + datetime.timedelta(days=1) if past else day
            try:
                moments[field] = plain.instant(on, data[name], self.zone)
            except plain.NoSuchTime as error:
                self.add_error(name, str(error))
                return
        if moments["ends_at"] <= moments["starts_at"]:
            self.add_error("ends", "It ends after it begins.")
            return
        self.instance.starts_at = moments["starts_at"]
        self.instance.ends_at = moments["ends_at"]


class ActivityForm(WallForm):
    """A day of an offering."""

    day = DayField(label="Day")
    # On the page of the activity its agenda comes along and is checked itself.
    agenda_elsewhere = True

    class Meta:
        model = Activity
        fields = ["title"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day_before: datetime.date | None = None
        if self.instance.pk:
            self.day_before = self._local("starts_at").date()
            self.initial["day"] = self.day_before

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("day") is None:
            return data
        if data["day"].year not in range(2000, 2100):
            self.add_error("day", "Enter a year from 2000 to 2099.")
            return data
        self.set_times(data["day"])
        if self.instance.pk and self.agenda_elsewhere and not self.errors:
            self._fits()
        return data

    def _fits(self) -> None:
        """Refuse hours outside of which the agenda has lines."""
        begins, ends = self.cleaned_data["begins"], self.cleaned_data["ends"]
        for line in self.instance.segments.all():
            zone = ZoneInfo(self.zone)
            first, last = line.starts_at.astimezone(zone), line.ends_at.astimezone(zone)
            if first.time() < begins or last.time() > ends:
                hours = hub_words.clocks(first, last)
                self.add_error("ends", f"The agenda has “{line.title}”, {hours}: change it first.")
                return


class ActivityPageForm(ActivityForm):
    agenda_elsewhere = False


class SegmentForm(WallForm):
    """A line of the agenda; its day is that of the activity."""

    class Meta:
        model = Segment
        fields = ["title", "kind", "category", "speaker", "code"]
        # Narrower than the admin's own, so that a line fits a screen.
        widgets = {
            "title": forms.TextInput({"size": 28}),
            "speaker": forms.TextInput({"size": 16}),
            "code": forms.TextInput({"size": 8}),
        }

    def clean_code(self) -> str:
        return spoken(self.cleaned_data["code"])


class BarNumberForm(forms.ModelForm):
    """A number is kept as it is compared: digits, without leading zeros."""

    state = forms.ChoiceField(choices=list(STATES.items()))
    number = LineField(max_length=40)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "number" in data and "state" in data:
            try:
                data["number"] = mcle.bar_number(data["number"], data["state"])
            except mcle.BadBarNumber as bad:
                self.add_error("number", str(bad))
        return data


class WaiversForm(forms.Form):
    offering = forms.ModelChoiceField(queryset=Offering.objects.none())
    count = forms.IntegerField(label="How many codes", initial=1)
    last_day = DayField(label="Good through", help_text="The end of this day at the venue.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        going = Offering.objects.exclude(status=Offering.Status.CANCELED)
        self.fields["offering"].queryset = (  # type: ignore[attr-defined]
            going.select_related("course").prefetch_related("activities")
        )
