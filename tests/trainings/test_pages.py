import re

import pytest
from django.urls import reverse

from tests.reading import text
from trainings.models import Course, PriceOption


@pytest.mark.django_db
def test_the_list_says_title_credit_and_price_in_the_pages_order(client, seeded):
    page = text(client.get("/trainings/"))
    rows = [
        "2 Hour American Immigration Lawyers Association (AILA) Training 2 Free",
        "8 hour Southern California Pro Bono Attorney Training 6 "
        "Free with a pro bono pledge, or $300",
        "16 Hour Attorney Training Up to 14, including Legal Ethics Not yet set",
    ]
    assert [page.find(row) for row in rows] == sorted(page.find(row) for row in rows)
    assert all(row in page for row in rows)
    assert "No dates are set yet." in page


@pytest.mark.django_db
def test_the_list_leads_to_each_course(client, seeded):
    page = client.get("/trainings/").content.decode()
    for entry in seeded["trainings"]:
        address = f"/trainings/{entry['key']}/"
        assert f'href="{address}"' in page
        assert f" {entry['title']} " in text(client.get(address))


@pytest.mark.django_db
def test_the_page_marks_where_in_the_hub_one_is(client, seeded):
    for address in ("/trainings/", "/trainings/aila-2h/"):
        page = client.get(address).content.decode()
        assert re.findall(r'href="([^"]*)" aria-current="page"', page) == ["/trainings/"]


@pytest.mark.django_db
def test_a_course_shows_the_pages_own_words_for_credit_and_price(client, seeded):
    for entry in seeded["trainings"]:
        page = text(client.get(f"/trainings/{entry['key']}/"))
        assert f"Credit {entry['mcle']['text']}" in page
        assert f"Price {entry['price']['text'] or 'Not yet set'}" in page
        assert entry["summary"] in page
        assert "Dates Not yet set." in page


@pytest.mark.django_db
def test_both_ways_to_take_a_course_stand_side_by_side(client, seeded):
    page = text(client.get("/trainings/socal-pro-bono-8h/"))
    assert (
        "Price, with a pledge Free If you commit to representing one human trafficking case pro "
        "bono within the year. Fee $300 If you are unable to take on a case. Covers materials "
        "and training." in page
    )


@pytest.mark.django_db
def test_a_limit_stays_a_limit(client, seeded):
    page = text(client.get("/trainings/attorney-16h/"))
    assert "MCLE credits Up to 14 California. For those who attend both full days." in page
    assert "Legal Ethics credit is included; how many hours of it is not stated." in page
    assert "Criminal, Civil, Family, Dependency, Delinquency, Immigration" in page


@pytest.mark.django_db
def test_agencies_are_asked_to_host_only_where_the_page_asks(client, seeded):
    asked = (
        "We are looking for Sponsor Agencies throughout the United States "
        "to co-host Two Day Attorney Trainings."
    )
    assert asked in text(client.get("/trainings/"))
    assert asked in text(client.get("/trainings/attorney-16h/"))
    assert "Sponsor Agencies" not in text(client.get("/trainings/aila-2h/"))


@pytest.mark.django_db
def test_an_unpublished_course_is_nowhere(client, seeded):
    Course.objects.filter(slug="aila-2h").update(published=False)
    assert client.get("/trainings/aila-2h/").status_code == 404
    assert "AILA" not in client.get("/trainings/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/trainings/nope/", "/trainings/nope/nope/"])
def test_an_unknown_address_is_not_found(client, seeded, address):
    assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_before_the_content_is_loaded_the_page_says_so(client):
    assert "No trainings are listed at the moment." in text(client.get("/trainings/"))


@pytest.mark.django_db
def test_one_course_and_thirty_cost_the_same(client, django_assert_num_queries):
    def add(number):
        course = Course.objects.create(
            slug=f"c{number}", title=f"Course {number}", hours=1, mcle_max_hours=1
        )
        PriceOption.objects.create(course=course, kind="fee", amount_cents=100)

    add(0)
    # Organization, courses, their options, offerings (none).
    with django_assert_num_queries(4):
        client.get(reverse("trainings:index"))
    for number in range(1, 30):
        add(number)
    with django_assert_num_queries(4):
        page = text(client.get(reverse("trainings:index")))
    assert "Course 29 1 $1" in page
    # And what is read for it.
    with django_assert_num_queries(5):
        client.get(reverse("trainings:detail", args=["c7"]))


@pytest.mark.django_db
def test_markup_in_the_content_is_text(client, seeded):
    Course.objects.filter(slug="aila-2h").update(title="<script>alert(1)</script>")
    for address in ("/trainings/", "/trainings/aila-2h/"):
        assert b"<script>alert" not in client.get(address).content
