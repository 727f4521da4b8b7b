"""The queue: by what is due first, in words, at the same cost for one and for thirty."""

import threading
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hub.models import AuditEvent, Closure
from ta_requests import cycles, queue
from ta_requests.models import TaRequest
from ta_requests.services import desk, thread
from tests.people import staff_client
from tests.reading import text
from tests.ta_requests.asking import pacific
from tests.ta_requests.desk import QUEUE, make_request, make_ta_staff, page_of


@pytest.fixture
def at(seeded, time_machine):
    def go(moment):
        time_machine.move_to(pacific(moment), tick=False)

    go("2026-11-02 10:00")
    return go


@pytest.fixture
def five(at, tanya):
    """As at 4:30 pm on Tuesday, November 3: late, due tomorrow, a court date, paused, answered."""
    at("2026-10-29 10:00")
    late = make_request()
    at("2026-11-02 10:00")
    tomorrow = make_request()
    at("2026-11-03 12:00")
    court = make_request(deadline_type="court", deadline=date(2026, 11, 4))
    paused = make_request()
    thread.ask(paused.pk, uuid4(), "Which court?", tanya)
    answered = make_request()
    thread.reply(answered.pk, uuid4(), "Yes.", tanya)
    closed = make_request()
    thread.close(closed.pk, "solved", tanya)
    at("2026-11-03 16:30")
    return {
        "late": late,
        "tomorrow": tomorrow,
        "court": court,
        "paused": paused,
        "answered": answered,
        "closed": closed,
    }


def listed(client, five, query=""):
    """Names of those on the page, in its order."""
    page = client.get(QUEUE + query)
    assert page.status_code == 200
    names = {row.reference: name for name, row in five.items()}
    return [names[row.reference] for row in page.context["cl"].result_list]


def test_it_is_in_the_order_of_what_is_due_first(five, tanya):
    assert listed(staff_client(tanya), five) == ["late", "court", "tomorrow", "paused"]


def test_its_order_is_that_of_the_rules(five):
    zone = "America/Los_Angeles"
    for row in queue.open_rows():
        urgent = cycles.urgency(queue.promise_of(row).due_at, row.deadline, zone)
        assert (row.urgent_at or cycles.urgency(None, None, zone)) == urgent


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?which=late", ["late"]),
        ("?which=waiting", ["paused"]),
        ("?which=answered", ["answered"]),
        ("?which=closed", ["closed"]),
        ("?which=held", ["closed"]),
        ("?whose=mine", ["court"]),
        ("?whose=unassigned", ["late", "tomorrow", "paused"]),
        ("?which=late&whose=mine", []),
    ],
)
def test_each_filter(five, tanya, query, names):
    thread.assign(five["court"].pk, tanya, tanya)
    thread.hold(five["closed"].pk, True, tanya)
    assert listed(staff_client(tanya), five, query) == names


def test_all_are_there_to_look_up(five, tanya):
    assert sorted(listed(staff_client(tanya), five, "?which=all")) == sorted(five)


def test_it_says_due_clock_receipt_and_with_whom(five, tanya):
    thread.assign(five["court"].pk, tanya, tanya)
    page = text(staff_client(tanya).get(QUEUE))
    for name, said in {
        "late": "Mon, Nov 2, 10:00 am {} 14 h 30 min late Thu, Oct 29, 10:00 am Nobody yet",
        "court": "Wed, Nov 4, court date {} 11 h 30 min left Court date before the answer "
        "Today 12:00 pm Tanya",
        "tomorrow": "Wed, Nov 4, 10:00 am {} 1 h 30 min left Mon, Nov 2, 10:00 am Nobody yet",
        "paused": "Stopped {} Paused: waiting for an answer Today 12:00 pm Nobody yet",
    }.items():
        assert said.format(five[name].reference) in page


def test_the_times_are_on_the_day_clocks_change(at, tanya):
    at("2026-10-30 16:00")
    row = make_request()
    at("2026-11-02 09:00")
    said = f"Tue, Nov 3, 4:00 pm {row.reference} 15 h left Fri, Oct 30, 4:00 pm"
    assert said in text(staff_client(tanya).get(QUEUE))


def test_it_costs_the_same_for_1_and_for_30(at, tanya):
    client = staff_client(tanya)

    def cost():
        client.get(QUEUE)
        with CaptureQueriesContext(connection) as found:
            client.get(QUEUE)
        return [query["sql"] for query in found]

    thread.ask(make_request().pk, uuid4(), "Which court?", tanya)
    one = cost()
    for number in range(29):
        row = make_request()
        if number % 3 == 0:
            thread.ask(row.pk, uuid4(), "Which court?", tanya)
        thread.assign(row.pk, tanya, tanya)
    thirty = cost()
    assert len(thirty) == len(one)
    about_requests = [sql for sql in one if "ta_requests" in sql]
    assert len(about_requests) <= 3
    # Sealed texts stay where they are.
    assert not any('"question"' in sql or '"name", "ta_' in sql for sql in about_requests)


def test_staff_are_told_when_nobody_has_confirmed_closures(at, tanya):
    client, said = staff_client(tanya), "No confirmed closure lies within the next 12 months"
    Closure.objects.create(date=date(2026, 11, 26), name="Thanksgiving Day")
    for address in (QUEUE, "/admin/"):
        assert said in text(client.get(address))
    Closure.objects.update(confirmed_at=pacific("2026-11-01 10:00"))
    for address in (QUEUE, "/admin/"):
        assert said not in text(client.get(address))
    Closure.objects.update(date=date(2026, 11, 1))
    assert said in text(client.get(QUEUE))


class TestTakeTheNext:
    def test_it_is_what_is_due_first_of_what_nobody_has(self, five, tanya):
        thread.assign(five["late"].pk, tanya, tanya)
        client = staff_client(tanya)
        for name in ("court", "tomorrow"):
            answer = client.post(f"{QUEUE}next/")
            assert answer.headers["Location"] == page_of(five[name])
            five[name].refresh_from_db()
            assert five[name].assigned_to == tanya
        # What is paused waits for somebody else.
        assert "Nothing waits to be taken" in text(client.post(f"{QUEUE}next/", follow=True))
        assert AuditEvent.objects.filter(action="assigned", actor=tanya).count() == 3

    def test_looking_takes_nothing(self, five, tanya):
        assert staff_client(tanya).get(f"{QUEUE}next/").status_code == 405
        assert not TaRequest.objects.exclude(assigned_to=None).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_take_at_once_get_two(content):
    from ta_requests.for_hub import SEED

    SEED(content)
    people = [make_ta_staff(f"{name}@example.org") for name in ("olga", "tanya")]
    for _ in range(2):
        make_request()
    taken, ready = [], threading.Barrier(2)

    def take(user):
        try:
            ready.wait(timeout=10)
            taken.append(desk.take_next(user))
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[user]) for user in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len({row.pk for row in taken}) == 2
    assert {row.assigned_to for row in TaRequest.objects.all()} == set(people)
