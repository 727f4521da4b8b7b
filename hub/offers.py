"""What an app offers to the hub, under one agreed module name: `<app>/for_hub.py`.

The hub never imports an app. It looks for `for_hub` in each installed one and takes
from it any of these names:

MAILS   kind of mail -> function that writes it        (hub.outbox)
TIMED   regular work for the worker                    (hub.worker)
KEEPS   functions user -> sentence why they cannot be deleted, "" if they can    (hub.admin)
SEED    function that loads the page's content         (manage.py seed_content)
"""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.util import find_spec
from typing import Any

from django.apps import apps


@dataclass(frozen=True)
class Timed:
    """Work the worker does again and again. It must be safe to do twice."""

    name: str
    every: timedelta
    run: Callable[[datetime], None]


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
def seeders() -> tuple[Callable[[dict[str, Any]], None], ...]:
    return tuple(module.SEED for module in _modules() if hasattr(module, "SEED"))
