"""The hub's own settings, but for how much a day may bring: a test brings more than that."""

from hub.settings import *  # noqa: F403
from hub.settings import RATE_LIMITS, STORAGES

RATE_LIMITS = RATE_LIMITS | {
    "technical assistance in all": (1_000_000, 24 * 3600),
}
# As in tests/conftest.py: to collect them takes longer than most tests here.
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
