"""/healthz and /readyz: what each answers, and what it does not depend on."""

from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from hub import worker
from hub.models import TimedWork

pytestmark = pytest.mark.django_db
ALL = {"database": True, "migrations": True, "keys": True, "worker": True}


def beat(ago: timedelta) -> None:
    seen = timezone.now() - ago
    TimedWork.objects.create(name=worker.HEARTBEAT, due_at=seen, done_at=seen)


def ready() -> tuple[int, dict[str, bool]]:
    answer = Client().get("/readyz")
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies
    return answer.status_code, answer.json()


def test_the_process_answers_without_a_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer.headers["Content-Type"] == "text/plain"


def test_ready():
    beat(timedelta(seconds=30))
    assert ready() == (200, ALL)


def test_no_worker_yet():
    assert ready() == (503, ALL | {"worker": False})


@pytest.mark.parametrize(("ago", "status"), [(115, 200), (125, 503)])
def test_a_worker_that_fell_silent(ago, status):
    beat(timedelta(seconds=ago))
    assert ready() == (status, ALL | {"worker": status == 200})


def test_a_migration_that_is_not_applied():
    beat(timedelta())
    MigrationRecorder(connection).migration_qs.filter(app="hub").latest("pk").delete()
    assert ready() == (503, dict.fromkeys(ALL, False) | {"database": True})


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_no_database(monkeypatch, error):
    """The server is away, or the connection to it was cut."""

    def away(*_: object) -> None:
        raise error("canary: password")

    monkeypatch.setattr("hub.health.MigrationExecutor", away)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (503, dict.fromkeys(ALL, False))


def test_a_round_of_the_worker_makes_it_ready(timed):
    worker.work_once()
    assert ready() == (200, ALL)
