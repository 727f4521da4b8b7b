"""The worker: timed work once a period, and no mail lost or doubled whenever it is killed."""

import contextlib
import logging
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from calls.models import CallSeries, SignUp
from hub import outbox, worker
from hub.models import Mail, TimedWork, User
from hub.offers import Timed
from tests.announcing import announce
from tests.hub.conftest import in_threads, manage
from tests.hub.smtp import Sink

NOW = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


def until(true, seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "this took too long"
        time.sleep(0.02)


def others() -> int:
    """How many other sessions the test's database has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


@contextlib.contextmanager
def running(sink: Sink, *args: str) -> Iterator:
    sink.sessions_before = others()
    process = manage("worker", *args, EMAIL_URL=f"smtp://127.0.0.1:{sink.port}")
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def announced() -> list[str]:
    """Three mails that wait to be sent, to the addresses given."""
    series = CallSeries.objects.create(slug="a-call", name="A call")
    to = [f"p{number}@example.org" for number in range(3)]
    for address in to:
        SignUp.objects.create(
            series=series,
            email=address,
            name="Carol",
            organization="Law",
            role="attorney",
            state="active",
            joined_at=timezone.now(),
        )
    alice = User.objects.create_user("alice@example.org", is_staff=True)
    announce(series.pk, alice)
    assert Mail.objects.count() == 3
    return to


def finish(sink: Sink) -> None:
    """After a kill: the server forgets the dead session, then another worker runs."""
    until(lambda: others() <= sink.sessions_before)
    sink.let_go()
    call_command("worker", "--once")
    assert not Mail.objects.filter(sent_at=None).exists()


@committed
class TestKilled:
    @pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
    def test_before_the_server_took_it_each_mail_is_sent_once(self, announced, to_sink, step):
        """Killed over the second of three mails, at each step of its conversation."""
        to_sink.hold_at, to_sink.hold_nth = step, 2
        with running(to_sink) as process:
            assert to_sink.held.wait(30)
            process.kill()
            process.wait(10)
        finish(to_sink)
        assert sorted(to for [to], _ in to_sink.taken) == announced
        assert len(set(to_sink.message_ids)) == 3

    def test_between_the_servers_yes_and_the_commit_one_goes_twice_and_can_be_told(
        self, announced, to_sink
    ):
        to_sink.hold_at, to_sink.hold_nth = "TAKEN", 2
        with running(to_sink) as process:
            assert to_sink.held.wait(30)
            process.kill()
            process.wait(10)
        finish(to_sink)
        assert sorted(to for [to], _ in to_sink.taken) == sorted([*announced, announced[1]])
        assert len(set(to_sink.message_ids)) == 3

    def test_asked_to_stop_it_finishes_the_mail_in_hand(self, announced, to_sink):
        """No double mail at each restart; and no word of it on the terminal."""
        to_sink.hold_at, to_sink.hold_nth = "TAKEN", 2
        with running(to_sink) as process:
            assert to_sink.held.wait(30)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.1)
            to_sink.let_go()
            out, err = process.communicate(timeout=30)
            assert (process.returncode, out, err) == (0, "", "")
        assert Mail.objects.filter(sent_at=None).count() == 1
        call_command("worker", "--once")
        assert sorted(to for [to], _ in to_sink.taken) == announced

    def test_while_it_idles_it_stops_at_once_and_quietly(self, to_sink):
        with running(to_sink) as process:
            until(lambda: worker.last_seen() is not None)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
            assert (process.returncode, out, err) == (0, "", "")

    def test_a_database_that_goes_away_is_waited_for(self, announced, to_sink):
        Mail.objects.update(due_at=timezone.now() + HOUR)
        with running(to_sink) as process:
            until(lambda: worker.last_seen() is not None)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            Mail.objects.update(due_at=timezone.now())
            until(lambda: len(to_sink.taken) == 3)
            assert process.poll() is None

    def test_once_ends_when_nothing_is_due(self, announced, to_sink):
        Mail.objects.filter(pk=Mail.objects.latest("pk").pk).update(due_at=timezone.now() + HOUR)
        with running(to_sink, "--once") as process:
            out, err = process.communicate(timeout=60)
            assert (process.returncode, out, err) == (0, "", "")
        assert [to for [to], _ in to_sink.taken] == announced[:2]


class TestHeartbeat:
    def test_none_before_the_first_round(self):
        assert worker.last_seen() is None

    def test_each_round_gives_one(self, timed):
        with time_machine.travel(NOW, tick=False) as clock:
            worker.work_once()
            assert worker.last_seen() == NOW
            clock.shift(60)
            worker.work_once()
            assert worker.last_seen() == NOW + timedelta(minutes=1)

    def test_it_comes_oftener_than_readyz_asks(self):
        assert outbox.LONGEST * 2 < worker.SILENT_AFTER


class TestTimedWork:
    @pytest.fixture
    def clock(self) -> Iterator:
        with time_machine.travel(NOW, tick=False) as clock:
            yield clock

    def test_once_a_period(self, timed, clock):
        done: list[datetime] = []
        timed.append(Timed("count", HOUR, done.append))
        for _ in range(5):
            worker.work_once()
            clock.shift(15 * 60)
        assert done == [NOW, NOW + HOUR]

    def test_after_a_day_asleep_it_catches_up_with_one_run(self, timed, clock):
        done: list[datetime] = []
        timed.append(Timed("count", timedelta(minutes=1), done.append))
        worker.work_once()
        clock.shift(24 * 3600)
        for _ in range(3):
            worker.work_once()
        assert done == [NOW, NOW + timedelta(days=1)]

    def test_a_failure_stops_no_other_work_and_no_mail(self, timed, clock, writers, caplog):
        done: list[datetime] = []

        def fail(now: datetime) -> None:
            outbox.promise("note", 99)
            raise RuntimeError("canary")

        timed += [Timed("fails", HOUR, fail), Timed("works", HOUR, done.append)]
        outbox.promise("note", 1)
        with caplog.at_level(logging.INFO):
            worker.work_once()
        assert done == [NOW]
        assert Mail.objects.get().sent_at == NOW
        assert [record.getMessage() for record in caplog.records] == ["timed work fails failed"]
        assert "canary" not in caplog.records[0].getMessage()

    @pytest.mark.parametrize(
        ("every", "again"),
        [(HOUR, worker.RETRY_AFTER), (timedelta(seconds=30), timedelta(seconds=30))],
    )
    def test_what_failed_is_tried_again_soon(self, timed, clock, every, again):
        tries: list[datetime] = []

        def fail_once(now: datetime) -> None:
            tries.append(now)
            if len(tries) == 1:
                raise RuntimeError

        timed.append(Timed("fails", every, fail_once))
        worker.work_once()
        assert TimedWork.objects.get(name="fails").done_at is None
        clock.shift(again - timedelta(seconds=1))
        worker.work_once()
        assert len(tries) == 1
        clock.shift(1)
        worker.work_once()
        assert tries == [NOW, NOW + again]
        row = TimedWork.objects.get(name="fails")
        assert (row.done_at, row.due_at) == (NOW + again, NOW + again + every)

    def test_asked_to_stop_it_begins_nothing_new(self, timed, clock, writers):
        asked: list[bool] = []
        timed += [
            Timed("first", HOUR, lambda now: asked.append(True)),
            Timed("second", HOUR, lambda now: pytest.fail("begun after the word to stop")),
        ]
        outbox.promise("note", 1)
        worker.work_forever(lambda: bool(asked))
        assert Mail.objects.get().sent_at is None

    @committed
    def test_two_workers_do_it_once(self, timed):
        doers: list[int] = []
        both = threading.Barrier(2)

        def slow(now: datetime) -> None:
            doers.append(threading.get_ident())
            # Held until the other worker has found it taken.
            both.wait(10)

        def work(number: int) -> None:
            worker.work_once()
            if threading.get_ident() not in doers:
                both.wait(10)

        timed.append(Timed("slow", HOUR, slow))
        in_threads(2, work)
        worker.work_once()
        assert len(doers) == 1


class TestWorkThatWaits:
    """It waits for others, so no mail and no transaction waits with it."""

    @pytest.fixture
    def clock(self) -> Iterator:
        with time_machine.travel(NOW, tick=False) as clock:
            yield clock

    def test_it_is_done_once_no_mail_is_due(self, timed, clock, writers):
        done: list[datetime] = []
        timed.append(Timed("waits", HOUR, done.append, waits=True))
        outbox.promise("note", 1)
        assert worker.work_once() == 1
        assert done == []
        worker.work_once()
        worker.work_once()
        assert done == [NOW]
        row = TimedWork.objects.get(name="waits")
        assert (row.done_at, row.due_at) == (NOW, NOW + HOUR)

    @committed
    def test_no_transaction_is_open_meanwhile_and_nobody_else_begins(self, timed, clock):
        def run(now: datetime) -> None:
            runs.append(now)
            assert not connection.in_atomic_block
            if len(runs) == 1:
                worker.work_once()

        runs: list[datetime] = []
        timed.append(Timed("waits", HOUR, run, waits=True))
        worker.work_once()
        assert runs == [NOW]

    def test_what_failed_is_tried_again_soon_and_stops_no_other(self, timed, clock, caplog):
        def fail(now: datetime) -> None:
            raise RuntimeError("canary")

        done: list[datetime] = []
        timed += [
            Timed("fails", HOUR, fail, waits=True),
            Timed("works", HOUR, done.append, waits=True),
        ]
        worker.work_once()
        assert done == [NOW]
        row = TimedWork.objects.get(name="fails")
        assert (row.done_at, row.due_at) == (None, NOW + worker.RETRY_AFTER)
        assert [record.getMessage() for record in caplog.records] == ["timed work fails failed"]

    def test_asked_to_stop_it_does_not_begin(self, timed, clock):
        timed.append(Timed("waits", HOUR, lambda now: pytest.fail("begun"), waits=True))
        worker.work_once(lambda: True)

    def test_a_sign_of_life_comes_in_time_all_the_same(self):
        assert worker.LONGEST_WAIT + outbox.LONGEST < worker.SILENT_AFTER


def test_every_offered_work_has_a_name_of_its_own():
    names = [work.name for work in worker.timed_work()]
    assert len(set(names)) == len(names)
    assert worker.HEARTBEAT not in names
