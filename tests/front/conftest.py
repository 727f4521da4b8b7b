"""A person with something of everything, and their browser."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from calls.models import CallSeries, SignUp
from hub.models import User
from tests.calls.factories import SECRETS, ScheduleFactory, SeriesFactory
from tests.trainings import making

# Monday noon, with a call on Wednesday and a training in two months.
TODAY = making.at("2026-11-30 12:00")


@pytest.fixture
def clock(db):
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


def signed_in(user: User, *, lately: bool = False) -> Client:
    """`lately`: they typed a code just now."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    if lately:
        session: Any = client.session
        session["account_authentication_methods"] = [
            {"method": "code", "at": timezone.now().timestamp(), "email": user.email}
        ]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client


def join(user: User, series: CallSeries, **values: Any) -> SignUp:
    values = {"state": "active", "name": user.name, "organization": "Stone Law"} | values
    return SignUp.objects.create(
        series=series,
        user=user,
        email=user.email,
        role="attorney",
        joined_at=timezone.now(),
        **values,
    )


@pytest.fixture
def call(clock) -> CallSeries:
    """Every Wednesday at noon, with joining details."""
    series = SeriesFactory(slug="a-call", name="A call", **SECRETS)
    ScheduleFactory(series=series)
    return series


@pytest.fixture
def bob(clock) -> User:
    return User.objects.create_user("bob@example.org", name="Bob Stone")


@pytest.fixture
def carol(clock) -> User:
    return User.objects.create_user("carol@example.org", name="Carol Reed")
