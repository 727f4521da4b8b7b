import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser

from tests.browser.visitor import Visitor, chromium

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright's own event loop stands in this thread, and Django would refuse to speak to
    # the database beside it. Nothing here is asynchronous: each call waits for its answer.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with chromium() as running:
        yield running
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def visitor(browser: Browser, live_server: Any) -> Iterator[NewVisitor]:
    """Makes visitors: visitor(width=390, scheme="dark", script=False, zone="Europe/Berlin")."""
    cache.clear()
    made: list[Visitor] = []

    def make(**ways: Any) -> Visitor:
        made.append(Visitor(browser, live_server.url, **ways))
        return made[-1]

    yield make
    for one in made:
        one.close()
    for one in made:
        one.fine()


@pytest.fixture
def as_user() -> Callable[[Visitor, Client], Visitor]:
    """as_user(visitor, client): the visitor goes on where a test client has signed in."""

    def carry(one: Visitor, client: Client) -> Visitor:
        name = django_settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": one.home}
        one.context.add_cookies([cookie])
        return one

    return carry
