from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate
from hypothesis import settings as hypothesis_settings

# How long an example takes says nothing about whether it is right.
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")


def pytest_configure() -> None:
    """Serve static files as they lie in the source, by their plain names.

    Served for real they are collected, hashed and compressed first, which takes eight
    seconds: too long to wait before the first test. A page that names a file which is
    not there fails in tests/browser, whose visits allow no answer but a good one.
    """
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    post_migrate.connect(_have_a_content_version)
    post_migrate.connect(_may_be_emptied)


def _have_a_content_version(using: str, **_: Any) -> None:
    """A test that commits leaves every table empty, this one too, which a migration filled."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "INSERT INTO hub_contentversion (id, number, changed_at, transaction)"
            " VALUES (1, 1, date_trunc('second', clock_timestamp()), '') ON CONFLICT DO NOTHING"
        )


def _may_be_emptied(using: str, **_: Any) -> None:
    """Every table is emptied after a test that commits, the audit's as well."""
    with connections[using].cursor() as cursor:
        cursor.execute("ALTER TABLE hub_auditevent DISABLE TRIGGER never_emptied")


@pytest.fixture
def alice(django_user_model: Any) -> Any:
    """Who may do everything a superuser may."""
    return django_user_model.objects.create_superuser("alice@example.org", name="Alice Staff")


@pytest.fixture
def bob(django_user_model: Any) -> Any:
    """An attorney with an account."""
    return django_user_model.objects.create_user("bob@example.org", name="Bob Attorney")
