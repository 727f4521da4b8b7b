import pytest
from django.urls import reverse

from library.models import Alias
from tests.reading import inline_code, text

ADD = reverse("admin:library_alias_add")


def test_terms_are_one_a_line(back_office):
    assert inline_code(back_office.get(ADD)) == []
    sent = {"terms": "T visa\r\n\r\n  T  nonimmigrant status, T-1 \r\nT-visa"}
    assert back_office.post(ADD, sent).status_code == 302
    alias = Alias.objects.get()
    assert alias.terms == ["T visa", "T nonimmigrant status, T-1", "T-visa"]
    change = reverse("admin:library_alias_change", args=[alias.pk])
    assert back_office.post(change, {"terms": "T visa\nT1"}).status_code == 302
    alias.refresh_from_db()
    assert alias.terms == ["T visa", "T1"]


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("", "This field is required."),
        ("One only", "An alias needs two terms or more, one a line."),
        ("VAWA\n \u200b", "An alias needs two terms or more, one a line."),
        ("VAWA\nvawa", "“vawa” is here twice."),
        ("Office\nwho", "“who” is in another alias already: WHO = World Health Organization."),
        ("A\n" + "x" * 81, "at most 80 characters"),
    ],
)
def test_what_cannot_be_is_said(back_office, terms, said):
    Alias.objects.create(terms=["WHO", "World Health Organization"])
    page = back_office.post(ADD, {"terms": terms})
    assert page.status_code == 200
    assert said in text(page)
    assert Alias.objects.count() == 1
