import re
from datetime import timedelta

import pytest

from ta_requests.models import Area, Service
from tests.reading import text


def test_the_page_says_how_to_reach_us_and_by_when_there_is_a_reply(client, thanksgiving, seeded):
    response = client.get("/technical-assistance/")
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    page = text(response)
    assert '<a class="nb" href="tel:+18885070193">(888) 507-0193</a>' in main
    assert "weekdays 9:00 am–5:00 pm Pacific." in page
    assert "PST" not in page
    assert (
        "Send now and you will have a reply by Monday, November 30, 2026, 4:30 pm Pacific" in page
    )
    assert "The office is closed on Thursday, November 26 (Thanksgiving Day)" in page
    assert 'href="/technical-assistance/ask/">Send a question</a>' in main
    assert "Please allow for a 48 hours turn-around time." in page
    assert f"For {seeded['technical_assistance']['audience_text']}." in page
    assert seeded["technical_assistance"]["summary"] in page
    # The time is that of this very moment.
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_the_nine_areas_stand_in_the_pages_order(client, seeded):
    page = client.get("/technical-assistance/").content.decode()
    part = page[page.index('id="areas"') :]
    items = re.findall(r"<li>(.*?)</li>", part[: part.index("</section>")])
    assert items == [each["name"] for each in seeded["technical_assistance"]["areas"]]
    assert items[-1] == "and More…"


@pytest.mark.django_db
def test_the_page_says_what_it_is_not_and_wants_no_case_facts_by_email(client, seeded):
    response = client.get("/technical-assistance/")
    page = text(response)
    assert "Please do not send case facts by email" in page
    assert "no attorney-client relationship between CAST and your client" in page
    assert "It is not for emergencies." in page
    assert "not open yet" not in page
    assert "mailto:" not in response.content.decode()


@pytest.mark.django_db
def test_the_privacy_page_says_what_is_kept_and_how_long(client, settings):
    page = text(client.get("/privacy/"))
    assert "180 days after a request is closed" in page
    settings.TA_KEEP = timedelta(days=90)
    assert "90 days after a request is closed" in text(client.get("/privacy/"))


@pytest.mark.django_db
def test_callers_are_invited_to_the_calls(client, seeded):
    response = client.get("/technical-assistance/")
    assert (
        "Sign up for the Working Group to stay current on anti-trafficking trends. See the calls"
        in text(response)
    )
    assert 'href="/calls/">See the calls' in response.content.decode()


@pytest.mark.django_db
def test_the_page_marks_where_in_the_hub_one_is(client, seeded):
    page = client.get("/technical-assistance/").content.decode()
    assert re.findall(r'href="([^"]*)" aria-current="page"', page) == ["/technical-assistance/"]


@pytest.mark.django_db
def test_what_staff_write_is_what_is_read(client, seeded):
    Service.objects.update(phone="(213) 555-0100", phone_e164="+12135550100")
    page = client.get("/technical-assistance/").content.decode()
    assert 'href="tel:+12135550100">(213) 555-0100<' in page


@pytest.mark.django_db
def test_before_the_content_is_loaded_the_page_says_so(client):
    assert "How to reach us is not set yet." in text(client.get("/technical-assistance/"))


@pytest.mark.django_db
def test_one_area_and_thirty_cost_the_same(client, seeded, django_assert_num_queries):
    Area.objects.exclude(slug="civil").delete()
    # Organization, service, policy, closures, areas.
    with django_assert_num_queries(5):
        client.get("/technical-assistance/")
    for number in range(29):
        Area.objects.create(slug=f"a{number}", name=f"Area {number}")
    with django_assert_num_queries(5):
        page = text(client.get("/technical-assistance/"))
    assert "Civil Area 0 Area 1 " in page
    assert "Area 28" in page
