"""The Atom feed of the library and of each search, read back by an XML parser."""

from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings as project
from django.db import connection

from library.models import Resource

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def read(client, query=""):
    response = client.get(f"/library/feed.atom{query}")
    assert response.status_code == 200
    return ET.fromstring(response.content)  # noqa: S314 (made by ourselves)


def words(element, name):
    return [each.text for each in element.findall(f"{ATOM}{name}")]


def published(slug, moment):
    """As it was published at that moment: the database dates it itself, once."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE library_resource DISABLE TRIGGER published")
        Resource.objects.filter(slug=slug).update(published_at=moment)
        cursor.execute("ALTER TABLE library_resource ENABLE TRIGGER published")


def test_what_an_entry_says(client, seeded):
    Resource.objects.filter(slug="gaining-trust").update(
        url="https://a.example/x?a=1&b=2", summary="Why <trust> matters.\n\nAnd how."
    )
    (entry,) = read(client, "?q=gaining+trust&exact=1").findall(f"{ATOM}entry")
    page = f"{project.BASE_URL}/library/gaining-trust/"
    assert words(entry, "title")[0].startswith("Gaining the Trust of Your Victim-Witness")
    assert words(entry, "id") == [page]
    assert entry.find(f"{ATOM}link").get("href") == page
    (summary,) = entry.findall(f"{ATOM}summary")
    assert summary.get("type") == "html"
    assert summary.text == (
        "<p>Kelly Heinrich and Jennifer Podkul, Global Freedom Center</p>"
        "<p>Why &lt;trust&gt; matters.</p><p>And how.</p>"
        '<p><a href="https://a.example/x?a=1&amp;b=2">Open at a.example</a></p>'
    )
    assert {each.get("term") for each in entry.findall(f"{ATOM}category")} == {
        "Victim-witness interviewing",
        "Working with law enforcement",
    }


def test_what_the_feed_says_of_itself(client, seeded):
    whole = read(client)
    assert words(whole, "title") == ["CAST library: The whole library"]
    some = read(client, "?topic=t-visa&q=visa&page=3")
    assert words(some, "title") == ["CAST library: “visa”; Topic: T visa"]
    here = f"{project.BASE_URL}/library/feed.atom?q=visa&topic=t-visa"
    links = {each.get("rel"): each.get("href") for each in some.findall(f"{ATOM}link")}
    assert links["self"] == here
    assert links["alternate"] == f"{project.BASE_URL}/library/?q=visa&topic=t-visa"
    assert words(some, "id") == [here]
    assert words(some.find(f"{ATOM}author"), "name") == ["CAST Resources & Training"]


def test_the_newest_comes_first_and_ids_stay(client, seeded):
    published("ncvli", datetime(2027, 3, 1, 9, tzinfo=UTC))
    published("ctrp", datetime(2027, 2, 1, 9, tzinfo=UTC))
    before = words_of_entries(client)
    assert [each.rsplit("/", 2)[1] for each in before[:2]] == ["ncvli", "ctrp"]
    Resource.objects.filter(slug="ncvli").update(title="Another", reviewed_on=date(2027, 4, 1))
    assert words_of_entries(client) == before


def words_of_entries(client):
    return [words(entry, "id")[0] for entry in read(client).findall(f"{ATOM}entry")]


def test_an_entry_is_dated_by_the_day_it_was_published_or_reviewed_since(client, seeded):
    published("ncvli", datetime(2027, 3, 1, 9, tzinfo=UTC))

    def dates():
        entry = read(client).find(f"{ATOM}entry")
        return words(entry, "published") + words(entry, "updated")

    assert dates() == ["2027-03-01T09:00:00+00:00", "2027-03-01T09:00:00+00:00"]
    Resource.objects.filter(slug="ncvli").update(reviewed_on=date(2027, 2, 1))
    assert dates()[1] == "2027-03-01T09:00:00+00:00"
    Resource.objects.filter(slug="ncvli").update(reviewed_on=date(2027, 4, 1))
    assert dates() == ["2027-03-01T09:00:00+00:00", "2027-04-01T00:00:00-07:00"]
    assert words(read(client), "updated") == ["2027-04-01T00:00:00-07:00"]


def test_the_feed_ends_after_fifty(client):
    for number in range(51):
        Resource.objects.create(slug=f"r{number}", title=f"Resource {number}")
    assert len(read(client).findall(f"{ATOM}entry")) == 50


def test_an_empty_feed_is_one_too_and_the_same_each_time(client, seeded):
    response = client.get("/library/feed.atom?topic=nope")
    feed = ET.fromstring(response.content)  # noqa: S314
    assert feed.findall(f"{ATOM}entry") == []
    assert len(words(feed, "updated")) == 1
    assert client.get("/library/feed.atom?topic=nope").content == response.content


def test_what_xml_refuses_is_left_out(client, seeded):
    Resource.objects.filter(slug="ncvli").update(
        title="A\x0bB \x1b & <i>C</i>", summary="D\x00E".replace("\x00", "\x02"), authors=["F\x08"]
    )
    (entry,) = read(client, "?q=technical+assistance+witness+advocacy").findall(f"{ATOM}entry")[:1]
    assert words(entry, "title") == ["A B & <i>C</i>"]
    assert "<p>DE</p>" in words(entry, "summary")[0]


def test_a_program_that_has_it_is_told_so(client, seeded):
    first = client.get("/library/feed.atom")
    assert first["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert first["Cache-Control"] == "public, max-age=300"
    assert "Content-Disposition" not in first
    for headers in (
        {"if-none-match": first["ETag"]},
        {"if-modified-since": first["Last-Modified"]},
    ):
        again = client.get("/library/feed.atom", headers=headers)
        assert (again.status_code, again.content) == (304, b"")
    Resource.objects.filter(slug="ncvli").update(title="Another title")
    changed = client.get("/library/feed.atom", headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert b"Another title" in changed.content
