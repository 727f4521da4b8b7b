"""The content version: raised by every way of writing, and dated ever later."""

import threading
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from hub import version
from hub.models import Closure, ContentVersion, Mail, Organization, User
from tests.hub.conftest import ROOT, in_threads

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


def sql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def begin() -> tuple[int, datetime]:
    """The present version, as at the beginning of a new transaction."""
    ContentVersion.objects.update(transaction="")
    return version.current()


@pytest.fixture
def closures() -> list[Closure]:
    return [Closure.objects.create(date=f"2026-11-{day}", name="Closed") for day in (26, 27)]


def _save(closures):
    closures[0].name = "Thanksgiving"
    closures[0].save()


WRITES = {
    "save": _save,
    "create": lambda closures: Closure.objects.create(date="2026-12-25", name="x"),
    "update": lambda closures: Closure.objects.update(name="y"),
    "bulk create": lambda closures: Closure.objects.bulk_create([Closure(date="2027-01-01")]),
    "bulk update": lambda closures: Closure.objects.bulk_update(closures, ["name"]),
    "delete": lambda closures: closures[0].delete(),
    "delete many": lambda closures: Closure.objects.all().delete(),
    "sql insert": lambda closures: sql(
        "INSERT INTO hub_closure (date, name) VALUES ('2027-01-01', '')"
    ),
    "sql update": lambda closures: sql("UPDATE hub_closure SET name = 'z'"),
    "sql delete": lambda closures: sql("DELETE FROM hub_closure"),
    "truncate": lambda closures: sql("TRUNCATE hub_closure"),
    "organization": lambda closures: Organization.objects.create(id=1, name="A", short_name="A"),
}


@pytest.mark.parametrize("way", WRITES)
def test_every_way_of_writing_raises_it(closures, way):
    number, changed_at = begin()
    WRITES[way](closures)
    after = version.current()
    assert after[0] == number + 1
    assert after[1] > changed_at


def test_what_is_not_public_does_not_raise_it():
    before = begin()
    Mail.objects.create(kind="note", subject_id=1)
    User.objects.create_user("bob@example.org")
    assert version.current() == before


def test_reading_does_not_raise_it(closures):
    before = begin()
    list(Closure.objects.all())
    with transaction.atomic():
        Closure.objects.select_for_update().get(pk=closures[0].pk)
    assert version.current() == before


@committed
def test_one_transaction_raises_it_once(closures):
    number, _ = version.current()
    with transaction.atomic():
        for one in closures:
            one.name = "Again"
            one.save()
        Organization.objects.create(id=1, name="A", short_name="A")
    assert version.current()[0] == number + 1


@committed
def test_a_transaction_that_fails_does_not_raise_it(closures):
    class Regret(Exception):
        pass

    def change_my_mind() -> None:
        with transaction.atomic():
            closures[0].delete()
            raise Regret

    before = version.current()
    with pytest.raises(Regret):
        change_my_mind()
    assert version.current() == before


@committed
def test_what_is_taken_back_inside_a_transaction_does_not_hide_what_stays(closures):
    number, _ = version.current()
    with transaction.atomic():
        point = transaction.savepoint()
        closures[0].delete()
        transaction.savepoint_rollback(point)
        Closure.objects.filter(pk=closures[1].pk).update(name="Stays")
    assert version.current()[0] == number + 1


def test_many_changes_in_one_second_still_get_a_date_each():
    """HTTP dates have whole seconds; a reader must never be told "not modified" wrongly."""
    dates = [begin()[1]]
    for number in range(5):
        begin()
        Closure.objects.create(date=f"2026-11-0{number + 1}", name="x")
        dates.append(version.current()[1])
    assert all(later > earlier for earlier, later in pairwise(dates))
    assert all(date.microsecond == 0 and date.utcoffset() == timedelta() for date in dates)


def test_a_date_ahead_of_the_clock_never_goes_back(closures):
    """As after a clock set wrong for a while, or a thousand changes in a minute."""
    ahead = (timezone.now() + timedelta(hours=3)).replace(microsecond=0)
    ContentVersion.objects.update(changed_at=ahead, transaction="")
    closures[0].delete()
    assert version.current()[1] == ahead + timedelta(seconds=1)


def test_after_a_pause_the_date_is_the_clock_s(closures):
    long_ago = timezone.now().replace(microsecond=0) - timedelta(days=30)
    ContentVersion.objects.update(changed_at=long_ago, transaction="")
    now = timezone.now().replace(microsecond=0)
    closures[0].delete()
    assert now <= version.current()[1] <= timezone.now() + timedelta(seconds=1)


@committed
def test_two_writers_at_once_raise_it_twice(closures):
    number, changed_at = version.current()
    first_wrote, seen = threading.Event(), []

    def write(which: int) -> None:
        with transaction.atomic():
            if which == 1:
                assert first_wrote.wait(10)
            Closure.objects.filter(pk=closures[which].pk).update(name="Changed")
            if which == 0:
                first_wrote.set()
                # The other is waiting for this commit now, or will be.
                assert not wrote_second.wait(0.3)
            else:
                wrote_second.set()
            seen.append(version.current())

    wrote_second = threading.Event()
    in_threads(2, write)
    assert [one[0] for one in sorted(seen)] == [number + 1, number + 2]
    dates = [changed_at, *(one[1] for one in sorted(seen))]
    assert dates == sorted(set(dates))


@committed
def test_many_writers_lose_no_count():
    number, _ = version.current()

    def write(which: int) -> None:
        for day in range(1, 6):
            Closure.objects.create(date=f"2027-0{which + 1}-0{day}", name="x")

    in_threads(4, write)
    assert version.current()[0] == number + 20


def test_loading_the_same_content_again_changes_nothing_public():
    file = ROOT / "hub/content/seed_content.yaml"
    call_command("seed_content", file)
    before = begin()
    call_command("seed_content", file)
    assert version.current() == before
