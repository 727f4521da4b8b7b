from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models.signals import post_migrate


def _version_row(**kwargs: Any) -> None:
    """The one row of the content version, which a test that commits takes away at its end."""
    if "hub_contentversion" in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO hub_contentversion (id, number, changed_at, transaction) VALUES "
                "(1, 1, date_trunc('second', clock_timestamp()), '') ON CONFLICT DO NOTHING"
            )


def pytest_configure() -> None:
    # Django sends this after the TRUNCATE that ends a transactional test, too.
    post_migrate.connect(_version_row)
    _plain_static_files()


def _plain_static_files() -> None:
    """Serve static files as they lie in the source, by their plain names.

    Served for real they are collected, hashed and compressed first, which takes eight
    seconds: too long to wait before the first test. A page that names a file which is
    not there fails in tests/browser, whose visits allow no answer but a good one.
    """
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
