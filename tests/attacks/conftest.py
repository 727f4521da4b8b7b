import re
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
import time_machine
import yaml
from django.conf import settings as project
from django.core.cache import cache
from django.test import Client

from hub.middleware import in_utf8
from hub.models import Organization, User
from ta_requests.for_hub import SEED
from tests.answers import COLUMNS
from tests.attacks.strangers import KINDS, Stranger, fill_everything
from tests.calls.factories import SECRETS, TODAY, ScheduleFactory, SeriesFactory
from tests.people import staff_client
from tests.ta_requests.desk import make_ta_staff
from tests.test_urls import hub, rows  # noqa: F401 (hub is a fixture)
from tests.trainings.cast import make_course, make_offering


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


@pytest.fixture
def clock():
    cache.clear()
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(db, clock):
    """A hub with one of each thing that strangers write to."""
    file = project.BASE_DIR / "hub/content/seed_content.yaml"
    SEED(yaml.safe_load(file.read_text(encoding="utf-8")))
    Organization.objects.get_or_create(
        id=1, defaults={"name": "Coalition", "short_name": "CAST", "city": "Los Angeles"}
    )
    series = SeriesFactory(slug="a-call", name="A call", **SECRETS)
    ScheduleFactory(series=series)
    offering = make_offering(make_course(sponsors_wanted=True))
    return SimpleNamespace(series=series, offering=offering)


@pytest.fixture
def root(world):
    """Whoever sees the most: a superuser who is of the TA staff as well."""
    user = make_ta_staff("root@example.org", name="Root", is_superuser=True)
    return staff_client(User.objects.get(pk=user.pk))


@pytest.fixture
def written(world):
    """Everything a stranger can fill in, filled in with each kind of attack."""
    return [fill_everything(Stranger(kind), world.series, world.offering) for kind in KINDS]
