"""What the tests of calls share: a stopped clock, both calls of the page, people."""

from datetime import date

import pytest
import time_machine
from django.db import connection

from calls import services
from tests.calls.factories import (
    FOURTH_THURSDAYS,
    SECRETS,
    TODAY,
    ScheduleFactory,
    SeriesFactory,
    SignUpFactory,
    UserFactory,
)


@pytest.fixture(autouse=True)
def clock():
    """Tuesday, November 24, 2026, noon Pacific, until a test moves it."""
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def weekly(db):
    """The weekly call, every Wednesday at noon, with joining details."""
    series = SeriesFactory(
        slug="working-group",
        name="Legal Working Group",
        audience="attorneys",
        topics="case questions\nnew law",
        cost="at no cost",
        position=1,
        **SECRETS,
    )
    return ScheduleFactory(series=series, uid="11111111-1111-4111-8111-111111111111@testserver")


@pytest.fixture
def monthly(db):
    """The monthly call, every fourth Thursday at noon since 2016."""
    series = SeriesFactory(slug="providers", name="Providers' Call", position=2)
    return ScheduleFactory(
        series=series,
        rule=FOURTH_THURSDAYS,
        first_date=date(2016, 3, 24),
        uid="22222222-2222-4222-8222-222222222222@testserver",
    )


@pytest.fixture
def bob(weekly):
    """An attorney active in the weekly call."""
    return SignUpFactory(
        pk=7001,
        series=weekly.series,
        email="bob@example.org",
        name="Bob Brown",
        nonce="bobs-nonce",
    )


@pytest.fixture
def carol(weekly):
    """Another attorney active in the weekly call."""
    return SignUpFactory(
        pk=7002, series=weekly.series, email="carol@example.org", name="Carol Cruz"
    )


@pytest.fixture
def address(bob):
    """The path of Bob's private calendar."""
    return f"/my/calendar/{services.new_calendar_address(bob)}.ics"


@pytest.fixture
def alice(db, settings):
    """Staff with every right; the second factor has tests of its own."""
    settings.STAFF_SECOND_FACTOR = False
    return UserFactory(
        email="alice@example.org", name="Alice Adams", is_staff=True, is_superuser=True
    )


@pytest.fixture
def staff(client, alice):
    """A browser in which Alice is signed in."""
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def committed(transactional_db):
    """Real commits. Emptying the tables after such a test takes the content version with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO hub_contentversion (id, number, changed_at, transaction) "
            "VALUES (1, 1, date_trunc('second', now()), '') ON CONFLICT DO NOTHING"
        )
