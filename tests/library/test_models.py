import pytest
from django.db import IntegrityError, connection, transaction

from hub import version
from library.models import Resource, Topic

GOOD = {"slug": "a-guide", "title": "A guide", "placement": "legal"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"slug": "two words"}, "resource_slug_is_address"),
        ({"slug": ""}, "resource_slug_is_address"),
        ({"title": ""}, "resource_has_title"),
        ({"type": "poem"}, "resource_known_type"),
        ({"also_provides": ["guide", "poem"]}, "resource_also_known_types"),
        ({"placement": "third"}, "resource_known_list"),
        ({"url": ""}, "resource_link_is_web"),
        ({"url": "javascript:alert(1)"}, "resource_link_is_web"),
        ({"url": "file:///etc/passwd"}, "resource_link_is_web"),
        ({"url": "https:///nowhere"}, "resource_link_is_web"),
    ],
)
def test_the_database_refuses_a_wrong_resource(wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        Resource.objects.create(**(GOOD | wrong))


def checked_now():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_a_place_is_taken_once_in_a_list():
    Resource.objects.create(**GOOD, position=1)
    Resource.objects.create(**(GOOD | {"slug": "b", "placement": "other"}), position=1)
    checked_now()
    with pytest.raises(IntegrityError, match="resource_place_taken_once"), transaction.atomic():
        Resource.objects.create(**(GOOD | {"slug": "c"}), position=1)


@pytest.mark.django_db
def test_two_resources_can_change_places():
    one = Resource.objects.create(**GOOD, position=1)
    two = Resource.objects.create(**(GOOD | {"slug": "b"}), position=2)
    one.position, two.position = 2, 1
    one.save()
    two.save()
    checked_now()
    assert list(Resource.objects.all()) == [two, one]


@pytest.mark.django_db
def test_what_has_no_place_comes_last():
    last = Resource.objects.create(**GOOD)
    first = Resource.objects.create(**(GOOD | {"slug": "b"}), position=9)
    Resource.objects.create(**(GOOD | {"slug": "c"}))
    checked_now()
    assert list(Resource.objects.all())[:2] == [first, last]


@pytest.mark.django_db
@pytest.mark.parametrize("same", ["slug", "name"])
def test_a_topic_is_there_once(same):
    Topic.objects.create(slug="t-visa", name="T visa")
    again = {"slug": "other", "name": "Other"} | {same: {"slug": "t-visa", "name": "T visa"}[same]}
    with pytest.raises(IntegrityError, match=same):
        Topic.objects.create(**again)


@pytest.mark.parametrize(
    "table",
    [
        "library_resource",
        "library_resource_topics",
        "library_resource_audiences",
        "library_topic",
        "library_audience",
        "library_claim",
    ],
)
def test_each_public_table_raises_the_content_version(seeded, table):
    with connection.cursor() as cursor:
        # A transaction raises it once; the content was loaded in this one.
        cursor.execute("UPDATE hub_contentversion SET transaction = ''")
        before = version.current()
        cursor.execute(f"DELETE FROM {table} WHERE false")  # noqa: S608
    assert version.current() > before
