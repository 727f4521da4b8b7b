"""The order, the marks and the ties of every kind of field, as crispy draws them here."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.template import engines
from django.template.loader import render_to_string
from django.test.html import Element, parse_html

CHOICES = [("a", "First"), ("b", "Second"), ("c", "Third")]


class Hinted(forms.RadioSelect):
    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        return option | {"hint": f"About {option['label']}"}


KINDS: dict[str, tuple[type[forms.Field], dict[str, Any]]] = {
    "text": (forms.CharField, {}),
    "email": (forms.EmailField, {}),
    "area": (forms.CharField, {"widget": forms.Textarea}),
    "number": (forms.IntegerField, {}),
    "date": (forms.DateField, {}),
    "file": (forms.FileField, {}),
    "select": (forms.ChoiceField, {"choices": [("", "Choose one"), *CHOICES]}),
    "several": (forms.MultipleChoiceField, {"choices": CHOICES}),
    "box": (forms.BooleanField, {}),
    "boxes": (
        forms.MultipleChoiceField,
        {"choices": CHOICES, "widget": forms.CheckboxSelectMultiple},
    ),
    "radios": (forms.ChoiceField, {"choices": CHOICES, "widget": forms.RadioSelect}),
    "hinted": (forms.ChoiceField, {"choices": CHOICES, "widget": Hinted}),
}
GROUPS = {"boxes", "radios", "hinted"}
WAYS = [
    "{% load crispy_forms_tags %}{{ form|crispy }}",
    "{% load crispy_forms_tags %}{% crispy form %}",
]


def form_of(kind: str, *, required: bool, bound: bool) -> forms.Form:
    field, options = KINDS[kind]
    made = field(label="Your answer", help_text="A hint", required=required, **options)
    cls = type("OneField", (forms.Form,), {"answer": made})
    return cls({}) if bound else cls()


def draw(way: str, form: forms.Form) -> list[Element]:
    html = engines["django"].from_string(way).render({"form": form})
    return list(walk(parse_html(html)))


def walk(node: Any) -> Iterator[Element]:
    if isinstance(node, Element):
        yield node
        for child in node.children:
            yield from walk(child)


def attrs(element: Element) -> dict[str, str | None]:
    return dict(element.attributes)


def classes(element: Element) -> list[str]:
    return (attrs(element).get("class") or "").split()


def text(element: Element) -> str:
    return " ".join(
        " ".join(str(c) if isinstance(c, str) else text(c) for c in element.children).split()
    )


def control(elements: list[Element]) -> Element:
    return next(
        e
        for e in elements
        if e.name in ("input", "select", "textarea")
        and attrs(e).get("type") not in ("hidden", "submit")
    )


def where(elements: list[Element], wanted: str) -> int:
    return next(i for i, e in enumerate(elements) if wanted in classes(e) or e.name == wanted)


@pytest.mark.parametrize("way", WAYS, ids=["filter", "tag"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_read_before_the_control_it_is_about(kind, way):
    elements = draw(way, form_of(kind, required=True, bound=True))

    name = elements[where(elements, "legend" if kind in GROUPS else "label")]
    hint, error = elements[where(elements, "hint")], elements[where(elements, "invalid-feedback")]
    field = control(elements)
    order = [elements.index(e) for e in (name, hint, error, field)]
    if kind == "box":
        order = [elements.index(error), elements.index(field), elements.index(name)]
    assert order == sorted(order)

    assert text(name) == "Your answer"
    assert text(error).startswith("Error: ")
    assert "visually-hidden" in classes(error.children[0])
    described = elements[where(elements, "fieldset")] if kind in GROUPS else field
    assert attrs(described)["aria-describedby"] == "id_answer_helptext id_answer_error"
    assert (attrs(hint)["id"], attrs(error)["id"]) == ("id_answer_helptext", "id_answer_error")
    assert "is-invalid" in classes(field)
    assert kind in GROUPS or attrs(field)["aria-invalid"] == "true"
    assert "has-error" in classes(elements[where(elements, "mb-4")])


@pytest.mark.parametrize("kind", KINDS)
def test_without_an_error_nothing_hints_at_one(kind):
    elements = draw(WAYS[0], form_of(kind, required=True, bound=False))

    assert not [
        e for e in elements if {"has-error", "is-invalid", "invalid-feedback"} & set(classes(e))
    ]
    assert not [e for e in elements if "aria-invalid" in attrs(e)]
    described = elements[where(elements, "fieldset")] if kind in GROUPS else control(elements)
    assert attrs(described)["aria-describedby"] == "id_answer_helptext"


@pytest.mark.parametrize("kind", KINDS)
def test_what_may_be_left_out_says_so(kind):
    elements = draw(WAYS[0], form_of(kind, required=False, bound=True))

    name = elements[where(elements, "legend" if kind in GROUPS else "label")]
    assert text(name) == ("Your answer" if kind == "box" else "Your answer (optional)")


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("text", "form-control"),
        ("area", "form-control"),
        ("file", "form-control"),
        ("select", "form-select"),
        ("several", "form-select"),
        ("box", "form-check-input"),
        ("boxes", "form-check-input"),
        ("radios", "form-check-input"),
    ],
)
def test_each_control_wears_its_class(kind, wanted):
    assert wanted in classes(control(draw(WAYS[0], form_of(kind, required=True, bound=False))))


@pytest.mark.parametrize("kind", sorted(GROUPS))
def test_each_option_of_a_group_has_its_own_label(kind):
    elements = draw(WAYS[0], form_of(kind, required=True, bound=True))

    inputs = [attrs(e)["id"] for e in elements if e.name == "input"]
    labels = [attrs(e)["for"] for e in elements if e.name == "label"]
    assert inputs == labels == ["id_answer_0", "id_answer_1", "id_answer_2"]


def test_an_option_with_a_sentence_is_boxed_and_tied_to_it():
    elements = draw(WAYS[0], form_of("hinted", required=True, bound=False))

    first = control(elements)
    assert attrs(first)["aria-describedby"] == "id_answer_0_hint"
    hint = next(e for e in elements if attrs(e).get("id") == "id_answer_0_hint")
    assert text(hint) == "About First"
    assert len([e for e in elements if "choice" in classes(e)]) == 3


def test_only_long_lists_stand_in_columns():
    short = draw(WAYS[0], form_of("boxes", required=True, bound=False))

    class Long(forms.Form):
        answer = forms.MultipleChoiceField(
            choices=[(str(n), f"Choice {n}") for n in range(5)], widget=forms.CheckboxSelectMultiple
        )

    long = draw(WAYS[0], Long())
    assert not [e for e in short if "checks" in classes(e)]
    assert [e for e in long if "checks" in classes(e)]


@pytest.mark.parametrize("kind", ["text", "area", "select", "boxes", "radios", "box"])
def test_everything_typed_stays(kind):
    typed = {"text": "Rivera & Co <b>", "area": "One\nTwo", "select": "b", "radios": "b"}
    values = {"boxes": ["a", "c"], "box": ["on"]}.get(kind) or [typed[kind]]
    field, options = KINDS[kind]
    cls = type(
        "TwoFields",
        (forms.Form,),
        {"answer": field(**options), "missing": forms.CharField()},
    )
    data = QueryDict(mutable=True)
    data.setlist("answer", values)
    elements = draw(WAYS[0], cls(data))

    if kind == "text":
        assert attrs(control(elements))["value"] == "Rivera & Co <b>"
    elif kind == "area":
        assert text(control(elements)) == "One Two"
    else:
        chosen = [attrs(e) for e in elements if {"checked", "selected"} & set(attrs(e))]
        assert [e.get("value", "on") for e in chosen] == values


def test_the_form_leaves_checking_to_the_hub():
    elements = draw(WAYS[1], form_of("text", required=True, bound=False))
    assert "novalidate" in attrs(elements[where(elements, "form")])


class Several(forms.Form):
    name = forms.CharField(error_messages={"required": "Write your name"})
    areas = forms.MultipleChoiceField(
        choices=CHOICES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one area"},
    )
    kind = forms.CharField(widget=forms.HiddenInput, error_messages={"required": "Start again"})


def summary(form: forms.Form) -> list[Element]:
    html = render_to_string("errors/_summary.html", {"form": form})
    return list(walk(parse_html(html))) if html.strip() else []


def test_the_summary_links_to_each_field_and_to_the_first_box_of_a_group():
    elements = summary(Several({}))

    box = elements[0]
    assert {"role": "alert", "tabindex": "-1"}.items() <= attrs(box).items()
    assert "autofocus" in attrs(box)
    assert text(elements[where(elements, "h2")]) == "There are 3 things to fix"
    assert [(attrs(e)["href"], text(e)) for e in elements if e.name == "a"] == [
        ("#id_name", "Write your name"),
        ("#id_areas_0", "Choose at least one area"),
    ]
    assert "Start again" in [text(e) for e in elements if e.name == "li"]


def test_the_summary_links_to_what_is_wrong_with_the_whole_form():
    form = Several({"name": "Sam", "areas": ["a"], "kind": "x"})
    form.add_error(None, "You have signed up already")

    elements = summary(form)
    drawn = draw(WAYS[0], form)

    assert text(elements[where(elements, "h2")]) == "There is a problem"
    link = next(e for e in elements if e.name == "a")
    assert text(link) == "You have signed up already"
    target = next(e for e in drawn if attrs(e).get("id") == str(attrs(link)["href"])[1:])
    assert text(target) == "Error: You have signed up already"


@pytest.mark.parametrize("form", [Several(), Several({"name": "S", "areas": ["a"], "kind": "x"})])
def test_there_is_no_summary_without_an_error(form):
    assert summary(form) == []


def test_a_page_with_errors_says_so_first_and_puts_the_summary_before_its_heading(rf):
    page = engines["django"].from_string(
        '{% extends "base.html" %}{% block title %}Sign up{% endblock %}'
        "{% block main %}<h1>Sign up</h1>{% endblock %}"
    )

    html = page.render({"form": Several({}), "plain": True})

    assert "<title>Error: Sign up" in html
    assert html.index('<main id="main"') < html.index('id="errors"') < html.index("<h1>")
    assert "<title>Sign up" in page.render({"form": Several(), "plain": True})
