from datetime import date
from typing import Any

import pytest
import yaml
from django.conf import settings as project

from hub.models import Closure, User
from ta_requests.for_hub import SEED
from ta_requests.models import TaRequest
from tests.people import staff_client
from tests.ta_requests.asking import pacific, post
from tests.ta_requests.desk import make_ta_staff


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
def tanya(db):
    """Of the TA staff."""
    return make_ta_staff("tanya@example.org", name="Tanya")


@pytest.fixture
def alice(db):
    """Of the staff, with every right there is, and not of the TA staff."""
    return User.objects.create_superuser("alice@example.org", name="Alice")


@pytest.fixture
def as_tanya(tanya):
    return staff_client(tanya)


@pytest.fixture
def as_alice(alice):
    return staff_client(alice)


@pytest.fixture
def monday(seeded, time_machine):
    """Monday, November 2, 2026, 10:00 am Pacific: what comes in is due on Wednesday at 10."""
    time_machine.move_to(pacific("2026-11-02 10:00"), tick=False)
