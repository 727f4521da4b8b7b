"""What the tests of the hub itself share."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection

from hub import offers
from hub.models import Mail
from hub.outbox import Letter
from tests.hub.notes import Note, keys
from tests.hub.smtp import Sink

# ical.js needs Node, which the hub does not; where there is none its tests are not collected.
collect_ignore = [] if shutil.which("npm") else ["test_ics_js.py"]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    sink.controller.start()
    yield sink
    sink.let_go()
    sink.controller.stop()


@pytest.fixture
def to_sink(settings, sink: Sink) -> Sink:
    """Mail of this process goes to the sink."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    return sink


@pytest.fixture
def writers(settings, monkeypatch) -> dict[str, Callable[[Mail], Letter | None]]:
    """Kinds of mail, to fill in; `note` is there and writes to <subject>@example.org."""
    kinds: dict[str, Callable[[Mail], Letter | None]] = {
        "note": lambda mail: Letter(
            to=f"p{mail.subject_id}@example.org",
            template="test_mail/note",
            context={"word": f"word {mail.subject_id}"},
        )
    }
    [engine] = settings.TEMPLATES
    folder = Path(__file__).parent / "templates"
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], folder]}]
    monkeypatch.setattr("hub.outbox.mail_writers", lambda: kinds)
    return kinds


@pytest.fixture
def timed(monkeypatch) -> list[offers.Timed]:
    """The worker's regular work, to fill in; none at first."""
    works: list[offers.Timed] = []
    monkeypatch.setattr("hub.worker.timed_work", lambda: tuple(works))
    return works


@pytest.fixture
def note_table(db, settings, monkeypatch) -> Iterator[None]:
    """The table of Note, and of all models only that one to rotate; sealed with key "a"."""
    settings.FIELD_KEYS = keys("a")
    monkeypatch.setattr("hub.rotation.apps", SimpleNamespace(get_models=lambda: [Note]))
    with connection.schema_editor() as editor:
        editor.create_model(Note)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(Note)


def in_threads(count: int, do: Callable[[int], None]) -> None:
    """Run do(0) … do(count - 1) at once, each with a database connection of its own."""
    ready = threading.Barrier(count)
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            ready.wait(10)
            do(number)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


def manage(*args: str, **environment: str) -> "subprocess.Popen[str]":
    """manage.py in a process of its own, on the database of the running test."""
    env = os.environ | {"PYTHONWARNINGS": "error"} | environment
    # Set for the whole session by the browser tests; a deployment check refuses it.
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    if "DATABASE_URL" not in environment:
        name = str(connection.settings_dict["NAME"])
        env["DATABASE_URL"] = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *args],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
