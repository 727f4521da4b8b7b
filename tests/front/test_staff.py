"""The staff's day: who gets which lines, in which order, and what the charts say."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from calls.models import CallSeries, SignUp
from hub import offers
from hub.front import staff
from hub.models import User
from hub.offers import Figure, Urgency, Work
from library.models import Suggestion
from tests.people import member, staff_client
from tests.reading import inline_code, text

NOW = datetime(2026, 11, 24, 21, 44, tzinfo=UTC)
MONTHS = [date(2025, 12, 1), *(date(2026, month, 1) for month in range(1, 12))]


def figure(title, label, numbers, one="person", more="people"):
    rows = list(zip(MONTHS, [0] * (12 - len(numbers)) + numbers, strict=True))
    return Figure(title=title, label=label, one=one, more=more, months=rows)


class TestParts:
    def test_late_and_today_are_always_there(self):
        shown = staff.parts([], NOW)
        assert [(part.heading, part.count) for part in shown] == [("Late", 0), ("Today", 0)]

    def test_things_are_counted_not_lines(self):
        lines = [
            Work(area="A", said="3 people wait", url="/", urgency=Urgency.TODAY, count=3),
            Work(area="A", said="A date", url="/", urgency=Urgency.TODAY, due=date(2026, 11, 24)),
            Work(area="A", said="Something", url="/", count=2),
        ]
        shown = staff.parts(lines, NOW)
        assert [(part.heading, part.count) for part in shown] == [
            ("Late", 0),
            ("Today", 4),
            ("When you can", 2),
        ]
        assert [line.due for line in shown[1].lines] == ["", "today"]


class TestShares:
    def test_a_month_with_too_few_is_said_and_not_drawn(self):
        shown = ["", *["94%"] * 9, "88% or more", ""]
        (one,) = staff.shares("TA", "on time", list(zip(MONTHS, shown, strict=True)))
        assert one.sentence == "88% or more on time in October 2026"
        assert len(one.chart.bars) == 10
        assert one.rows[0] == (date(2025, 12, 1), ["too few to say"])
        assert one.rows[-2] == (date(2026, 10, 1), ["88% or more"])

    def test_with_nothing_to_show_there_is_a_sentence(self):
        (one,) = staff.shares("TA", "on time", [(month, "") for month in MONTHS])
        assert one.chart is None
        assert one.sentence.startswith("Too few answers")

    def test_who_may_not_see_it_sees_no_chart(self):
        assert staff.shares("TA", "on time", []) == []


class TestDrawn:
    def test_two_series_are_one_chart_that_says_which_is_which(self):
        one = staff.drawn(
            [figure("Sign-ups", "calls", [4, 7]), figure("Sign-ups", "trainings", [1])]
        )
        assert one.sentence == "12 people: calls 11 (solid) and trainings 1 (striped)"
        assert {bar.series for bar in one.chart.bars} == {1, 2}
        assert one.rows[-1] == (date(2026, 11, 1), ["7", "1"])

    def test_one_says_its_sum(self):
        one = staff.drawn(
            [figure("Credit", "trainings", [Decimal("6.25"), Decimal(1200)], "hour", "hours")]
        )
        assert one.sentence == "1,206.25 hours"
        assert one.rows[-2:] == [(MONTHS[-2], ["6.25"]), (MONTHS[-1], ["1,200"])]

    def test_nothing_is_no_chart(self):
        one = staff.drawn([figure("Pledges kept", "pledges", [], "pledge", "pledges")])
        assert (one.sentence, one.chart) == ("0 pledges", None)


@pytest.mark.django_db
class TestPage:
    @pytest.fixture(autouse=True)
    def _waiting(self):
        with time_machine.travel(NOW, tick=False):
            series = CallSeries.objects.create(slug="group", name="Working Group")
            SignUp.objects.create(
                series=series, email="dan@example.org", name="Dan", role="social", state="awaiting"
            )
            Suggestion.objects.create(title="A guide", received_at=NOW)
            yield

    def page(self, role):
        return staff_client(member(role)).get("/staff/")

    @pytest.mark.parametrize(
        ("role", "calls", "library"),
        [
            ("Programme", True, False),
            ("Curator", False, True),
            ("Manager", True, True),
            ("TA staff", False, False),
        ],
    )
    def test_each_role_has_its_own_work_and_no_other(self, role, calls, library):
        said = text(self.page(role))
        assert "Tuesday, November 24, 2026, 1:44 pm Pacific" in said
        assert ("1 person waits for approval: Working Group" in said) is calls
        assert ("1 suggestion to answer" in said) is library
        assert ("Nothing waits for you." in said) is (role == "TA staff")

    def test_a_line_leads_to_where_it_is_done(self):
        client = staff_client(member("Manager"))
        page = client.get("/staff/").content.decode()
        links = re.findall(r'<li><span class="area">.*?<a href="([^"]+)"', page)
        assert len(links) >= 3
        for link in links:
            assert client.get(link.replace("&amp;", "&")).status_code == 200, link

    def test_nobody_is_named(self):
        assert "dan@example.org" not in text(self.page("Manager"))

    def test_numbers_are_charts_and_tables(self):
        SignUp.objects.update(state="active", joined_at=NOW)
        answer = self.page("Curator")
        page = answer.content.decode()
        assert "1 person: calls 1 (solid) and trainings 0 (striped)" in text(answer)
        assert page.count('<svg class="chart"') == 1
        assert re.search(r'<svg class="chart"[^>]*role="img" aria-labelledby="chart-1"', page)
        assert '<th scope="row">November 2026</th><td class="r">1</td><td class="r">0</td>' in page
        assert inline_code(answer) == []

    def test_is_kept_by_nobody(self):
        assert "no-store" in self.page("Curator").headers["Cache-Control"]

    def test_costs_the_same_with_thirty_of_each(self, django_assert_num_queries):
        client = staff_client(member("Manager"))
        client.get("/staff/")
        with CaptureQueriesContext(connection) as few:
            client.get("/staff/")
        for number in range(30):
            series = CallSeries.objects.create(slug=f"group-{number}", name=f"Group {number}")
            SignUp.objects.create(
                series=series,
                email=f"p{number}@example.org",
                name="P",
                role="social",
                state="awaiting",
            )
            Suggestion.objects.create(title="A guide", received_at=NOW)
        with django_assert_num_queries(len(few)):
            assert "31 suggestions" in text(client.get("/staff/"))

    def test_staff_land_on_it_and_come_back_to_it(self):
        member_of_staff = member("Curator")
        client = Client()
        client.force_login(member_of_staff, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get("/accounts/login/").headers["Location"] == "/staff/"
        answer = client.get("/staff/")
        assert answer.headers["Location"] == "/admin/login/?next=/staff/"
        client = staff_client(member_of_staff, client)
        assert client.get(answer.headers["Location"]).headers["Location"] == "/staff/"
        assert client.get("/admin/login/?next=/admin/library/").headers["Location"] == (
            "/admin/library/"
        )
        assert client.get("/admin/login/?next=//evil.example/").headers["Location"] == "/staff/"

    def test_the_back_office_and_the_site_lead_to_it(self):
        client = staff_client(member("Curator"))
        for page in ("/admin/", "/privacy/"):
            assert '<a href="/staff/">Today</a>' in client.get(page).content.decode()
        bob = Client()
        bob.force_login(
            User.objects.create_user("bob@example.org"),
            backend="django.contrib.auth.backends.ModelBackend",
        )
        assert "/staff/" not in bob.get("/privacy/").content.decode()


def test_what_apps_offer_is_found():
    titles = {each.__name__ for each in _offered("FIGURES")}
    assert {"sign_ups", "attendance", "credit", "pledges_made", "pledges_kept"} <= titles
    assert len(_offered("WORK")) >= 13


def _offered(name):
    return [each for module in offers._modules() for each in getattr(module, name, ())]
