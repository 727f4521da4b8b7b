"""What a training uses: on its own page and on the page of each resource."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from hub import offers, version
from hub.front.models import Reading
from hub.models import ContentVersion, User
from library.models import Resource
from tests.people import staff_client
from tests.reading import filled, inline_code, text
from trainings.models import Course

pytestmark = pytest.mark.django_db


def course(number: int = 1, **values) -> Course:
    made = {"level": "introductory", "hours": 2, "summary": "S", "audience_text": "attorneys"}
    return Course.objects.create(slug=f"c{number}", title=f"Course {number}", **made | values)


def resource(number: int = 1, **values) -> Resource:
    return Resource.objects.create(slug=f"r{number}", title=f"Resource {number}", **values)


def listed(page, heading: str) -> list[tuple[str, str]]:
    """(address, words) of the links under a heading."""
    found = re.search(rf">(?:{heading})</h2>(.*?)</section>", page.content.decode(), re.DOTALL)
    return re.findall(r'<a href="([^"]+)">(.*?)</a>', found[1]) if found else []


def test_a_course_lists_its_reading_in_its_order(client):
    one = course()
    for number, position in [(1, 2), (2, 1), (3, None)]:
        Reading.objects.create(course=one, resource=resource(number), position=position)
    Reading.objects.filter(resource__slug="r2").update(note="Chapter 2, before the first day")
    page = client.get("/trainings/c1/")
    assert listed(page, "Reading") == [
        ("/library/r2/", "Resource 2"),
        ("/library/r1/", "Resource 1"),
        ("/library/r3/", "Resource 3"),
    ]
    assert "Resource 2 Chapter 2, before the first day Resource 1" in text(page)


def test_a_resource_lists_the_trainings_that_use_it_in_the_pages_order(client):
    used = resource()
    for number, position in [(1, 3), (2, 1)]:
        Reading.objects.create(course=course(number, position=position), resource=used)
    assert listed(client.get("/library/r1/"), "Trainings that use it") == [
        ("/trainings/c2/", "Course 2"),
        ("/trainings/c1/", "Course 1"),
    ]


def test_drafts_of_either_are_nowhere(client):
    Reading.objects.create(course=course(1, published=False), resource=resource(1))
    Reading.objects.create(course=course(2), resource=resource(2, published=False))
    assert "Trainings that use it" not in text(client.get("/library/r1/"))
    assert ">Reading<" not in client.get("/trainings/c2/").content.decode()


def test_without_any_neither_page_has_the_section(client):
    course(), resource()
    assert ">Reading<" not in client.get("/trainings/c1/").content.decode()
    assert "Trainings that use it" not in text(client.get("/library/r1/"))


def test_of_other_things_there_is_nothing_to_say():
    assert offers.also(User(email="bob@example.org")) == []


def test_markup_in_a_note_is_text(client):
    Reading.objects.create(course=course(), resource=resource(), note="<i>y")
    assert b"<i>y" not in client.get("/trainings/c1/").content


def test_once_a_course():
    row = Reading.objects.create(course=course(), resource=resource())
    with pytest.raises(IntegrityError), transaction.atomic():
        Reading.objects.create(course=row.course, resource=row.resource)


def test_with_either_it_is_gone():
    used = resource()
    for number in (1, 2):
        Reading.objects.create(course=course(number), resource=used)
    Course.objects.get(slug="c1").delete()
    assert Reading.objects.count() == 1
    used.delete()
    assert not Reading.objects.exists()


def test_each_change_raises_the_content_version():
    def raised(change) -> bool:
        ContentVersion.objects.update(transaction="")
        before = version.current()[0]
        change()
        return version.current()[0] == before + 1

    one, used = course(), resource()
    assert raised(lambda: Reading.objects.create(course=one, resource=used))
    assert raised(lambda: Reading.objects.update(note="x"))
    assert raised(lambda: Reading.objects.all().delete())


@pytest.mark.parametrize("address", ["/trainings/c1/", "/library/r1/"])
def test_one_and_thirty_cost_the_same(client, address, django_assert_max_num_queries):
    one, used = course(), resource()
    Reading.objects.create(course=one, resource=used)
    client.get(address)
    with django_assert_max_num_queries(20) as first:
        client.get(address)
    for number in range(2, 31):
        Reading.objects.create(course=one, resource=resource(number))
        Reading.objects.create(course=course(number), resource=used)
    with django_assert_max_num_queries(len(first)):
        page = client.get(address)
    assert len(listed(page, "Reading|Trainings that use it")) == 30


class TestOffice:
    @pytest.fixture
    def alice(self):
        return staff_client(User.objects.create_superuser("alice@example.org"))

    def test_staff_add_one_and_are_told_of_a_second(self, alice):
        one, used = course(), resource()
        address = reverse("admin:front_reading_add")
        page = alice.get(address)
        assert inline_code(page) == []
        sent = filled(page) | {"course": one.pk, "resource": used.pk, "note": "Chapter 2"}
        assert alice.post(address, sent).status_code == 302
        assert Reading.objects.get().note == "Chapter 2"
        again = alice.post(address, sent)
        assert "This training has that resource already." in text(again)
        assert Reading.objects.count() == 1

    def test_the_list_costs_the_same_for_one_and_thirty(self, alice, django_assert_max_num_queries):
        address = reverse("admin:front_reading_changelist")
        Reading.objects.create(course=course(), resource=resource())
        alice.get(address)
        with django_assert_max_num_queries(30) as first:
            alice.get(address)
        for number in range(2, 31):
            Reading.objects.create(course=course(number), resource=resource(number))
        with django_assert_max_num_queries(len(first)):
            page = text(alice.get(address))
        assert "Course 30" in page
