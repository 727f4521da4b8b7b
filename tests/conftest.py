from django.conf import settings


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
