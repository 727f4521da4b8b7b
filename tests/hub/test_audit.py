"""The record of who opened what: written with it or nothing is shown, and kept (R7-R9)."""

import re

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from hub import audit
from hub.models import AuditEvent, User
from tests.hub.conftest import ROOT
from tests.hub.notes import CANARY, Note
from tests.people import staff_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_superuser("alice@example.org", name="Alice Staff")


def opened(actor: User | None, note: Note) -> str:
    """As a view will do it: what it shows and the record of it, in one transaction."""
    with transaction.atomic():
        text = Note.objects.get(pk=note.pk).text
        audit.record(actor, "open", "note", note.reference, purpose="to answer", fields=["text"])
    return text


class TestRecorded:
    @pytest.mark.usefixtures("note_table")
    def test_r7_who_when_what_and_why(self, alice):
        note = Note.objects.create(reference="TA-7F3K", text=CANARY)
        with time_machine.travel("2026-03-04T20:30:00Z", tick=False):
            assert opened(alice, note) == CANARY
        event = AuditEvent.objects.get()
        assert (event.actor, event.action, event.kind) == (alice, "open", "note")
        assert (event.reference, event.purpose, event.fields) == ("TA-7F3K", "to answer", ["text"])
        assert event.at.isoformat() == "2026-03-04T20:30:00+00:00"
        assert str(event) == "open note TA-7F3K"

    def test_the_worker_is_nobody(self):
        audit.record(None, "purge", "note", "TA-7F3K")
        assert AuditEvent.objects.get().actor is None

    @pytest.mark.usefixtures("note_table")
    def test_r7_if_it_cannot_be_written_nothing_is_shown(self, alice):
        note = Note.objects.create(reference="x" * 40, text=CANARY)
        note.reference = "x" * 61
        with pytest.raises(DataError), transaction.atomic():
            opened(alice, note)
        assert not AuditEvent.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_r7_it_is_undone_with_what_it_records(self, alice):
        with transaction.atomic():
            audit.record(alice, "open", "note", "TA-7F3K")
            transaction.set_rollback(True)
        assert not AuditEvent.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_r7_outside_of_a_transaction_it_is_a_mistake(self, alice):
        with pytest.raises(RuntimeError, match="in the transaction of what it records"):
            audit.record(alice, "open", "note", "TA-7F3K")
        assert not AuditEvent.objects.exists()

    VALUES = ["", "Narrative", "narrative: he", CANARY.title(), "a@b.org", "a\n", "1", "a  b", "é"]

    @pytest.mark.parametrize("value", VALUES)
    def test_r9_what_somebody_typed_is_no_name(self, alice, value):
        for names in (
            {"action": value, "obj_kind": "note"},
            {"action": "open", "obj_kind": value},
            {"action": "open", "obj_kind": "note", "fields": ["text", value]},
        ):
            with pytest.raises(ValueError, match="names, never values") as refusal:
                audit.record(alice, obj_reference="TA-7F3K", **names)
            assert value == "" or value not in str(refusal.value)
        assert not AuditEvent.objects.exists()


CHANGES = [
    "UPDATE hub_auditevent SET action = 'nothing'",
    "UPDATE hub_auditevent SET actor_id = NULL",
    "DELETE FROM hub_auditevent",
    "TRUNCATE hub_auditevent",
    "TRUNCATE hub_user CASCADE",
]


class TestKept:
    @pytest.fixture(autouse=True)
    def event(self, alice):
        audit.record(alice, "open", "note", "TA-7F3K")
        with connection.cursor() as cursor:
            # A check that waits for the end of a transaction stands in the way of the next line.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            # The tests' own table can be emptied (tests/conftest.py); this is as migrated.
            cursor.execute("ALTER TABLE hub_auditevent ENABLE TRIGGER never_emptied")

    @pytest.mark.parametrize("statement", CHANGES)
    def test_r8_the_trigger_refuses_to_change_delete_or_empty(self, statement):
        with (
            pytest.raises(IntegrityError, match="rows of hub_auditevent are only ever added"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        assert AuditEvent.objects.get().action == "open"

    @pytest.mark.parametrize("statement", CHANGES[:4])
    def test_r8_the_application_s_role_is_refused_without_the_trigger_too(self, statement):
        """By the very lines that docs/operations.md has run."""
        lines = re.sub(r"--.*", "", (ROOT / "deploy/grants.sql").read_text())
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE hub")
            for line in lines.split(";"):
                if line.strip():
                    cursor.execute(line)
            cursor.execute("ALTER TABLE hub_auditevent DISABLE TRIGGER USER")
            cursor.execute("SET ROLE hub")
            cursor.execute("UPDATE hub_closure SET name = name")
            audit.record(None, "open", "note", "TA-2")
            assert AuditEvent.objects.count() == 2
            refused = pytest.raises(Exception, match="permission denied for table hub_auditevent")
            with refused, transaction.atomic():
                cursor.execute(statement)
            cursor.execute("RESET ROLE")

    def test_whoever_is_named_is_never_deleted(self, alice):
        with pytest.raises(ProtectedError):
            alice.delete()

    def test_a_person_without_events_is_not_held(self):
        User.objects.create_user("bob@example.org").delete()


class TestPage:
    LIST = "/admin/hub/auditevent/"

    def test_superusers_see_who_did_what(self, alice):
        audit.record(alice, "open", "note", "TA-7F3K", purpose="to answer", fields=["text"])
        page = staff_client(alice).get(self.LIST).content.decode()
        for said in ("alice@example.org", "open", "TA-7F3K", "to answer", "text"):
            assert said in page

    def test_other_staff_do_not_even_with_every_permission(self, alice):
        eve = User.objects.create_user("eve@example.org", is_staff=True)
        eve.user_permissions.set(Permission.objects.all())
        audit.record(alice, "open", "note", "TA-7F3K")
        event = AuditEvent.objects.get()
        client = staff_client(eve)
        for address in (self.LIST, f"{self.LIST}{event.pk}/change/"):
            assert client.get(address).status_code == 403
        assert "auditevent" not in client.get("/admin/").content.decode()

    def test_nothing_can_be_added_changed_or_deleted(self, alice):
        audit.record(alice, "open", "note", "TA-7F3K")
        client = staff_client(alice)
        address = f"{self.LIST}{AuditEvent.objects.get().pk}/"
        assert client.post(f"{address}change/", {"action": "x"}).status_code == 403
        assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
        assert client.post(f"{self.LIST}add/", {"action": "x"}).status_code == 403
        assert "delete_selected" not in client.get(self.LIST).content.decode()

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("TA-7F3K", 1),
            ("TA-7F3", 0),
            ("alice@example.org", 1),
            ("alice", 0),
            ("answer", 0),
            ("text", 0),
        ],
    )
    def test_it_is_searched_by_whole_reference_or_person_only(self, alice, asked, found):
        audit.record(alice, "open", "note", "TA-7F3K", purpose="to answer", fields=["text"])
        answer = staff_client(alice).get(self.LIST, {"q": asked})
        assert answer.context["cl"].result_count == found

    def test_as_many_queries_for_30_rows_as_for_one(self, alice):
        client = staff_client(alice)
        counts = []
        for numbers in (range(1), range(1, 30)):
            for number in numbers:
                actor = User.objects.create_user(f"p{number}@example.org")
                audit.record(actor, "open", "note", f"TA-{number}")
            client.get(self.LIST)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(self.LIST).context["cl"].result_count == max(numbers) + 1
            counts.append(len(queries))
        assert counts[0] == counts[1]
