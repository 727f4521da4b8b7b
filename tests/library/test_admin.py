import pytest
from django.urls import reverse

from library.models import Resource, Topic
from tests.reading import filled, inline_code, text


def change(resource):
    return reverse("admin:library_resource_change", args=[resource.pk])


def test_the_pages_hold_no_inline_script_or_style(back_office, seeded):
    topic = Topic.objects.get(slug="t-visa")
    for address in (
        reverse("admin:library_resource_changelist"),
        reverse("admin:library_resource_add"),
        change(Resource.objects.get(slug="ctrp")),
        reverse("admin:library_topic_changelist"),
        reverse("admin:library_topic_change", args=[topic.pk]),
        reverse("admin:library_audience_changelist"),
    ):
        page = back_office.get(address)
        assert "Library" in text(page)
        assert inline_code(page) == []


def test_saving_a_resource_as_it_stands_changes_nothing(back_office, seeded):
    for slug in ("ctrp", "gaining-trust", "ht-pro-bono", "care-for-trafficked-children"):
        resource = Resource.objects.get(slug=slug)
        before = Resource.objects.filter(pk=resource.pk).values().get()
        topics = set(resource.topics.all())
        sent = filled(back_office.get(change(resource)))
        assert back_office.post(change(resource), sent).status_code == 302
        assert Resource.objects.filter(pk=resource.pk).values().get() == before
        assert set(resource.topics.all()) == topics


def test_names_are_one_a_line_so_that_one_may_hold_a_comma(back_office, seeded):
    resource = Resource.objects.get(slug="gaining-trust")
    sent = filled(back_office.get(change(resource)))
    assert sent["authors"] == "Kelly Heinrich\nJennifer Podkul"
    sent |= {"authors": "Kelly Heinrich, Esq.\r\n\r\n  Jennifer Podkul \r\n", "slug": "elsewhere"}
    assert back_office.post(change(resource), sent).status_code == 302
    resource.refresh_from_db()
    assert resource.authors == ["Kelly Heinrich, Esq.", "Jennifer Podkul"]
    assert resource.slug == "gaining-trust"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"position": "1"}, "Another resource has that place in the list."),
        ({"url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"url": "ftp://example.org/x"}, "A link begins with https:// or http://."),
        ({"title": ""}, "This field is required."),
    ],
)
def test_what_the_database_would_refuse_is_explained_at_the_form(back_office, seeded, wrong, said):
    resource = Resource.objects.get(slug="ncvli")
    page = back_office.post(change(resource), filled(back_office.get(change(resource))) | wrong)
    assert page.status_code == 200
    assert said in text(page)


def test_a_resource_is_found_by_its_topic(back_office, seeded):
    page = text(back_office.get(reverse("admin:library_resource_changelist"), {"q": "restitution"}))
    assert "AEquitas's library" in page
    assert "Close to Slavery" not in page
