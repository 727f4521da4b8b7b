import re
from html import unescape

import pytest

from library import queries
from library.models import Claim, Placement, Resource, Topic
from tests.reading import text

LISTED = re.compile(r'<h3><a href="/library/([^"/]+)/">(.*?)</a></h3>', re.DOTALL)


def links_out(response):
    return re.findall(r'href="(https?://[^"]+)"', response.content.decode().split("<main")[1])


@pytest.mark.django_db
def test_both_lists_stand_in_the_pages_order_with_the_titles_as_they_are(client, seeded):
    page = client.get("/library/").content.decode()
    lists = page.split("<h2 id=")[1:3]
    assert [each.split(">")[0] for each in lists] == ['"legal"', '"other"']
    for placement, part in zip(("legal", "other"), lists, strict=True):
        assert [(slug, unescape(title)) for slug, title in LISTED.findall(part)] == [
            (each["key"], each["title"]) for each in seeded["resources"][placement]
        ]
    assert "ASISTA's listservs!" in text(client.get("/library/asista-listservs/"))
    assert "Trafficked Person’s Guidelines" in text(client.get("/library/who-interviewing/"))
    assert text(client.get("/library/")).count("17 resources") == 1
    assert text(client.get("/library/")).count("6 resources") == 1


@pytest.mark.django_db
def test_every_resource_has_its_page(client, seeded):
    for placement in Placement.values:
        for entry in seeded["resources"][placement]:
            page = text(client.get(f"/library/{entry['key']}/"))
            for said in (entry["title"], *entry["authors"], *entry["organisations"]):
                assert said in page
            assert ("Organizations Not stated" in page) == (not entry["organisations"])
            assert ("Authors Not stated" in page) == (not entry["authors"])
            assert "Last reviewed Not yet" in page


@pytest.mark.django_db
def test_the_page_marks_where_in_the_hub_one_is(client, seeded):
    for address in ("/library/", "/library/ncvli/"):
        page = client.get(address).content.decode()
        assert re.findall(r'href="([^"]*)" aria-current="page"', page) == ["/library/"]


@pytest.mark.django_db
def test_a_resource_without_a_link_has_none_and_says_whom_to_ask(client, seeded):
    expected = []
    for placement in Placement.values:
        for entry in seeded["resources"][placement]:
            page = client.get(f"/library/{entry['key']}/")
            asks = "No link yet: ask us for a copy" in re.sub(r"\s+", " ", text(page))
            if entry["url"]:
                expected.append(entry["url"])
                assert links_out(page) == [entry["url"]]
                assert not asks
            else:
                assert links_out(page) == []
                assert asks
                assert 'href="/technical-assistance/">ask us for a copy' in page.content.decode()
    assert links_out(client.get("/library/")) == expected


@pytest.mark.django_db
def test_a_link_that_stops_at_the_site_says_so(client, seeded):
    said = "The link goes to the organization’s site, not to the resource itself."
    assert said in text(client.get("/library/freedom-network-policy-papers/"))
    for site in ("ovc-vat-online", "ncvli", "ctrp"):
        assert said not in text(client.get(f"/library/{site}/"))


@pytest.mark.django_db
def test_what_is_not_known_is_said(client, seeded):
    page = text(client.get("/library/"))
    entry = page[page.index("Care for Trafficked Children") :][:200]
    assert "Author not stated" in entry
    assert "Type not stated · Child trafficking, Direct services" in entry
    assert "Type Not stated" in text(client.get("/library/care-for-trafficked-children/"))


@pytest.mark.django_db
def test_what_is_known_is_shown(client, seeded):
    page = text(client.get("/library/reconceptualizing/"))
    assert "Series Loyola Law School Legal Studies Paper 2007-47" in page
    assert "Type Academic paper" in page
    page = text(client.get("/library/ctrp/"))
    assert "Part of Child Trafficking Outreach Initiative Region Los Angeles Area" in page
    assert "Click here to visit the CTRP Web site" in page
    page = text(client.get("/library/asista-listservs/"))
    assert "In particular VAWAExperts listserv" in page
    assert "Topics Immigration relief , T visa , U visa , VAWA" in page


@pytest.mark.django_db
def test_a_figure_without_a_source_is_shown_as_one(client, seeded):
    page = text(client.get("/library/ctrp/"))
    assert "as much as 30 to 50 percent of all trafficking cases" in page
    assert "Attributed to: Studies (not named)." in page
    assert "Attributed to: not stated." in page
    assert page.count("Source not found") == 2
    assert "percent" not in text(client.get("/library/"))
    Claim.objects.update(source="A report, page 12")
    page = text(client.get("/library/ctrp/"))
    assert page.count("Source: A report, page 12") == 2
    assert "Source not found" not in page


@pytest.mark.django_db
def test_our_own_words_are_us_english(client, seeded):
    pages = [text(client.get("/library/"))] + [
        text(client.get(f"/library/{slug}/"))
        for slug in Resource.objects.values_list("slug", flat=True)
    ]
    for page in pages:
        assert "organis" not in page.lower()
        assert "specialis" not in page.lower()
    assert "specialized help" in pages[0]
    assert "training manuals for organizations that could identify" in pages[0]


@pytest.mark.django_db
def test_enrichment_is_on_no_page(client, seeded):
    pages = text(client.get("/library/")) + "".join(
        text(client.get(f"/library/{slug}/"))
        for slug in Resource.objects.values_list("slug", flat=True)
    )
    for placement in Placement.values:
        for entry in seeded["resources"][placement]:
            for each in entry.get("enrichment", []):
                assert each["fact"] not in pages
                assert each["source"] not in pages
    for name in ("Mary Bauer", "Kathleen Kim", "American Bar Association", "Humanatis"):
        assert name not in pages


@pytest.mark.django_db
def test_an_unpublished_resource_is_nowhere(client, seeded):
    Resource.objects.filter(slug="polaris-trends").update(published=False)
    assert client.get("/library/polaris-trends/").status_code == 404
    page = text(client.get("/library/"))
    assert "Polaris" not in page
    assert "5 resources" in page
    assert queries.counts() == {"legal": 17, "other": 5}
    assert "data-statistics" not in {topic.slug for topic in queries.topics(99)}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/library/nope/", "/library/nope/nope/"])
def test_an_unknown_address_is_not_found(client, seeded, address):
    assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_what_the_home_page_asks(seeded):
    assert queries.counts() == {"legal": 17, "other": 6}
    named = [(topic.name, topic.uses) for topic in queries.topics(2)]
    assert named == [("Identification", 4), ("Immigration relief", 4)]


@pytest.mark.django_db
def test_one_resource_and_thirty_cost_the_same(client, django_assert_num_queries):
    topic = Topic.objects.create(slug="t", name="T visa")

    def add(number):
        resource = Resource.objects.create(
            slug=f"r{number}", title=f"Resource {number}", placement="legal"
        )
        resource.topics.add(topic)

    add(0)
    # Organization, version, search; resources, their topics and audiences; lengths of the lists;
    # our own papers.
    with django_assert_num_queries(8):
        client.get("/library/")
    for number in range(1, 30):
        add(number)
    with django_assert_num_queries(8):
        page = text(client.get("/library/"))
    assert "30 resources" in page
    assert page.count("Type not stated") == 25


@pytest.mark.django_db
def test_others_on_the_same_topics_are_offered_most_alike_first(
    client, seeded, django_assert_num_queries
):
    # Organization; resource, its topics, audiences and claims; the trainings that use it; those
    # related and their topics.
    with django_assert_num_queries(8):
        page = text(client.get("/library/asista-listservs/"))
    offered = page[page.index("On the same topics") :]
    assert "Supporting Fraud as an Independent Basis for a T Visa" in offered
    assert "A Guide to Human Trafficking and the T-Visa Process" in offered
    slugs = [each.slug for each in queries.related(Resource.objects.get(slug="ctrp"))]
    assert slugs[0] == "child-trafficking-intro"
    assert len(slugs) == 4
    Resource.objects.filter(slug="child-trafficking-intro").update(published=False)
    assert "child-trafficking-intro" not in [
        each.slug for each in queries.related(Resource.objects.get(slug="ctrp"))
    ]
    assert "On the same topics" not in text(client.get("/library/un-crime-commission/"))


@pytest.mark.django_db
def test_markup_in_the_content_is_text(client, seeded):
    Resource.objects.filter(slug="ncvli").update(
        title="<script>alert(1)</script>", authors=["<b>x</b>"], summary="<i>y</i>"
    )
    for address in ("/library/", "/library/ncvli/"):
        page = client.get(address).content
        assert b"<script>alert" not in page
        assert b"<b>x" not in page
        assert b"<i>y" not in page
