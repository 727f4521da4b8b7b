"""Hours and promise are dated; what has begun stays, and no promise moves."""

from datetime import date, time

import pytest

from ta_requests import queries
from ta_requests.models import Cycle, Policy
from ta_requests.services import clock
from tests.people import staff_client
from tests.reading import inline_code, text
from tests.ta_requests.asking import pacific
from tests.ta_requests.desk import make_manager, make_request

LIST = "/admin/ta_requests/policy/"
NEW = {"starts_on": "2026-11-10", "office_days": 1, "opens": "10:00", "closes": "16:00"}


@pytest.fixture
def manager(monday):
    return staff_client(make_manager())


@pytest.fixture
def in_force(monday):
    return Policy.objects.get()


def test_a_manager_adds_a_newer_one(manager):
    row = make_request()
    page = text(manager.get(f"{LIST}add/"))
    assert "One promise is open: it stays as it was made." in page
    done = manager.post(f"{LIST}add/", NEW, follow=True)
    assert "No promise moves." in text(done)
    assert row.cycles.get().due_at == pacific("2026-11-04 10:00")
    clock.closures_changed()
    assert Cycle.objects.get().due_at == pacific("2026-11-04 10:00")
    assert queries.policy(pacific("2026-11-09 23:59")).office_days == 2
    assert queries.policy(pacific("2026-11-10 00:00")).office_days == 1
    assert "To come" in text(manager.get(LIST))


@pytest.mark.parametrize("day", ["2026-11-02", "2026-11-01", "2020-01-01"])
def test_it_begins_tomorrow_or_later(manager, day):
    page = manager.post(f"{LIST}add/", NEW | {"starts_on": day})
    assert "Choose tomorrow or a later day" in text(page)
    assert Policy.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"opens": "17:00"}, "The office closes after it opens."),
        ({"office_days": 0}, "between 1 and 30 office days"),
    ],
)
def test_what_cannot_be_is_refused(manager, changes, said):
    assert said in text(manager.post(f"{LIST}add/", NEW | changes))
    assert Policy.objects.count() == 1


def test_one_that_has_begun_is_only_read(manager, in_force, as_alice):
    address = f"{LIST}{in_force.pk}/change/"
    for client in (manager, as_alice):
        page = client.get(address)
        assert "This policy has begun and stays as it is" in text(page)
        assert "begins Tuesday, November 3 or later" in text(page)
        assert inline_code(page) == []
        assert client.post(address, NEW).status_code == 403
        assert client.post(f"{LIST}{in_force.pk}/delete/", {"post": "yes"}).status_code == 403
    in_force.refresh_from_db()
    assert (in_force.opens, in_force.office_days) == (time(9), 2)


def test_one_to_come_is_changed_and_taken_back(manager):
    manager.post(f"{LIST}add/", NEW)
    coming = Policy.objects.get(starts_on=date(2026, 11, 10))
    manager.post(f"{LIST}{coming.pk}/change/", NEW | {"closes": "15:00"})
    coming.refresh_from_db()
    assert coming.closes == time(15)
    manager.post(f"{LIST}{coming.pk}/delete/", {"post": "yes"})
    assert Policy.objects.count() == 1


def test_ta_staff_alone_do_not_set_it(in_force, as_tanya):
    for address in (LIST, f"{LIST}add/", f"{LIST}{in_force.pk}/change/"):
        assert as_tanya.get(address).status_code == 403
