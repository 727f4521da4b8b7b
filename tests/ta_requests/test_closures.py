"""Entering a closure shows which promises it moves before anything is saved (abuse 37)."""

from datetime import date, time

import pytest

from hub.models import Closure
from ta_requests.models import Cycle
from ta_requests.services import clock
from tests.people import staff_client
from tests.reading import inline_code, text
from tests.ta_requests.asking import hidden, pacific
from tests.ta_requests.desk import make_manager, make_request

ADD = "/admin/hub/closure/add/"
LIST = "/admin/hub/closure/"
TUESDAY = {"date": "2026-11-03", "name": "Flood", "closes_at": ""}


@pytest.fixture
def row(monday):
    return make_request()


@pytest.fixture
def manager(row):
    return staff_client(make_manager())


@pytest.fixture
def both(tanya, row):
    """Of the TA staff, and of those who enter closures."""
    tanya.user_permissions.set(make_manager().user_permissions.all())
    return staff_client(tanya)


def due():
    return Cycle.objects.get().due_at


def save(client, sent, address=ADD):
    """Look, then save what was looked at."""
    seen = hidden(client.post(address, sent), "seen").replace("&#x27;", "'")
    return client.post(address, sent | {"seen": seen}, follow=True)


def test_ta_staff_see_which_moves_and_to_when(both, row):
    page = both.post(ADD, TUESDAY)
    moves = f"{row.reference}: from Wed, Nov 4, 10:00 am to Thu, Nov 5, 10:00 am"
    assert moves in text(page)
    assert inline_code(page) == []
    assert not Closure.objects.exists()
    assert due() == pacific("2026-11-04 10:00")
    save(both, TUESDAY)
    assert Closure.objects.get().name == "Flood"
    assert due() == pacific("2026-11-05 10:00")
    # What the requester was told first stays beside it.
    assert Cycle.objects.get().promised_at == pacific("2026-11-04 10:00")


def test_others_see_how_many(manager, row, as_alice):
    for client in (manager, as_alice):
        page = client.post(ADD, TUESDAY)
        assert "One open promise of an answer will be due later." in text(page)
        assert row.reference not in page.content.decode()
    make_request()
    page = manager.post(ADD, TUESDAY)
    assert "2 open promises of an answer will be due later." in text(page)


def test_what_has_changed_since_is_shown_again(manager):
    seen = hidden(manager.post(ADD, TUESDAY), "seen")
    make_request()
    page = manager.post(ADD, TUESDAY | {"seen": seen})
    assert "2 open promises" in text(page)
    assert not Closure.objects.exists()


def test_an_early_close_moves_what_was_due_after_it(manager):
    save(manager, {"date": "2026-11-04", "name": "Drill", "closes_at": "09:30"})
    assert Closure.objects.get().closes_at == time(9, 30)
    assert due() == pacific("2026-11-04 09:30")


def test_a_closure_moved_to_another_day_counts_there(manager):
    save(manager, TUESDAY | {"date": "2026-12-01"})
    closure = Closure.objects.get()
    save(manager, TUESDAY, f"{LIST}{closure.pk}/change/")
    assert Closure.objects.get().date == date(2026, 11, 3)
    assert due() == pacific("2026-11-05 10:00")


def test_abuse_37_on_a_weekend_it_changes_nothing_and_says_so(manager):
    page = manager.post(ADD, TUESDAY | {"date": "2026-11-07"})
    assert "It is a Saturday, when the office is closed anyway." in text(page)
    assert "No promise of an answer that is open now moves." in text(page)
    save(manager, TUESDAY | {"date": "2026-11-07"})
    assert due() == pacific("2026-11-04 10:00")


def test_abuse_37_added_twice_it_is_one_and_says_so(manager):
    save(manager, TUESDAY)
    page = manager.post(ADD, TUESDAY | {"name": "Again"})
    assert "There is a closure on that day already. Change that one." in text(page)
    assert Closure.objects.count() == 1
    assert due() == pacific("2026-11-05 10:00")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"date": "2026-10-30"}, "Friday, October 30, 2026 has passed."),
        ({"closes_at": "18:00"}, "The office closes no earlier than on other days"),
    ],
)
def test_what_is_odd_is_said(manager, changes, said):
    assert said in text(manager.post(ADD, TUESDAY | changes))


def test_taken_back_it_moves_nothing_and_says_so(as_alice, row):
    save(as_alice, TUESDAY)
    delete = f"{LIST}{Closure.objects.get().pk}/delete/"
    assert "What was promised while this closure stood keeps its time" in text(as_alice.get(delete))
    as_alice.post(delete, {"post": "yes"})
    assert not Closure.objects.exists()
    clock.closures_changed()
    assert due() == pacific("2026-11-05 10:00")
    make_request()
    assert Cycle.objects.latest("pk").due_at == pacific("2026-11-04 10:00")


def test_if_a_promise_cannot_move_the_closure_is_not_saved(manager, monkeypatch):
    seen = hidden(manager.post(ADD, TUESDAY), "seen").replace("&#x27;", "'")

    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr("ta_requests.services.clock._keep", fail)
    manager.raise_request_exception = False
    assert manager.post(ADD, TUESDAY | {"seen": seen}).status_code == 500
    assert not Closure.objects.exists()


def test_saved_as_it_stands_it_asks_nothing(as_alice, row):
    save(as_alice, TUESDAY)
    address = f"{LIST}{Closure.objects.get().pk}/change/"
    assert as_alice.post(address, TUESDAY).status_code == 302


def test_nobody_else_may(as_tanya, row):
    assert as_tanya.post(ADD, TUESDAY).status_code == 403
