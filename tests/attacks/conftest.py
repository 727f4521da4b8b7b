import re
from dataclasses import dataclass

import pytest
from django.test import Client

from hub.middleware import in_utf8
from tests.answers import COLUMNS
from tests.test_urls import hub, rows  # noqa: F401 (hub is a fixture)


@dataclass(frozen=True)
class Target:
    """A hub with one of each thing, and who stands before it."""

    # tests.answers.COLUMNS → their browser.
    clients: dict[str, Client]
    addresses: list[str]


@pytest.fixture
def target(hub):  # noqa: F811
    clients, named = hub
    for client in clients:
        client.raise_request_exception = False
        client.handler = served(client.handler)
    addresses = {
        re.sub("<([^>]+)>", lambda found: str(named[found[1]]), address) for _, address, _ in rows()
    }
    return Target(dict(zip(COLUMNS, clients, strict=True)), sorted(addresses))


def served(handler):
    """The test client's way into Django, with what stands around it in hub.wsgi."""
    whole = in_utf8(lambda environ, _: handler(environ))
    return lambda environ: whole(environ, None)
