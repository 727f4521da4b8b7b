"""What the back office of the library asks."""

from typing import Any

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.contrib.postgres.forms import SimpleArrayField
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q

from hub.text import single_line
from library.models import Alias, Audience, Resource, ResourceType, Topic
from library.table import LARGEST


class Lines(SimpleArrayField):
    """One a line: a name may hold a comma."""

    def __init__(
        self,
        help_text: str = "One a line, in the order of the work itself.",
        max_length: int = 200,
        required: bool = False,
    ) -> None:
        super().__init__(
            forms.CharField(max_length=max_length),
            delimiter="\n",
            required=required,
            help_text=help_text,
            widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        )

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = "\n".join(line for line in value.splitlines() if line.strip())
        return super().to_python(value)


class ResourceForm(forms.ModelForm):
    authors = Lines()
    organizations = Lines()
    also_provides = forms.MultipleChoiceField(
        choices=ResourceType, required=False, widget=forms.CheckboxSelectMultiple
    )
    url = forms.URLField(
        label="Link",
        max_length=500,
        required=False,
        empty_value=None,
        assume_scheme="https",
        widget=AdminURLFieldWidget,
        help_text=Resource._meta.get_field("url").help_text,
    )
    archived_url = forms.URLField(
        label="Archived copy",
        max_length=500,
        required=False,
        empty_value=None,
        assume_scheme="https",
        widget=AdminURLFieldWidget,
        help_text=Resource._meta.get_field("archived_url").help_text,
    )


class AliasForm(forms.ModelForm):
    terms = Lines(
        "One a line, two or more: T visa, T nonimmigrant status.", max_length=80, required=True
    )

    class Meta:
        model = Alias
        fields = ["terms"]

    def clean_terms(self) -> list[str]:
        """One spelling once, here and in all other aliases: else a search could go in circles."""
        terms = [term for each in self.cleaned_data["terms"] if (term := single_line(each))]
        seen: dict[str, str] = {}
        for term in terms:
            if term.casefold() in seen:
                raise forms.ValidationError(f"“{term}” is here twice.")
            seen[term.casefold()] = term
        if len(terms) < 2:
            raise forms.ValidationError("An alias needs two terms or more, one a line.")
        for other in Alias.objects.exclude(pk=self.instance.pk):
            for term in other.terms:
                if term.casefold() in seen:
                    raise forms.ValidationError(
                        f"“{seen[term.casefold()]}” is in another alias already: {other}. "
                        "Add the new terms there."
                    )
        return terms


class WordsForm(forms.Form):
    """Which topics or audiences, asked for resources that were chosen in the list."""

    words = forms.ModelMultipleChoiceField(
        queryset=Topic.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose one or more."},
    )
    action = forms.CharField(widget=forms.HiddenInput)
    select_across = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, name: str, action: str, chosen: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        model = Resource._meta.get_field(name).related_model
        words: Any = self.fields["words"]
        words.queryset, words.label = model._default_manager.all(), name.capitalize()  # type: ignore[union-attr]
        self.fields[ACTION_CHECKBOX_NAME] = forms.MultipleChoiceField(
            choices=[(pk, pk) for pk in chosen], widget=forms.MultipleHiddenInput, initial=chosen
        )
        self.initial["action"] = action


class MergeForm(forms.Form):
    """Which other topic or audience becomes this one."""

    gone = forms.ChoiceField(
        label="Merge into it",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the one that is to go.",
            "invalid_choice": "Choose one from the list. Somebody may have deleted it.",
        },
    )

    def __init__(self, *args: Any, kept: Topic | Audience, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = (
            type(kept)
            ._default_manager.exclude(pk=kept.pk)
            .annotate(
                having=Count("resources", distinct=True),
                both=Count(
                    "resources",
                    filter=Q(resources__in=kept.resources.values("pk")),
                    distinct=True,
                ),
            )
            .order_by("name")
        )
        self.fields["gone"].choices = [  # type: ignore[attr-defined]
            (str(other.pk), f"{other.name}: {_moving(other.having, other.both)}")
            for other in others
        ]


def _moving(having: int, both: int) -> str:
    if not having:
        return "no resource has it"
    moved = "1 resource gets" if having == 1 else f"{having} resources get"
    return f"{moved} this one instead" + (f", {both} of them have it already" if both else "")


class TableForm(forms.Form):
    """The file to import."""

    file = forms.FileField(
        label="File",
        help_text="CSV in UTF-8 or an Excel workbook (.xlsx), 5,000 rows and 10 MB at most.",
        error_messages={
            "required": "Choose the file to import.",
            "empty": "The file is empty.",
            "missing": "Choose the file to import.",
        },
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(
                "The file is larger than 10 MB. Split it, and import one part at a time."
            )
        return file


class ConfirmForm(forms.Form):
    """Carries a plan that was shown to the page that carries it out."""

    plan = forms.CharField(widget=forms.HiddenInput)


class RestoreForm(forms.Form):
    newest = forms.IntegerField(widget=forms.HiddenInput)
