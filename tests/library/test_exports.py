"""Single resources and whole lists for reference managers, over HTTP."""

import json
from datetime import date

import bibtexparser
import pytest
import rispy
from django.db import connection
from django.test.utils import CaptureQueriesContext

from library import exports
from library.exports import described
from library.models import Audience, Resource, Topic
from library.wanted import Wanted
from tests.reading import text

pytestmark = pytest.mark.django_db

READ = {
    "bib": lambda body: [entry.key for entry in bibtexparser.parse_string(body).entries],
    "ris": lambda body: [entry["id"] for entry in rispy.loads(body.replace("\r\n", "\n"))],
    "json": lambda body: [item["id"] for item in json.loads(body)],
}
MEDIA_TYPES = {
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "json": "application/vnd.citationstyles.csl+json",
}
ABSURD = [
    "q=" + "x" * 10_000,
    "q=a%00b",
    "topic=nope",
    "topic=%00",
    "page=-1",
    "page=99999999999999999999",
    "page=x",
    "type=nope&organization=" + "y" * 3000,
    "q=%ff%fe",
    "&".join(f"topic={number}" for number in range(500)),
    "q=%27%3B+DROP+TABLE+library_resource%3B--",
    "unknown[]=1",
]


def read(response, kind):
    assert response.status_code == 200
    return READ[kind](response.content.decode())


@pytest.mark.parametrize("kind", READ)
def test_one_resource(client, seeded, kind):
    response = client.get(f"/library/gaining-trust/cite.{kind}")
    assert read(response, kind) == ["gaining-trust"]
    assert response["Content-Type"] == MEDIA_TYPES[kind]
    assert response["Content-Disposition"] == f'attachment; filename="gaining-trust.{kind}"'
    assert "Gaining the Trust of Your Victim-Witness" in response.content.decode()


@pytest.mark.parametrize("kind", READ)
def test_a_whole_list(client, seeded, kind):
    response = client.get(f"/library/export.{kind}")
    assert read(response, kind) == [
        entry["key"] for each in ("legal", "other") for entry in seeded["resources"][each]
    ]
    assert response["Content-Type"] == MEDIA_TYPES[kind]
    assert response["Content-Disposition"] == f'attachment; filename="cast-library.{kind}"'
    assert response["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("kind", READ)
def test_a_search_is_taken_as_it_is_shown_and_never_a_page_of_it(client, seeded, kind):
    query = "topic=t-visa&audience=attorneys"
    expected = ["asista-listservs", "fraud-t-visa", "t-visa-process-guide"]
    assert read(client.get(f"/library/export.{kind}?{query}"), kind) == expected
    assert read(client.get(f"/library/export.{kind}?{query}&page=7"), kind) == expected
    assert read(client.get(f"/library/export.{kind}?topic=nope"), kind) == []


def test_ris_lines_end_as_ris_has_them(client, seeded):
    body = client.get("/library/export.ris").content
    assert body.count(b"\n") == body.count(b"\r\n") > 100


def test_what_is_not_published_is_in_no_file(client, seeded):
    Resource.objects.filter(slug="ncvli").update(published=False)
    assert client.get("/library/ncvli/cite.bib").status_code == 404
    assert "ncvli" not in read(client.get("/library/export.bib"), "bib")


@pytest.mark.parametrize("address", ["/library/export.bib", "/library/ncvli/cite.json"])
def test_who_has_it_already_is_told_so(client, seeded, address):
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(address).content == first.content
    Resource.objects.update(title="Another title")
    changed = client.get(address, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert b"Another title" in changed.content


@pytest.mark.parametrize("address", ["/library/export.bib", "/library/reading-list/"])
def test_more_than_can_be_taken_at_once_is_refused_in_words(client, seeded, monkeypatch, address):
    monkeypatch.setattr(exports, "LIMIT", 22)
    response = client.get(f"{address}?audience=")
    assert response.status_code == 400
    page = text(response)
    assert "holds up to 22 resources" in page
    assert "Narrow the list" in page
    monkeypatch.setattr(exports, "LIMIT", 23)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("query", ABSURD)
def test_no_question_is_too_absurd_for_an_answer(client, seeded, query):
    for address in ("export.bib", "export.ris", "export.json", "feed.atom", "reading-list/"):
        assert client.get(f"/library/{address}?{query}").status_code == 200


@pytest.mark.parametrize("kind", ["", "exe", "bib.exe", "BIB", "%00"])
def test_a_format_that_is_not_there(client, seeded, kind):
    assert client.get(f"/library/export.{kind}").status_code == 404
    assert client.get(f"/library/ncvli/cite.{kind}").status_code == 404


def test_nothing_is_changed_by_asking(client, seeded):
    for address in ("export.bib", "ncvli/cite.bib", "feed.atom", "reading-list/"):
        assert client.post(f"/library/{address}").status_code == 405
        assert client.head(f"/library/{address}").status_code == 200


def test_a_title_like_a_formula_stays_text(client, seeded):
    title = '=HYPERLINK("http://a.example","x")'
    Resource.objects.filter(slug="ncvli").update(title=title, authors=["=1+1", "@SUM(A1) B"])
    (item,) = json.loads(client.get("/library/ncvli/cite.json").content)
    assert item["title"] == title
    ris = client.get("/library/ncvli/cite.ris").content.decode()
    assert f"TI  - {title}\r\n" in ris
    assert not any(line.startswith(("=", "@", "+", "-")) for line in ris.splitlines())


def test_a_file_of_ours_is_found_on_its_page(client, seeded, settings):
    Resource.objects.filter(slug="gaining-trust").update(file="library/trust.pdf")
    (item,) = json.loads(client.get("/library/gaining-trust/cite.json").content)
    assert item["URL"] == f"{settings.BASE_URL}/library/gaining-trust/"


def test_line_breaks_and_control_characters_stay_in_their_field(client, seeded):
    Resource.objects.filter(slug="ncvli").update(
        title="Title\r\nER  - \x1b[0m", summary="One.\n\nTwo.\u202e\x0b"
    )
    (entry,) = rispy.loads(client.get("/library/ncvli/cite.ris").content.decode())
    assert (entry["title"], entry["abstract"]) == ("Title ER - [0m", "One. Two.")


@pytest.mark.parametrize("address", ["export.bib", "export.json", "feed.atom", "reading-list/"])
def test_one_resource_and_thirty_cost_the_same(client, address):
    topic = Topic.objects.create(slug="t", name="T visa")
    audience = Audience.objects.create(slug="a", name="Attorneys")

    def add(number):
        resource = Resource.objects.create(slug=f"r{number}", title=f"Resource {number}")
        resource.topics.add(topic)
        resource.audiences.add(audience)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/library/{address}?topic=t").status_code == 200
        return len(queries)

    add(0)
    before = cost()
    for number in range(1, 30):
        add(number)
    assert cost() == before


def test_a_search_in_words(seeded):
    def said(**values):
        return described(Wanted(**values))

    assert said() == "The whole library"
    assert said(q="restitution") == "“restitution”"
    assert said(
        q="visa",
        topic=("t-visa", "u-visa", "nope"),
        audience=("attorneys",),
        type=("guide", "nope"),
        organization=("CAST",),
    ) == (
        "“visa”; Topic: T visa or U visa or nope; For: Attorneys;"
        " Type: Guide or nope; Organization: CAST"
    )


# -- on the pages


def test_a_resources_page_says_how_to_cite_it(client, seeded):
    Resource.objects.filter(slug="gaining-trust").update(year=2007)
    response = client.get("/library/gaining-trust/")
    page = text(response)
    assert "Kelly Heinrich & Jennifer Podkul, Global Freedom Center, Gaining the Trust" in page
    assert "Heinrich, K., & Podkul, J. (2007). Gaining the Trust" in page
    html = response.content.decode()
    assert "<i>Gaining the Trust of Your Victim-Witness: A Guide" in html
    for kind in READ:
        assert f'href="/library/gaining-trust/cite.{kind}"' in html
    # Of use only with script, which takes `hidden` away.
    for style in ("bluebook", "apa"):
        assert f'data-copy="#{style}-gaining-trust" hidden' in html
        assert f'id="{style}-gaining-trust"' in html


def test_the_page_says_when_a_visit_must_be_added(client, seeded):
    said = "add the day you last visited the link"
    assert said in text(client.get("/library/ctrp/"))
    assert said not in text(client.get("/library/gaining-trust/"))
    Resource.objects.filter(slug="ctrp").update(reviewed_on=date(2026, 9, 5))
    page = text(client.get("/library/ctrp/"))
    assert said not in page
    assert "https://thectrp.wordpress.com/ (last visited Sept. 5, 2026)." in page


def test_the_head_of_the_page_tells_reference_managers_what_it_is_about(client, seeded):
    Resource.objects.filter(slug="gaining-trust").update(
        year=2007, url="https://a.example/Trust.pdf", title='A "quoted" <title>'
    )
    head = client.get("/library/gaining-trust/").content.decode().split("</head>")[0]
    for line in (
        '<meta name="citation_title" content="A &quot;quoted&quot; &lt;title&gt;">',
        '<meta name="citation_author" content="Kelly Heinrich">',
        '<meta name="citation_author" content="Jennifer Podkul">',
        '<meta name="citation_technical_report_institution" content="Global Freedom Center">',
        '<meta name="citation_publication_date" content="2007">',
        '<meta name="citation_pdf_url" content="https://a.example/Trust.pdf">',
        '<meta name="z.itemType" content="report">',
    ):
        assert line in head
    assert "citation_" not in client.get("/library/").content.decode()
