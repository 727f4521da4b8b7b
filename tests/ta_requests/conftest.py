from datetime import date
from typing import Any

import pytest
import yaml
from django.conf import settings as project

from hub.models import Closure
from ta_requests.for_hub import SEED
from ta_requests.models import TaRequest
from tests.ta_requests.asking import pacific, post


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
    client.force_login(django_user_model.objects.create_superuser("alice@example.org"))
    return client


@pytest.fixture
def thanksgiving(seeded, time_machine):
    """Tuesday, November 24, 2026, 4:30 pm Pacific, with Thursday and Friday closed."""
    Closure.objects.create(date=date(2026, 11, 26), name="Thanksgiving Day")
    Closure.objects.create(date=date(2026, 11, 27), name="Day after Thanksgiving")
    time_machine.move_to(pacific("2026-11-24 16:30"), tick=False)


@pytest.fixture
def row(client, thanksgiving):
    """A request that came by the form."""
    post(client)
    return TaRequest.objects.get()


@pytest.fixture
def tanya(db, django_user_model):
    return django_user_model.objects.create_user("tanya@example.org", is_staff=True)
