"""R36: the report counts, and tells nothing of a small group; what is purged still counts."""

import csv
import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from hub.models import AuditEvent
from ta_requests import report
from ta_requests.models import Area
from ta_requests.services import retention, thread
from tests.people import staff_client
from tests.reading import inline_code, text
from tests.ta_requests.asking import pacific
from tests.ta_requests.desk import CANARY, make_manager, make_request, page_of

PAGE = "/admin/ta_requests/policy/report/"


@pytest.fixture
def at(seeded, time_machine):
    def go(moment):
        time_machine.move_to(pacific(moment), tick=False)

    return go


def answered(at, tanya, asked, replied, number=1, **changes):
    rows = []
    for _ in range(number):
        at(asked)
        rows.append(make_request(**changes))
        at(replied)
        thread.reply(rows[-1].pk, uuid4(), "Yes.", tanya)
    return rows


@pytest.fixture
def autumn(at, tanya):
    """Ten in October and three in November; two of October's late."""
    answered(at, tanya, "2026-10-06 10:00", "2026-10-06 12:00", 8)
    answered(at, tanya, "2026-10-12 10:00", "2026-10-15 10:00", 2, us_state="NY")
    answered(at, tanya, "2026-11-03 10:00", "2026-11-04 10:00", 3, us_state="OR")
    at("2026-11-24 10:00")


def made(number=3):
    return report.report(date(2026, 11, 1), number, timezone.now())


def rows(table):
    return {row.name: row for row in table.rows}


def test_r36_months_states_and_areas(autumn):
    months, states, areas = made().tables
    assert [(row.name, row.requests) for row in months.rows] == [
        ("September 2026", "0"),
        ("October 2026", "5 or more"),
        ("November 2026", "<5"),
    ]
    assert {name: row.requests for name, row in rows(states).items()} == {
        "California": "5 or more",
        "New York": "<5",
        "Oregon": "<5",
    }
    assert rows(areas)["Immigration"].requests == "13"
    assert rows(areas)["Civil"].requests == "13"
    others = [row.requests for row in areas.rows if row.requests != "13"]
    assert others == ["0"] * (Area.objects.count() - 2)


def test_the_whole_and_its_times(autumn):
    whole = made().whole
    assert whole.requests == "13"
    # Two of thirteen were late, which it does not say.
    assert whole.on_time == "69% or more"
    assert whole.median == "2 office hours"
    assert whole.slowest == "24 office hours"


def test_r36_a_group_of_few_has_no_times(autumn):
    for row in (rows(made().tables[1])["Oregon"], rows(made().tables[1])["New York"]):
        assert (row.on_time, row.median, row.slowest) == ("", "", "")


def test_what_is_late_and_not_answered_counts_as_late_and_what_is_withdrawn_as_neither(at, tanya):
    answered(at, tanya, "2026-11-02 10:00", "2026-11-02 11:00", 5)
    at("2026-11-02 10:00")
    for _ in range(5):
        make_request()
    for _ in range(6):
        thread.finish(make_request().pk, "withdrawn")
    at("2026-11-04 10:00")
    assert made().whole.on_time == "100%"
    at("2026-11-04 10:01")
    assert made().whole.on_time == "50%"
    assert made().whole.requests == "16"


def test_a_follow_up_is_a_promise_but_no_request(at, tanya):
    found = answered(at, tanya, "2026-11-02 10:00", "2026-11-02 11:00", 5)
    for row in found:
        thread.write(row.pk, uuid4(), "And then?")
    at("2026-11-05 10:00")
    assert made().whole.requests == "5"
    assert made().whole.on_time == "50%"


def test_r34_a_tombstone_counts(at, tanya):
    found = answered(at, tanya, "2026-04-06 10:00", "2026-04-06 12:00", 6)
    before = report.report(date(2026, 4, 1), 3, timezone.now())
    for row in found:
        thread.close(row.pk, "solved", tanya)
    for days in (170, 190):
        retention.warn(pacific("2026-04-06 12:00") + timedelta(days=days))
        retention.purge(pacific("2026-04-06 12:00") + timedelta(days=days))
    assert not type(row).objects.filter(purged_at=None).exists()
    assert report.report(date(2026, 4, 1), 3, timezone.now()) == before
    assert before.whole.requests == "6"


def test_a_month_is_one_by_the_pacific_calendar(at):
    at("2026-10-31 23:59")
    for _ in range(5):
        make_request()
    at("2026-11-01 00:00")
    for _ in range(6):
        make_request()
    assert [row.requests for row in made(3).months.rows] == ["0", "5", "6"]


@pytest.mark.parametrize(
    ("last", "number", "months"),
    [
        (date(2027, 1, 1), 3, [(2026, 11), (2026, 12), (2027, 1)]),
        (date(2026, 12, 31), 2, [(2026, 11), (2026, 12)]),
    ],
)
def test_months_until(last, number, months):
    found = report.months_until(last, number)
    assert [(month.year, month.month) for month in found] == months


class TestPage:
    @pytest.mark.parametrize("who", ["tanya", "manager", "alice"])
    def test_managers_and_ta_staff_see_it(self, autumn, tanya, alice, who):
        people = {"tanya": lambda: tanya, "manager": make_manager, "alice": lambda: alice}
        page = staff_client(people[who]()).get(PAGE, {"last": "2026-11", "months": "3"})
        assert "September 1, 2026 to November 30, 2026" in text(page)
        assert "69% or more" in text(page)
        assert inline_code(page) == []

    def test_nobody_else(self, seeded, django_user_model):
        other = django_user_model.objects.create_user("s@example.org", is_staff=True)
        client = staff_client(other)
        assert client.get(PAGE).status_code == client.post(PAGE).status_code == 403

    def test_the_chart_has_a_pattern_and_its_table(self, autumn, as_tanya):
        page = as_tanya.get(PAGE, {"last": "2026-11", "months": "3"}).content.decode()
        assert page.count('<rect class="c2"') == page.count('<path class="h"') == 2
        assert 'role="img" aria-labelledby="ct"' in page
        assert '<td class="r">&lt;5</td>' in page

    @pytest.mark.parametrize(
        "query", ["?last=1900-01&months=3", "?last=x", "?last=2026-11&months=1"]
    )
    def test_a_period_that_is_not_offered_is_the_usual_one(self, autumn, as_tanya, query):
        assert "December 1, 2025 to November 30, 2026" in text(as_tanya.get(PAGE + query))

    def test_r36_no_small_number_is_on_the_page(self, autumn, as_tanya):
        page = text(as_tanya.get(PAGE, {"last": "2026-11", "months": "3"}))
        assert " 10 " not in page.partition("By month")[2]

    def test_r7_its_tables_are_downloaded_and_that_is_written_down(self, autumn, as_tanya, tanya):
        answer = as_tanya.post(PAGE, {"last": "2026-11", "months": "3"})
        assert answer.headers["Content-Type"] == "text/csv"
        assert "2026-09-2026-11.csv" in answer.headers["Content-Disposition"]
        table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert table[0][:3] == ["By", "Which", "Requests"]
        assert ["Month", "November 2026", "<5", "", "", ""] in table
        event = AuditEvent.objects.get(action="exported")
        assert (event.actor, event.kind, event.reference) == (tanya, "report", "2026-09 to 2026-11")
        assert CANARY not in answer.content.decode()

    def test_abuse_12_no_cell_is_a_formula(self, autumn, as_tanya):
        Area.objects.filter(slug="civil").update(name='=HYPERLINK("http://x")')
        answer = as_tanya.post(PAGE, {"last": "2026-11", "months": "3"})
        cells = {cell for row in csv.reader(io.StringIO(answer.content.decode())) for cell in row}
        assert '\'=HYPERLINK("http://x")' in cells
        assert not any(cell[:1] in set("=+-@") and cell[:1] for cell in cells)

    def test_the_queue_leads_to_it(self, autumn, as_tanya):
        row = make_request()
        assert PAGE in as_tanya.get(page_of(row)[: -len(f"{row.pk}/change/")]).content.decode()
