"""The drill: back up, restore into an empty database, and the hub is what it was (R39)."""

import hashlib
import io
import json
import os
import subprocess
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import connection
from django.test import Client

from calls.models import CallSeries
from calls.services import sign_up
from hub.models import User
from tests.hub.conftest import manage
from tests.hub.notes import key
from tests.hub.test_dump import other_database, program  # noqa: F401 (the first is a fixture)
from tests.ta_requests.asking import QUESTION, post

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.django_db(transaction=True)
ASK = """
from ta_requests.models import TaRequest
print(TaRequest.objects.get().question)
"""
# What a visitor and a monitor get of it: the feed byte for byte.
VISIT = """
import hashlib, json
from django.test import Client
print(hashlib.sha256(Client().get("/calendar.ics").content).hexdigest())
print(json.dumps(Client().get("/readyz").json()))
"""


@pytest.fixture
def hub(tmp_path) -> Path:
    """A hub with its content, somebody in a call, a request, a session, and a file."""
    content = project.BASE_DIR / "hub/content/seed_content.yaml"
    call_command("seed_content", content, stdout=io.StringIO())
    series = CallSeries.objects.first()
    sign_up(series, name="Bob", email="bob@example.org", organization="Aid", role="attorney")
    client = Client()
    post(client)
    client.force_login(
        User.objects.create_user("alice@example.org"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    stored = tmp_path / "data" / "media" / "library"
    stored.mkdir(parents=True)
    (stored / "guide.pdf").write_bytes(b"%PDF-a guide")
    (tmp_path / "data" / "field-keys").write_text("not to be backed up")
    return tmp_path / "data"


def script(name: str, where: Path, *, database: str = "", data: Path, **more: str):
    at = connection.settings_dict
    env = {
        # The folder of pg_dump first, so that it is that of the server.
        "PATH": f"{Path(program('pg_dump')).parent}:{os.environ['PATH']}",
        "PGHOST": at["HOST"],
        "PGPORT": str(at["PORT"] or 5432),
        "PGUSER": at["USER"],
        "PGPASSWORD": at["PASSWORD"] or "",
        "PGDATABASE": database or at["NAME"],
        "HUB_DATA_DIR": str(data),
    }
    return subprocess.run(
        ["sh", str(ROOT / "deploy" / name), str(where)],
        env=env | more,
        capture_output=True,
        text=True,
        check=False,
    )


def backed_up(data: Path, folder: Path) -> Path:
    done = script("backup", folder, data=data)
    assert (done.returncode, done.stderr) == (0, "")
    [made] = folder.iterdir()
    return made


def count(table: str, database: str) -> int:
    done = subprocess.run(
        [program("psql"), "-Atqc", f"SELECT count(*) FROM {table}"],  # noqa: S608
        env=os.environ
        | {"PGHOST": connection.settings_dict["HOST"], "PGUSER": connection.settings_dict["USER"]}
        | {"PGPASSWORD": connection.settings_dict["PASSWORD"] or "", "PGDATABASE": database},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def on(database: str, *args: str, **environment: str) -> tuple[int, str, str]:
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    process = manage(*args, DATABASE_URL=f"{server}/{database}", **environment)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


class TestDrill:
    def test_r39_with_the_keys_all_is_as_it_was_and_without_them_nothing_is_told(
        self, hub, tmp_path, request
    ):
        backup = backed_up(hub, tmp_path / "backups")
        other = request.getfixturevalue("other_database")
        restored = script("restore", backup, database=other, data=tmp_path / "new")
        assert (restored.returncode, restored.stderr) == (0, "")
        assert "each as it was backed up, and 1 files" in restored.stdout

        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
        assert len(tables) > 60
        here = str(connection.settings_dict["NAME"])
        left_out = {"django_session", "hub_cache"}
        assert count("django_session", here) == 1
        for table in tables:
            expected = 0 if table in left_out else count(table, here)
            assert count(table, other) == expected, table
        assert count("ta_requests_tarequest", other) == count("calls_signup", other) == 1
        assert (tmp_path / "new/media/library/guide.pdf").read_bytes() == b"%PDF-a guide"
        assert [path.name for path in (tmp_path / "new").iterdir()] == ["media"]

        # It starts, knows that it can read all it holds, and tells the world the same.
        assert on(other, "check", "--database", "default")[:2] == (
            0,
            "System check identified no issues (0 silenced).\n",
        )
        (tmp_path / "new/static").mkdir()
        data = str(tmp_path / "new")
        code, said, err = on(other, "shell", "--no-imports", "-c", VISIT, HUB_DATA_DIR=data)
        assert code == 0, err
        feed, ready = said.splitlines()
        now = Client().get("/calendar.ics").content
        assert feed == hashlib.sha256(now).hexdigest()
        assert json.loads(ready) | {"worker": False} == {
            "database": True,
            "migrations": True,
            "keys": True,
            "worker": False,
        }
        assert on(other, "shell", "--no-imports", "-c", ASK)[1] == f"{QUESTION}\n"

        # A key of another name is missed at the start; one of the same name opens nothing.
        code, _, err = on(other, "check", "--database", "default", HUB_FIELD_KEYS=f"b:{key('b')}")
        assert code == 1
        assert "hub.E001" in err
        name = project.FIELD_KEYS.newest
        strangers = {"HUB_FIELD_KEYS": f"{name}:{key('b')}"}
        code, said, err = on(other, "shell", "--no-imports", "-c", ASK, **strangers)
        assert (code, said) == (1, "")
        assert "Undecipherable" in err
        first_line = QUESTION.splitlines()[0]
        assert first_line not in said + err
        assert not [p for p in backup.iterdir() if first_line.encode() in p.read_bytes()]

    def test_nobody_else_on_the_machine_can_read_it(self, hub, tmp_path):
        backup = backed_up(hub, tmp_path / "backups")
        kept = {path.name for path in backup.iterdir()}
        assert kept == {"database.dump", "digests", "media.tar", "checksums"}
        for path in [backup, *backup.iterdir()]:
            assert path.stat().st_mode & 0o077 == 0


class TestRestoreRefuses:
    @pytest.fixture
    def backup(self, hub, tmp_path):
        return backed_up(hub, tmp_path / "backups")

    def test_a_database_that_is_not_empty(self, backup, tmp_path):
        before = count("ta_requests_tarequest", str(connection.settings_dict["NAME"]))
        refused = script("restore", backup, data=tmp_path / "new")
        assert refused.returncode == 1
        assert "is not empty" in refused.stderr
        assert not (tmp_path / "new").exists()
        assert count("ta_requests_tarequest", str(connection.settings_dict["NAME"])) == before

    def test_a_folder_that_has_files(self, backup, hub, request):
        other = request.getfixturevalue("other_database")
        refused = script("restore", backup, database=other, data=hub)
        assert (refused.returncode, "media is not empty" in refused.stderr) == (1, True)
        assert count("pg_tables WHERE schemaname = 'public'", other) == 0

    @pytest.mark.parametrize("name", ["database.dump", "digests", "media.tar"])
    def test_a_backup_that_was_changed(self, backup, tmp_path, request, name):
        other = request.getfixturevalue("other_database")
        with (backup / name).open("r+b") as file:
            file.seek(20)
            file.write(b"!")
        refused = script("restore", backup, database=other, data=tmp_path / "new")
        assert refused.returncode == 1
        assert "damaged or not whole" in refused.stderr
        assert count("pg_tables WHERE schemaname = 'public'", other) == 0

    def test_to_call_a_table_restored_that_is_not_as_it_was(self, backup, tmp_path, request):
        other = request.getfixturevalue("other_database")
        digests = backup / "digests"
        lines = digests.read_text().splitlines()
        [sign_ups] = [line for line in lines if line.startswith("public.calls_signup|")]
        digests.write_text(digests.read_text().replace(sign_ups, sign_ups + "1"))
        sums = backup / "checksums"
        kept = [line for line in sums.read_text().splitlines() if not line.endswith("digests")]
        new = hashlib.sha256(digests.read_bytes()).hexdigest()
        sums.write_text("\n".join([*kept, f"{new}  digests", ""]))
        refused = script("restore", backup, database=other, data=tmp_path / "new")
        assert refused.returncode == 1
        assert f"< {sign_ups}1\n" in refused.stderr
        assert f"> {sign_ups}\n" in refused.stderr


class TestBackup:
    def test_old_ones_go_and_nothing_else(self, hub, tmp_path):
        folder = tmp_path / "backups"
        for name in ("hub-20260101T030000Z", "hub-20990101T030000Z", "other", "hub-by-hand"):
            (folder / name).mkdir(parents=True)
        assert script("backup", folder, data=hub).returncode == 0
        left = {path.name for path in folder.iterdir()}
        assert "hub-20260101T030000Z" not in left
        assert {"hub-20990101T030000Z", "other", "hub-by-hand"} < left
        assert len(left) == 4

    def test_one_that_fails_is_not_there_and_deletes_nothing(self, hub, tmp_path):
        folder, broken = tmp_path / "backups", tmp_path / "bin"
        old = folder / "hub-20260101T030000Z"
        old.mkdir(parents=True)
        broken.mkdir()
        (broken / "pg_dump").write_text("#!/bin/sh\nexit 1\n")
        (broken / "pg_dump").chmod(0o755)
        path = f"{broken}:{Path(program('psql')).parent}:{os.environ['PATH']}"
        failed = script("backup", folder, data=hub, PATH=path)
        assert failed.returncode == 1
        assert "pg_dump failed; there is no new backup." in failed.stderr
        assert [path.name for path in folder.iterdir()] == [old.name]

    def test_one_without_a_database_is_not_there(self, hub, tmp_path):
        failed = script("backup", tmp_path / "backups", data=hub, database="no_such_database")
        assert failed.returncode != 0
        assert list((tmp_path / "backups").iterdir()) == []

    def test_it_says_what_it_needs(self, hub, tmp_path):
        failed = script("backup", tmp_path / "backups", data=hub, PGDATABASE="")
        assert "set PGDATABASE" in failed.stderr
        assert not (tmp_path / "backups").exists()
