"""What an app offers to the hub, under one agreed module name: `<app>/for_hub.py`.

The hub never imports an app. It looks for `for_hub` in each installed one and takes
from it any of these names:

MAILS   kind of mail -> function that writes it        (hub.outbox)
TIMED   regular work for the worker                    (hub.worker)
KEEPS   functions user -> sentence why they cannot be deleted, "" if they can    (hub.admin)
CLOSED  what a change of the office's closures moves                             (hub.admin)
SEED    function that loads the page's content         (manage.py seed_content)
PAPERS  functions -> the app's own papers that are there to be read      (the library's page)
ALSO    functions object -> what of other apps belongs beside it         (its page)
"""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.util import find_spec
from typing import Any

from django.apps import apps


@dataclass(frozen=True)
class Timed:
    """Work the worker does again and again. It must be safe to do twice.

    `waits`: it waits for others, such as sites that may hang. It is done when no mail is
    due, outside of any transaction, and must end by itself within hub.worker.LONGEST_WAIT.
    """

    name: str
    every: timedelta
    run: Callable[[datetime], None]
    waits: bool = False


@dataclass(frozen=True)
class Paper:
    """Something of our own to read; `kind` says what it is: Flyer (PDF)."""

    title: str
    url: str
    kind: str


@dataclass(frozen=True)
class Also:
    """A link from one app's page to another's; those of one heading stand together."""

    heading: str
    title: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class OnClosures:
    """What an app does when a closure is entered or changed.

    preview: days as they will be (None: closed all day, else when it closes), and who asks ->
    a sentence for each thing that moves; who may not see which thing gets numbers only.
    apply: called in the transaction that saved the closure.
    """

    preview: Callable[[dict[date, time | None], Any], list[str]]
    apply: Callable[[], object]


def _modules() -> Iterator[Any]:
    for app in apps.get_app_configs():
        name = f"{app.name}.for_hub"
        if find_spec(name):
            yield importlib.import_module(name)


@cache
def mail_writers() -> dict[str, Callable[..., Any]]:
    return {
        kind: write for module in _modules() for kind, write in getattr(module, "MAILS", {}).items()
    }


@cache
def timed_work() -> tuple[Timed, ...]:
    return tuple(work for module in _modules() for work in getattr(module, "TIMED", ()))


@cache
def keepers() -> tuple[Callable[[Any], str], ...]:
    return tuple(keep for module in _modules() for keep in getattr(module, "KEEPS", ()))


@cache
def on_closures() -> tuple[OnClosures, ...]:
    return tuple(module.CLOSED for module in _modules() if hasattr(module, "CLOSED"))


@cache
def seeders() -> tuple[Callable[[dict[str, Any]], None], ...]:
    return tuple(module.SEED for module in _modules() if hasattr(module, "SEED"))


def papers() -> list[Paper]:
    """Every app's own papers, app by app."""
    return [
        paper
        for module in _modules()
        for offered in getattr(module, "PAPERS", ())
        for paper in offered()
    ]


def also(about: Any) -> list[Also]:
    """What other apps have to say of this object, for its page."""
    return [
        link
        for module in _modules()
        for offered in getattr(module, "ALSO", ())
        for link in offered(about)
    ]
