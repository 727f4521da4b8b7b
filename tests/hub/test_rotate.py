"""Sealing all with the newest key: whole, resumable, beside a site that writes (R3)."""

import io
import json
import threading

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from hub import checks, rotation
from hub.accounts import SECRETS_PLACE
from hub.crypt import Undecipherable
from hub.models import User
from tests.hub.conftest import manage
from tests.hub.notes import CANARY, Note, key, keys

pytestmark = pytest.mark.usefixtures("note_table")


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr("hub.rotation.BATCH", 10)


def make(count: int) -> None:
    Note.objects.bulk_create(
        [
            Note(
                text=f"{CANARY} {number}", contact=f"p{number}@example.org" if number % 2 else None
            )
            for number in range(count)
        ]
    )


def tokens() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM notes_note ORDER BY id")
        return [token for (token,) in cursor.fetchall()]


def rotate() -> str:
    out = io.StringIO()
    call_command("rotate_field_keys", stdout=out)
    return out.getvalue()


def all_read() -> bool:
    texts = list(Note.objects.order_by("pk").values_list("text", flat=True))
    return texts == [f"{CANARY} {number}" for number in range(len(texts))]


class TestRotation:
    def test_r3_all_rows_are_sealed_anew_and_the_old_key_can_go(self, settings):
        make(25)
        settings.FIELD_KEYS = keys("b", "a")
        said = rotate()
        assert rotation.keys_in_use() == {"b": 25 + 12}
        settings.FIELD_KEYS = keys("b")
        assert all_read()
        assert rotation.missing_keys() == []
        lines = [line for line in said.splitlines() if line.startswith("notes_note")]
        assert lines[0] == "notes_note: 10 rows read, 10 made anew"
        assert lines[-1] == "notes_note: 25 rows read, 25 made anew"
        assert said.splitlines()[-1] == "All is sealed with b. Other keys may be taken out."

    def test_a_second_time_writes_nothing(self, settings):
        make(25)
        settings.FIELD_KEYS = keys("b", "a")
        rotate()
        before = tokens()
        assert "25 rows read, 0 made anew" in rotate()
        assert tokens() == before

    def test_r3_ended_between_two_batches_it_goes_on_where_it_was(self, settings):
        make(25)
        settings.FIELD_KEYS = keys("b", "a")
        [table, _] = rotation.tables()
        steps = rotation.rotate(table)
        next(steps)
        steps.close()
        assert rotation.keys_in_use() == {"b": 10 + 5, "a": 15 + 7}
        assert all_read()
        assert "25 rows read, 15 made anew" in rotate()
        assert "a" not in rotation.keys_in_use()

    def test_what_cannot_be_opened_is_left_and_told_and_stops_nothing(self, settings):
        make(25)
        settings.FIELD_KEYS = keys("z")
        lost = Note.objects.create(text=CANARY)
        settings.FIELD_KEYS = keys("b", "a")
        lost_token = tokens()[-1]
        with pytest.raises(CommandError) as refusal:
            rotate()
        said = str(refusal.value)
        assert said.startswith("Rows that cannot be opened, left as they were: 1. With z: 1. Keep")
        assert CANARY not in said
        assert tokens()[-1] == lost_token
        assert rotation.keys_in_use() == {"b": 37, "z": 1}
        lost.delete()
        rotate()

    def test_without_the_old_key_nothing_is_lost(self, settings):
        make(3)
        before = tokens()
        settings.FIELD_KEYS = keys("b")
        with pytest.raises(CommandError, match="left as they were: 3"):
            rotate()
        assert tokens() == before
        settings.FIELD_KEYS = keys("b", "a")
        rotate()
        assert all_read()

    def test_r5_another_index_key_makes_all_indexes_anew(self, settings):
        make(25)
        settings.INDEX_KEY = b"j" * 32
        assert not Note.objects.filter(contact_index="p1@example.org").exists()
        assert "25 rows read, 12 made anew" in rotate()
        assert Note.objects.get(contact_index="p1@example.org").contact == "p1@example.org"
        assert Note.objects.filter(contact_index=None).count() == 13

    def test_it_mends_an_index_that_was_forgotten(self):
        make(2)
        Note.objects.filter(contact__isnull=False).update(contact="new@example.org")
        assert not Note.objects.filter(contact_index="new@example.org").exists()
        rotate()
        assert Note.objects.filter(contact_index="new@example.org").exists()


@pytest.mark.django_db(transaction=True)
def test_a_row_the_site_is_writing_is_waited_for_at_the_end_and_keeps_what_was_written(settings):
    make(25)
    settings.FIELD_KEYS = keys("b", "a")
    busy = Note.objects.order_by("pk")[3]
    held, go_on = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with transaction.atomic():
                row = Note.objects.select_for_update().get(pk=busy.pk)
                # As a process would that was started before the new key came.
                token = keys("a").encrypt("written meanwhile", "notes_note.text")
                with connection.cursor() as cursor:
                    cursor.execute("UPDATE notes_note SET text = %s WHERE id = %s", [token, row.pk])
                held.set()
                assert go_on.wait(20)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert held.wait(20)
    [table, _] = rotation.tables()
    steps = rotation.rotate(table)
    assert [next(steps).rows for _ in range(3)] == [9, 19, 24]
    go_on.set()
    assert [step.rows for step in steps] == [25]
    writer.join()
    assert Note.objects.get(pk=busy.pk).text == "written meanwhile"
    assert rotation.keys_in_use() == {"b": 37}


class TestSecondSteps:
    def test_secrets_are_rotated_and_all_else_of_the_step_stays(self, settings):
        user = User.objects.create_user("alice@example.org")
        step = TOTP.activate(user, "JBSWY3DPEHPK3PXP").instance
        step.data["kept"] = [1]
        step.save()
        Authenticator.objects.create(
            user=user, type="recovery_codes", data={"seed": sealed("ab12"), "used_mask": 5}
        )
        webauthn = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Key"})
        settings.FIELD_KEYS = keys("b", "a")
        assert "mfa_authenticator: 3 rows read, 2 made anew" in rotate()
        settings.FIELD_KEYS = keys("b")
        data = {row.type: row.data for row in Authenticator.objects.all()}
        assert data["webauthn"] == webauthn.data
        assert opened(data["totp"].pop("secret")) == "JBSWY3DPEHPK3PXP"
        assert opened(data["recovery_codes"].pop("seed")) == "ab12"
        assert data["totp"] == {"kept": [1]}
        assert data["recovery_codes"] == {"used_mask": 5}
        assert "mfa_authenticator: 3 rows read, 0 made anew" in rotate()


def sealed(text: str) -> str:
    return keys("a").encrypt(text, SECRETS_PLACE)


def opened(token: str) -> str:
    return keys("b").decrypt(token, SECRETS_PLACE)


@pytest.mark.django_db(transaction=True)
def test_r3_killed_at_its_work_it_is_run_again_and_then_the_old_key_can_go():
    """In a process of its own, on second steps, which every hub has."""
    count = 1000
    users = User.objects.bulk_create([User(email=f"p{n}@example.org") for n in range(count)])
    Authenticator.objects.bulk_create(
        [Authenticator(user=user, type="totp", data={"secret": sealed("S")}) for user in users]
    )
    both = f"b:{key('b')},a:{key('a')}"
    process = manage("rotate_field_keys", HUB_FIELD_KEYS=both, PYTHONUNBUFFERED="1")
    assert any(line.startswith("mfa_authenticator: 200 rows read") for line in process.stdout)
    process.kill()
    process.communicate()
    done = rotation.keys_in_use()
    assert done["b"] >= 200
    assert sum(done.values()) == count

    process = manage("rotate_field_keys", HUB_FIELD_KEYS=both)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out.splitlines()[-1]) == (
        0,
        "All is sealed with b. Other keys may be taken out.",
    ), err
    assert rotation.keys_in_use() == {"b": count}
    assert {opened(row.data["secret"]) for row in Authenticator.objects.all()} == {"S"}


class TestMissingKey:
    def test_r3_a_missing_key_fails_the_check_of_the_database(self, settings):
        make(2)
        settings.FIELD_KEYS = keys("b")
        [error] = checks.field_keys(databases=["default"])
        assert error.id == "hub.E001"
        assert error.msg == 'Stored texts need the key "a", which HUB_FIELD_KEYS does not have.'
        settings.FIELD_KEYS = keys("b", "a")
        assert checks.field_keys(databases=["default"]) == []
        assert checks.field_keys(databases=None) == []

    def test_r3_a_process_does_not_start_without_it(self, settings):
        make(2)
        rotation.refuse_without_keys()
        settings.FIELD_KEYS = keys("b")
        with pytest.raises(ImproperlyConfigured, match=r"HUB_FIELD_KEYS does not have: a\.$"):
            rotation.refuse_without_keys()

    def test_r3_the_hub_is_not_ready_without_it(self, settings, client):
        make(2)
        settings.FIELD_KEYS = keys("b")
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["keys"]) == (503, False)

    def test_a_table_or_column_that_is_not_there_yet_is_no_fault(self, settings):
        make(2)
        settings.FIELD_KEYS = keys("b")
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE notes_note RENAME COLUMN text TO later")
            assert rotation.missing_keys() == []
            cursor.execute("ALTER TABLE notes_note RENAME COLUMN later TO text")
        with pytest.raises(Undecipherable):
            Note.objects.first()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("command", [("worker", "--once"), ("check", "--database", "default")])
def test_r3_worker_and_check_end_with_a_sentence_when_a_key_is_missing(command):
    user = User.objects.create_user("alice@example.org")
    TOTP.activate(user, "S")
    process = manage(*command, HUB_FIELD_KEYS=f"b:{key('b')}")
    _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "HUB_FIELD_KEYS does not have" in err
    assert json.dumps(key("b"))[1:-1] not in err


@pytest.mark.django_db(transaction=True)
def test_r3_the_web_process_does_not_start_when_a_key_is_missing(tmp_path):
    user = User.objects.create_user("alice@example.org")
    TOTP.activate(user, "S")
    (tmp_path / "static").mkdir()

    def start(letter: str) -> tuple[str, str]:
        code = "import hub.wsgi; print('started')"
        process = manage(
            *("shell", "--no-imports", "-c", code),
            HUB_FIELD_KEYS=f"{letter}:{key(letter)}",
            HUB_DATA_DIR=str(tmp_path),
        )
        return process.communicate(timeout=60)

    out, err = start("b")
    assert out == ""
    assert err.splitlines()[-1].endswith("HUB_FIELD_KEYS does not have: a.")
    assert start("a") == ("started\n", "")
