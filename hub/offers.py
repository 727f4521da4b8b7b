"""What an app offers to the hub, under one agreed module name: `<app>/for_hub.py`.

The hub never imports an app. It looks for `for_hub` in each installed one and takes
from it any of these names:

MAILS   kind of mail -> function that writes it        (hub.outbox)
TIMED   regular work for the worker                    (hub.worker)
KEEPS   functions user -> sentence why they cannot be deleted, "" if they can    (hub.admin)
CLOSED  what a change of the office's closures moves                             (hub.admin)
SEED    function that loads the page's content         (manage.py seed_content)
PAPERS  functions -> the app's own papers that are there to be read      (the library's page)
AUDIENCES   name -> people staff may write to     (hub.announcements)
ALSO    functions object -> what of other apps belongs beside it         (its page)
DATA    functions user -> all that is stored of them: heading -> rows    (/my/data/)
ERASE   what erasing a person comes to, and doing it                     (hub.erasing)
PRIVACY what is kept of people, why and for how long                     (/privacy/)
IMPERSONAL   labels of models that hold nothing of persons               (its test)
WORK    functions user, now -> what waits for that member of staff       (/staff/)
FIGURES functions now -> how much was done in each of the last 12 months (/staff/)
"""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum
from functools import cache
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.utils import timezone


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


# Heading -> rows, each of them words -> value.
Data = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Erasing:
    """What erasing a person comes to, in sentences for that person.

    `hindered`: why it cannot be done yet. With none of it, what `goes` goes at once, and
    what `stays` says until when.
    """

    goes: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    hindered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Erase:
    """`run` does what `plan` says; it is called in the transaction that erases the person."""

    plan: Callable[[Any], Erasing]
    run: Callable[[Any], None]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One kind of personal data.

    `where`: label of the model -> its fields. `done_by`: names of the timed work that does
    what `then` says; none where only people or the law of the page itself end it.
    """

    kind: str
    what: str
    why: str
    how_long: str
    then: str
    where: Mapping[str, tuple[str, ...]]
    done_by: tuple[str, ...] = ()


class Urgency(IntEnum):
    LATE = 1
    TODAY = 2
    SOON = 3
    LATER = 4
    ANY_TIME = 5


# What is due within this is soon.
SOON = timedelta(days=14)


def urgency(due: date | datetime, now: datetime) -> Urgency:
    """A day is in time until its end, Pacific; an instant until it is over."""
    if isinstance(due, datetime):
        if due < now:
            return Urgency.LATE
        due = timezone.localdate(due)
    today = timezone.localdate(now)
    if due <= today:
        return Urgency.LATE if due < today else Urgency.TODAY
    return Urgency.SOON if due <= today + SOON else Urgency.LATER


@dataclass(frozen=True, kw_only=True)
class Work:
    """Something for staff to do, and the page on which it is done.

    area: Calls. said: 3 people wait for approval; no name of a person. due: a day (Pacific) or
    an instant. count: how many things the sentence is about.
    """

    area: str
    said: str
    url: str
    urgency: Urgency = Urgency.ANY_TIME
    due: date | datetime | None = None
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class Figure:
    """How much of something there was in each month. Two of one title are one chart.

    title: Sign-ups. label: calls. one, more: person, people. months: (first day, number), oldest
    first.
    """

    title: str
    label: str
    one: str
    more: str
    months: Sequence[tuple[date, int | Decimal]]


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
def audiences() -> dict[str, Any]:
    return {
        name: audience
        for module in _modules()
        for name, audience in getattr(module, "AUDIENCES", {}).items()
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


def data_of(user: Any) -> Data:
    """All that is stored of a person, app by app."""
    return {
        heading: rows
        for module in _modules()
        for offered in getattr(module, "DATA", ())
        for heading, rows in offered(user).items()
    }


@cache
def erasers() -> tuple[Erase, ...]:
    return tuple(each for module in _modules() for each in getattr(module, "ERASE", ()))


@cache
def privacy() -> tuple[Kept, ...]:
    return tuple(row for module in _modules() for row in getattr(module, "PRIVACY", ()))


@cache
def impersonal() -> frozenset[str]:
    return frozenset(label for module in _modules() for label in getattr(module, "IMPERSONAL", ()))


def work(user: Any, now: datetime) -> list[Work]:
    """What waits for this member of staff in every app, the most urgent first."""
    found = [
        each
        for module in _modules()
        for offered in getattr(module, "WORK", ())
        for each in offered(user, now)
    ]
    # In the apps' own order where nothing is due.
    return sorted(found, key=lambda each: (each.urgency, _at(each.due)))


def figures(now: datetime) -> list[Figure]:
    return [offered(now) for module in _modules() for offered in getattr(module, "FIGURES", ())]


def _at(due: date | datetime | None) -> datetime:
    """When it is due, a day by its end; what is due at no time comes last."""
    if isinstance(due, datetime):
        return due
    last = due or date(9999, 1, 1)
    return datetime(last.year, last.month, last.day, 23, 59, tzinfo=timezone.get_default_timezone())
