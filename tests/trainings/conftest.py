from typing import Any

import pytest
import yaml
from django.conf import settings as project

from trainings.for_hub import SEED


@pytest.fixture
def content() -> dict[str, Any]:
    """The content file, fresh for each test to change."""
    file = project.BASE_DIR / "hub/content/seed_content.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@pytest.fixture
def seeded(db, content) -> dict[str, Any]:
    SEED(content)
    return content


@pytest.fixture
def back_office(client, settings, django_user_model):
    """Somebody of the staff, signed in; the second factor has tests of its own."""
    settings.STAFF_SECOND_FACTOR = False
    # Tests travel in time and stay signed in.
    settings.SESSION_COOKIE_AGE = 10 * 365 * 24 * 3600
    client.force_login(django_user_model.objects.create_superuser("alice@example.org"))
    return client
