import re
from html import unescape

import pytest

from library.models import Resource
from tests.reading import inline_code, text

pytestmark = pytest.mark.django_db
HREF = re.compile(r'href="([^"]*)"')


def links(response):
    return [unescape(each) for each in HREF.findall(response.content.decode())]


def title(response):
    return unescape(re.search(r"<title>(.*?)</title>", response.content.decode())[1])


def test_results_explain_themselves(client, seeded):
    page = client.get("/library/?q=child+traficking")
    said = text(page)
    assert "No resource here uses the word traficking , so we searched for trafficking ." in said
    assert "Search only for “child traficking”" in said
    assert "/library/?q=child+traficking&exact=1" in links(page)
    assert "3 resources" in said
    assert title(page).startswith("Library search: child traficking · ")
    assert 'name="robots" content="noindex"' in page.content.decode()
    assert "<mark>trafficked</mark> minors" in page.content.decode()
    exactly = client.get("/library/?q=child+traficking&exact=1")
    assert "No resources for “child traficking”" in text(exactly)
    assert "No resource here uses the word “traficking”." in text(exactly)
    assert "/library/?q=child+traficking" in links(exactly)


def test_each_filter_can_be_removed_and_all_at_once(client, seeded):
    page = client.get("/library/?q=trafficking&topic=child-trafficking&type=guide")
    assert "Topic: Child trafficking · Remove the filter Child trafficking" in text(page)
    assert {
        "/library/?q=trafficking&type=guide",
        "/library/?q=trafficking&topic=child-trafficking",
        "/library/?q=trafficking",
    } <= set(links(page))
    html = page.content.decode()
    assert re.search(r'name="type" value="guide" checked', html)
    assert len(re.findall(r'type="checkbox"', html)) == len(re.findall(r'form="search" id', html))
    assert len(set(ids := re.findall(r'id="([^"]+)"', html))) == len(ids)
    assert "Guide (1)" in text(page)


def test_the_list_can_be_kept(client, seeded):
    page = client.get("/library/?q=restitution&topic=restitution&page=1")
    for kept in ("export.bib", "export.ris", "export.json", "feed.atom", "reading-list/"):
        assert f"/library/{kept}?q=restitution&topic=restitution" in links(page)
    whole = client.get("/library/")
    assert "/library/feed.atom" in links(whole)
    assert "noindex" not in whole.content.decode()


def test_a_filter_nothing_has_is_said_and_can_be_cleared(client, seeded):
    page = client.get("/library/?topic=nope&q=trafficking")
    assert page.status_code == 200
    assert "No resource has the topic “nope”. Clear this filter" in text(page)
    assert "/library/?q=trafficking" in links(page)
    assert "noindex" in page.content.decode()


def test_nothing_found_offers_ways_on(client, seeded):
    page = client.get("/library/?q=qqqqqqqqqq")
    assert "No resource here uses the word “qqqqqqqqqq”." in text(page)
    assert {"/library/", "/library/suggest/", "/technical-assistance/"} <= set(links(page))
    assert "/library/?topic=identification" in links(page)


@pytest.mark.parametrize(
    ("q", "said"),
    [
        ("the of and", "“the”, “of” and “and” are too common to search for."),
        ("🙂", "There is no letter or number in it to search for."),
        ("%_\\", "There is no letter or number in it to search for."),
        (":*&|!<->", "There is no letter or number in it to search for."),
        ("visa " * 2000, "we used the first 200 characters"),
        ("<script>alert(1)</script>", "No resources for “<script>alert(1)</script>”"),
        ("'; DROP TABLE library_resource", "'; DROP TABLE library_resource"),
        ('"t visa', '"t visa'),
        ("t\x00 visa", "T-Visa Process"),
        ("\u202et visa", "T-Visa Process"),
    ],
)
def test_whatever_is_typed_has_a_clear_answer(client, seeded, q, said):
    page = client.get("/library/", {"q": q})
    assert page.status_code == 200
    assert said in text(page)
    assert "<script>alert" not in page.content.decode()
    assert inline_code(page) == []
    assert Resource.objects.count() == 23


def test_pages(client, seeded):
    Resource.objects.bulk_create(
        Resource(slug=f"r{number}", title=f"Shelter {number}") for number in range(60)
    )
    first, last = client.get("/library/"), client.get("/library/?page=4")
    assert "Page 1 of 4 · Next page" in text(first)
    assert "Legal resources 17 resources" in text(first)
    assert "More resources 60 resources" in text(first)
    assert "/library/?page=2" in links(first)
    assert "Previous page · Page 4 of 4" in text(last)
    assert title(last).startswith("Library, page 4 · ")
    assert "/library/" in links(client.get("/library/?page=2"))
    assert "Page 1 of 4" in text(client.get("/library/?page=-1"))
    beyond = client.get("/library/?page=9999999")
    assert beyond.status_code == 200
    assert "There is no page 999999" in text(beyond)
    assert "Page 4 of 4" in text(beyond)


def test_the_home_page_searches_the_library(client, seeded):
    assert 'action="/library/"' in client.get("/").content.decode()
