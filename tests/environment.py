"""The environment every test runs in; loaded by pytest before the settings are read.

A local hub with a PostgreSQL of its own below var/test, and each setting that
distinguishes production from a try-out set the strict way. The processes that share a run
(`-n 2`) share that server too, each with a database and a data folder of its own.
"""

import atexit
import os
from pathlib import Path

_data = Path(__file__).resolve().parent.parent / "var" / "test"
_process = os.environ.get("PYTEST_XDIST_WORKER", "")
os.environ |= {
    "HUB_LOCAL": "1",
    "HUB_DATA_DIR": str(_data / _process),
    "HUB_SECRET_KEY": "only-for-tests-" * 4,
    "HUB_BASE_URL": "http://testserver",
    "HUB_ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "HUB_STAFF_SECOND_FACTOR": "1",
    "DJANGO_SETTINGS_MODULE": "hub.settings",
}
os.environ.pop("EMAIL_URL", None)


def _start_database() -> str:
    from hub import local

    url = local.start_database(_data / "postgres")
    # Whoever started it stops it, when the last test is done.
    atexit.register(local.stop_database, _data / "postgres")
    _wait_for_no_disk(url)
    return url


def _wait_for_no_disk(url: str) -> None:
    """What a test writes need not outlive a power cut."""
    import environ
    import psycopg2

    to = environ.Env.db_url_config(url)
    server = psycopg2.connect(host=to["HOST"], user=to["USER"], dbname=to["NAME"])
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET fsync = off")
        cursor.execute("SELECT pg_reload_conf()")
    server.close()


if os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
elif not _process:
    os.environ["DATABASE_URL"] = _start_database()
