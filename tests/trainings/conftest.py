from datetime import timedelta
from typing import Any

import pytest
import time_machine
import yaml
from django.conf import settings as project

from tests.trainings import stripe_fake
from tests.trainings.cast import TODAY, make_offering
from trainings.seed import load


@pytest.fixture
def content() -> dict[str, Any]:
    """The content file, fresh for each test to change."""
    file = project.BASE_DIR / "hub/content/seed_content.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@pytest.fixture
def seeded(db, content) -> dict[str, Any]:
    load(content)
    return content


@pytest.fixture
def back_office(client, settings, django_user_model, monkeypatch):
    """Somebody of the staff, signed in; the second factor has tests of its own."""
    settings.STAFF_SECOND_FACTOR = False
    # Tests travel in time and stay signed in.
    settings.SESSION_COOKIE_AGE = 10 * 365 * 24 * 3600
    monkeypatch.setattr("hub.sessions.LONGEST", timedelta(days=10 * 365))
    client.force_login(django_user_model.objects.create_superuser("alice@example.org"))
    return client


@pytest.fixture
def stripe(settings):
    """Payment by card is on, and the payment service on this machine."""
    with stripe_fake.running() as fake:
        settings.STRIPE_SECRET_KEY = stripe_fake.SECRET_KEY
        settings.STRIPE_WEBHOOK_SECRET = stripe_fake.WEBHOOK_SECRET
        settings.STRIPE_API_BASE = fake.base
        yield fake


@pytest.fixture
def clock():
    """Tuesday, November 24, 2026, noon Pacific, until a test moves it."""
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offering(db, clock):
    """The 8-hour training of January 29: with a pledge, or $300; nobody in yet."""
    return make_offering()
