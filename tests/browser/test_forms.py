"""Every kind of field, with and without errors, as a browser shows it."""

import pytest
from django import forms
from django.template import engines

from tests.browser.visitor import WIDTHS
from tests.hub.test_form_templates import CHOICES, KINDS

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = """{% extends "base.html" %}{% load crispy_forms_tags %}
{% block title %}Every field{% endblock %}
{% block main %}<h1>Every field</h1><form method="post" novalidate>{{ form|crispy }}
<button type="submit" class="btn btn-primary">Send</button></form>{% endblock %}"""


def every_field() -> type[forms.Form]:
    fields = {
        name: field(
            label=f"Field {name}",
            help_text="A hint",
            error_messages={"required": f"Fill in {name}"},
            **more,
        )
        for name, (field, more) in KINDS.items()
    }
    fields["many"] = forms.MultipleChoiceField(
        choices=[*CHOICES, ("d", "Fourth"), ("e", "Fifth")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    return type("EveryField", (forms.Form,), fields)


def shown(form: forms.Form) -> str:
    return engines["django"].from_string(PAGE).render({"form": form, "plain": True})


@pytest.mark.parametrize("width", [*WIDTHS, 320])
@pytest.mark.parametrize("bound", [False, True], ids=["fresh", "errors"])
def test_every_field_can_be_read_by_everyone(visitor, width, bound):
    form = every_field()
    one = visitor(width=width)
    one.show(shown(form({}) if bound else form()))
    one.read_by_everyone()


def test_the_errors_have_the_focus_and_lead_to_their_fields(visitor):
    one = visitor()
    page = one.show(shown(every_field()({})))

    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.id") == "errors"
    for name, target in [
        ("text", "id_text"),
        ("boxes", "id_boxes_0"),
        ("radios", "id_radios_0"),
        ("box", "id_box"),
    ]:
        page.get_by_role("link", name=f"Fill in {name}", exact=True).click()
        assert page.evaluate("document.activeElement.id") == target


def test_a_screen_reader_hears_label_hint_and_error(visitor):
    one = visitor()
    page = one.show(shown(every_field()({})))

    field = page.get_by_role("textbox", name="Field email", exact=True)
    assert field.get_attribute("aria-invalid") == "true"
    tree = one.context.new_cdp_session(page)
    node = tree.send("DOM.getDocument")["root"]["nodeId"]
    found = tree.send("DOM.querySelector", {"nodeId": node, "selector": "#id_email"})
    heard = tree.send(
        "Accessibility.getPartialAXTree", {"nodeId": found["nodeId"], "fetchRelatives": False}
    )
    assert heard["nodes"][0]["description"]["value"] == "A hint Error: Fill in email"


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_pressed_is_large_enough(visitor, width):
    one = visitor(width=width)
    page = one.show(shown(every_field()()))
    for control in page.locator("main input, main select, main button, main textarea").all():
        box = control.bounding_box()
        assert box
        small = control.get_attribute("type") in ("checkbox", "radio")
        assert box["height"] >= (24 if small else 44), control.evaluate("e => e.outerHTML")
    for row in page.locator(".form-check").all():
        box = row.bounding_box()
        assert box
        assert box["height"] >= 44
