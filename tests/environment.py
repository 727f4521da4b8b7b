"""The environment every test runs in; loaded by pytest before the settings are read.

A local hub with a PostgreSQL of its own below var/test, and each setting that
distinguishes production from a try-out set the strict way.
"""

import atexit
import os
from pathlib import Path

_data = Path(__file__).resolve().parent.parent / "var" / "test"
os.environ |= {
    "HUB_LOCAL": "1",
    "HUB_DATA_DIR": str(_data),
    "HUB_SECRET_KEY": "only-for-tests-" * 4,
    "HUB_BASE_URL": "http://testserver",
    "HUB_ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "HUB_STAFF_SECOND_FACTOR": "1",
    "DJANGO_SETTINGS_MODULE": "hub.settings",
}
os.environ.pop("EMAIL_URL", None)
if not os.environ.get("TEST_DATABASE_URL"):
    from hub import local

    os.environ["DATABASE_URL"] = local.start_database(_data / "postgres")
    atexit.register(local.stop_database, _data / "postgres")
else:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
