"""A list to print: every resource of it numbered and cited, on one page."""

import re
from datetime import UTC, datetime

import pytest
import time_machine

from library.models import Resource
from tests.reading import text

pytestmark = pytest.mark.django_db


def items(response):
    html = response.content.decode()
    return re.findall(r"<li class=\"entry\">(.*?)</li>", html, re.DOTALL)


def test_every_resource_is_numbered_and_cited(client, seeded):
    response = client.get("/library/reading-list/")
    found = items(response)
    assert len(found) == 23
    assert response.content.decode().count("<ol") == 1
    assert "ASISTA, <i>ASISTA&#x27;s listservs!</i>, " in found[0]
    assert "Practitioner mailing lists" in found[0]
    assert "23 resources" in text(response)


def test_a_link_is_spelled_out_once(client, seeded):
    (first, *_) = items(client.get("/library/reading-list/"))
    address = "https://asistahelp.org/"
    assert f'<a class="spelled" href="{address}">{address}</a>.' in first
    assert first.count(address) == 2
    without = next(
        each for each in items(client.get("/library/reading-list/")) if "IOM Handbook" in each
    )
    assert "No link yet" in without


# In California it is still the day before.
@time_machine.travel(datetime(2026, 12, 2, 5, tzinfo=UTC), tick=False)
def test_the_day_it_was_made_is_on_the_paper(client, seeded):
    assert "as of December 1, 2026" in text(client.get("/library/reading-list/"))


def test_a_search_is_named_and_all_of_it_listed(client, seeded):
    for number in range(30):
        Resource.objects.create(slug=f"r{number}", title=f"Handout {number}", type="guide")
    response = client.get("/library/reading-list/?q=handout&page=2")
    assert len(items(response)) == 30
    page = text(response)
    assert "“handout”" in page
    assert 'href="/library/?q=handout"' in response.content.decode()
    assert 'href="/library/feed.atom?q=handout"' in response.content.decode()


def test_nothing_found_is_said(client, seeded):
    response = client.get("/library/reading-list/?topic=nope")
    assert items(response) == []
    assert "Nothing in the library matches" in text(response)


def test_markup_in_what_is_listed_or_asked_is_text(client, seeded):
    Resource.objects.filter(slug="ncvli").update(
        title="<script>alert(1)</script>", summary="<b>x</b>", authors=["<i>y</i>"]
    )
    page = client.get("/library/reading-list/").content
    assert b"<script>alert" not in page
    assert b"<b>x" not in page
    assert b"<i>y" not in page
    page = client.get("/library/reading-list/?q=%3Cscript%3Ealert(1)").content
    assert b"<script>alert" not in page
