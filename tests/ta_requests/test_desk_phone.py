"""A request that comes by phone, written down by staff with the time of the call."""

from datetime import date
from uuid import uuid4

import pytest

from hub.models import AuditEvent, Closure, Mail
from ta_requests.models import Cycle, TaRequest
from tests.reading import inline_code, text
from tests.ta_requests.asking import FORM, pacific, typed
from tests.ta_requests.desk import CANARY, QUEUE, page_of

ADD = f"{QUEUE}add/"
OURS = {"ok_identifiers": None, "ok_relationship": None, "website": None}


def post(client, day, at, **changes):
    sent = {"received_day": day, "received_time": at, "form_id": str(uuid4()), "phone": "555 0100"}
    sent = FORM | OURS | sent | changes
    return client.post(ADD, {name: value for name, value in sent.items() if value is not None})


@pytest.fixture
def noon(seeded, time_machine):
    time_machine.move_to(pacific("2026-11-02 12:00"), tick=False)


def test_it_counts_from_the_call(noon, as_tanya, tanya):
    answer = post(as_tanya, "2026-11-02", "10:30")
    row = TaRequest.objects.get()
    assert answer.headers["Location"] == page_of(row)
    assert (row.channel, row.entered_by) == ("phone", tanya)
    assert row.received_at == pacific("2026-11-02 10:30")
    assert row.created_at == pacific("2026-11-02 12:00")
    assert Cycle.objects.get().due_at == pacific("2026-11-04 10:30")
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.fields) == ("entered", tanya, ["received_at"])
    assert f"{row.reference} is written down" in text(as_tanya.get(page_of(row)))


def test_a_call_before_a_closure_that_was_entered_since(noon, as_tanya):
    Closure.objects.create(date=date(2026, 11, 3), name="Flood")
    post(as_tanya, "2026-11-02", "10:30")
    assert Cycle.objects.get().due_at == pacific("2026-11-05 10:30")


@pytest.mark.parametrize("changes", [{"email": ""}, {"email": "", "phone": "213 555 0100"}])
def test_an_address_may_be_missing(noon, as_tanya, changes):
    post(as_tanya, "2026-11-02", "10:30", **changes)
    assert TaRequest.objects.get().email == ""
    assert not Mail.objects.exists()


def test_some_way_to_answer_there_must_be(noon, as_tanya):
    page = post(as_tanya, "2026-11-02", "10:30", email="", phone="")
    assert "Enter a phone number or an email address to answer to" in text(page)


@pytest.mark.parametrize(
    ("day", "at", "said"),
    [
        ("2026-11-02", "12:01", "A request cannot have come in later than now"),
        ("2027-01-01", "10:00", "A request cannot have come in later than now"),
        ("9999-12-31", "23:59", "Check the year"),
        ("2019-12-31", "23:59", "Enter a date from January 1, 2020 on"),
        ("0001-01-01", "00:00", "Enter a date from January 1, 2020 on"),
        ("2026-03-08", "02:30", "clocks skipped 2:30 am. Enter another time"),
        ("", "10:00", "Enter the day of the call"),
        ("2026-11-02", "", "Enter the time of the call"),
        ("2026-02-30", "10:00", "Enter a valid date"),
        ("2026-11-02", "25:00", "Enter a valid time"),
    ],
)
def test_abuse_37_times_that_cannot_be(noon, as_tanya, day, at, said):
    page = post(as_tanya, day, at, question=f"What {CANARY}?")
    assert page.status_code == 200
    assert said in text(page)
    assert "Error:" in page.content.decode()
    # R25: what was written down stays.
    assert typed(page, "question") == f"What {CANARY}?"
    assert typed(page, "received_time") == at
    assert not TaRequest.objects.exists()


def test_abuse_37_a_time_that_came_twice_is_the_earlier_one(noon, as_tanya):
    answer = post(as_tanya, "2026-11-01", "01:30")
    row = TaRequest.objects.get()
    assert row.received_at.isoformat() == "2026-11-01T08:30:00+00:00"
    page = text(as_tanya.get(answer.headers["Location"]))
    assert "1:30 am came twice on Sunday, November 1, 2026. The earlier one is taken." in page


def test_r29_sent_twice_it_is_one(noon, as_tanya):
    form_id = str(uuid4())
    first, again = (post(as_tanya, "2026-11-02", "10:30", form_id=form_id) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    assert TaRequest.objects.count() == 1


def test_abuse_23_what_staff_do_not_fill_in_they_cannot_set(noon, as_tanya, tanya):
    extra = {"status": "closed", "due_at": "2030-01-01", "assigned_to": tanya.pk, "held": "on"}
    post(as_tanya, "2026-11-02", "10:30", **extra)
    row = TaRequest.objects.get()
    assert (row.status, row.assigned_to, row.held) == ("open", None, False)
    assert Cycle.objects.get().due_at == pacific("2026-11-04 10:30")


def test_abuse_19_a_paralegal_needs_a_supervisor(noon, as_tanya):
    page = post(as_tanya, "2026-11-02", "10:30", role="supervised")
    assert "Enter your supervisor’s name" in text(page)


def test_the_page_asks_for_no_box_the_caller_would_tick(noon, as_tanya):
    page = as_tanya.get(ADD)
    assert "ok_identifiers" not in page.content.decode()
    assert 'name="website"' not in page.content.decode()
    assert inline_code(page) == []
