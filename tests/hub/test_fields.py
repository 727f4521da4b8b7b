"""Fields of forms: cleaned before they are checked, and one spelling of an address."""

import pytest
from django import forms
from django.core.validators import validate_email

from hub.fields import AddressField, LineField

WRONG = ["Enter an email address such as name@example.org"]


class Form(forms.Form):
    name = LineField(max_length=10, error_messages={"required": "Enter your name"})
    nickname = LineField(required=False)
    email = AddressField(error_messages={"required": "Enter your email address"})


def form(**data: object) -> Form:
    return Form({"name": "Jane", "email": "jane@example.org"} | data)


def test_a_line_is_cleaned():
    filled = form(name="\u202eJane\r\n Roe\x00 ", nickname=" J\u200b ")
    assert filled.is_valid(), filled.errors
    assert filled.cleaned_data["name"] == "Jane Roe"
    assert filled.cleaned_data["nickname"] == "J"


@pytest.mark.parametrize("typed", ["", "   ", "\t\n", "\u200b", "\u200d", "\x00", "\ud800"])
def test_a_line_of_nothing_visible_is_missing(typed):
    assert form(name=typed).errors == {"name": ["Enter your name"]}
    assert form(nickname=typed).is_valid()
    assert form(nickname=typed).fields["nickname"].clean(typed) == ""


def test_the_length_is_that_of_the_cleaned_line():
    assert form(name="\x00" * 500 + "J" * 10).is_valid()
    assert list(form(name="J" * 11).errors) == ["name"]


def test_a_missing_field_is_told_like_an_empty_one():
    assert Form({}).errors == {
        "name": ["Enter your name"],
        "email": ["Enter your email address"],
    }


@pytest.mark.parametrize(
    "typed", ["Jane@Example.ORG", "  jane@example.org ", "JANE@EXAMPLE.ORG\n", "jane@example.org"]
)
def test_an_address_has_one_spelling(typed):
    filled = form(email=typed)
    assert filled.is_valid(), filled.errors
    assert filled.cleaned_data["email"] == "jane@example.org"


@pytest.mark.parametrize(
    "typed",
    [
        "jane",
        "jane@",
        "@example.org",
        "jane@example",
        "jane roe@example.org",
        "jane@example.org, mallory@example.org",
        "jane@example.org\r\nBcc: mallory@example.org",
        "Jane <jane@example.org>",
        # Addresses by the standard, to which no invitation could go.
        '"jane roe"@example.org',
        "jane@[127.0.0.1]",
        "jane@exämple.org",
        "jane@ex\u0430mple.org",
        "jane@example.org\u202e",
        "jané@example.org",
        "j\x00ane@example.org",
        "j\ud800ane@example.org",
    ],
)
def test_what_is_not_one_plain_address_is_refused_in_words(typed):
    assert form(email=typed).errors == {"email": WRONG}


def test_an_address_may_have_254_characters():
    domain = ".".join(["d" * 60] * 3) + ".org"
    fits = "j" * (253 - len(domain)) + "@" + domain
    assert len(fits) == 254
    assert "Ensure" in form(email=f"j{fits}").errors["email"][0]
    # The part before the @ has a limit of its own.
    assert form(email="j" * 64 + "@" + domain).is_valid()


def test_nobody_elses_fields_are_reworded():
    AddressField()
    assert validate_email.message == "Enter a valid email address."


def test_a_forms_own_wording_wins():
    assert AddressField(error_messages={"invalid": "No."}).error_messages["invalid"] == "No."
