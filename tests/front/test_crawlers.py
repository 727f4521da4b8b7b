"""robots.txt, the sitemap and security.txt: what programs are told, and what they are not."""

import io
from datetime import UTC, datetime
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from calls.models import CallSeries
from library.models import Resource
from tests.trainings import making
from trainings.models import Offering

pytestmark = pytest.mark.django_db
BASE = project.BASE_URL
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture
def seeded():
    content = project.BASE_DIR / "hub/content/seed_content.yaml"
    call_command("seed_content", content, stdout=io.StringIO())


def listed() -> list[str]:
    answer = Client().get("/sitemap.xml")
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    found = ElementTree.fromstring(answer.content).iter(LOC)  # noqa: S314 (our own)
    return [one.text.removeprefix(BASE) for one in found]


@pytest.mark.usefixtures("seeded")
class TestSitemap:
    def test_it_leads_to_each_public_page_and_each_is_there_to_be_found(self):
        course = making.course()
        making.offering(course, status=Offering.Status.OPEN, published_at=timezone.now())
        found = listed()
        assert len(found) == len(set(found))
        for path in found:
            page = Client().get(path)
            assert page.status_code == 200, path
            assert "noindex" not in page.content.decode(), path
            assert "X-Robots-Tag" not in page.headers, path
        assert {"/", "/calls/", "/trainings/", "/library/", "/technical-assistance/"} < set(found)
        assert f"/trainings/a-course/{Offering.objects.get().slug}/" in found
        assert len([p for p in found if p.startswith("/library/")]) == 1 + 23

    def test_what_visitors_cannot_see_is_not_in_it(self):
        CallSeries.objects.create(slug="hidden-call", name="Hidden", published=False)
        making.course("hidden-course", published=False)
        draft = making.offering(making.course(), status=Offering.Status.DRAFT)
        hidden = Resource.objects.first()
        Resource.objects.filter(pk=hidden.pk).update(published=False)
        text = " ".join(listed())
        for slug in ("hidden-call", "hidden-course", draft.slug, hidden.slug):
            assert f"/{slug}/" not in text

    def test_one_and_thirty_offerings_cost_the_same(self, django_assert_num_queries):
        course = making.course()

        def offered(number: int) -> None:
            status = {"status": Offering.Status.OPEN, "published_at": timezone.now()}
            making.offering(course, **status, slug=f"day-{number}")

        offered(0)
        with django_assert_num_queries(6):
            listed()
        for number in range(1, 30):
            offered(number)
        with django_assert_num_queries(6):
            assert len([p for p in listed() if "/a-course/day-" in p]) == 30

    def test_a_crawler_that_has_it_is_told_so(self):
        first = Client().get("/sitemap.xml")
        headers = {"if-none-match": first.headers["ETag"]}
        assert Client().get("/sitemap.xml", headers=headers).status_code == 304
        Resource.objects.first().delete()
        assert Client().get("/sitemap.xml", headers=headers).status_code == 200


class TestRobots:
    @pytest.fixture
    def rules(self):
        answer = Client().get("/robots.txt")
        assert answer.headers["Content-Type"].startswith("text/plain")
        parser = RobotFileParser()
        parser.parse(answer.content.decode().splitlines())
        return parser

    def test_it_names_the_sitemap(self, rules):
        assert rules.site_maps() == [f"{BASE}/sitemap.xml"]

    @pytest.mark.usefixtures("seeded")
    def test_it_shuts_no_page_of_the_sitemap(self, rules):
        assert [path for path in listed() if not rules.can_fetch("*", path)] == []

    @pytest.mark.parametrize(
        "path", ["/admin/", "/admin/ta_requests/", "/accounts/login/", "/library/export.bib"]
    )
    def test_it_shuts_what_no_search_may_lead_to(self, rules, path):
        assert not rules.can_fetch("*", path)

    @pytest.mark.parametrize(
        "path",
        ["/calls/sign-up/x/", "/technical-assistance/follow/x/", "/trainings/registration/x/"],
    )
    def test_private_pages_can_be_fetched_so_that_their_noindex_is_read(self, rules, path):
        assert rules.can_fetch("*", path)


class TestSecurityTxt:
    @pytest.fixture
    def fields(self, settings, time_machine):
        settings.SECURITY_CONTACT = "mailto:security@example.org"
        time_machine.move_to(datetime(2026, 11, 25, 3, 4, 5, tzinfo=UTC), tick=False)
        answer = Client().get("/.well-known/security.txt")
        # As RFC 9116 asks.
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        return dict(line.split(": ", 1) for line in answer.content.decode().splitlines())

    def test_it_names_whom_to_tell(self, fields):
        assert fields["Contact"] == "mailto:security@example.org"
        assert fields["Canonical"] == f"{BASE}/.well-known/security.txt"

    def test_it_ends_within_a_year_and_is_as_old_as_a_day(self, fields):
        assert fields["Expires"] == "2027-02-23T00:00:00Z"

    def test_without_somebody_to_tell_there_is_none(self, settings):
        settings.SECURITY_CONTACT = ""
        assert Client().get("/.well-known/security.txt").status_code == 404
