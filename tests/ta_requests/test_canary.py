"""A whole life of a request: what was written in confidence turns up nowhere (R1, R9, R10, R13,
R16, R18, R35)."""

import logging
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from hub import crypt, worker
from hub.models import AuditEvent, Mail
from ta_requests.models import Message, TaRequest
from ta_requests.services import reminders, retention, thread
from tests.mailbox import deliver
from tests.people import staff_client
from tests.ta_requests.asking import link_to, pacific, post
from tests.ta_requests.desk import CANARY, CONTENT, do, open_it


def tables_with(word):
    """Every table that has the word in any column of any row, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [name for (name,) in cursor.fetchall()]
        assert "ta_requests_message" in names
        found = []
        for name in names:
            table = connection.ops.quote_name(name)
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s", [f"%{word}%"])  # noqa: S608
            if cursor.fetchone()[0]:
                found.append(name)
    return found


def test_the_search_finds_what_is_in_clear(alice):
    alice.name = f"Alice {CANARY}"
    alice.save()
    assert tables_with(CANARY) == ["hub_user"]


@pytest.fixture
def life(seeded, time_machine, tanya, caplog, settings):
    """Asked, opened, questioned, answered, replied to, noted, closed; what was logged."""
    caplog.set_level(logging.DEBUG)
    for name in ("django", "django.db.backends", "django.request", "django.security"):
        caplog.set_level(logging.DEBUG, logger=name)
        logging.getLogger(name).addHandler(caplog.handler)
    connection.force_debug_cursor = True
    time_machine.move_to(pacific("2026-11-02 10:00"), tick=False)
    # The detector of identifiers asks once about the address and the phone in these.
    sent = {"question": CONTENT["question"], "name": CONTENT["name"], "email": CONTENT["email"]}
    post(Client(), **sent)
    row = TaRequest.objects.get()
    staff = staff_client(tanya)
    open_it(staff, row)
    do(staff, row, "take")
    do(staff, row, "ask", text=f"Which {CANARY}?")
    # What fails is logged more.
    do(staff, row, "reply", text=CANARY * 1000)
    staff.get("/admin/ta_requests/tarequest/?question__contains=x")
    deliver()
    private = Client()
    page = private.post(link_to(row), {"show": "1"})
    assert page.status_code == 200
    thread.write(row.pk, uuid4(), f"That {CANARY}")
    do(staff, row, "note", text=f"A {CANARY}, then")
    do(staff, row, "reply", text=f"Yes, {CANARY}")
    do(Client(), row, "reply", text=f"Signed out {CANARY}")
    do(staff, row, "close", ending="solved")
    reminders.digest(timezone.now())
    deliver()
    worker.work_once()
    yield row, caplog.get_records("setup")
    connection.force_debug_cursor = False
    for name in ("django", "django.db.backends", "django.request", "django.security"):
        logging.getLogger(name).removeHandler(caplog.handler)


def test_it_is_there_for_those_who_may_read_it(life):
    assert CANARY in str(TaRequest.objects.get().question)
    assert [CANARY in str(each.text) for each in Message.objects.all()] == [True] * 4


def test_r1_in_no_column_of_any_table(life):
    assert tables_with(CANARY) == []


def test_r13_in_no_mail(life):
    assert len(mail.outbox) == 2
    for sent in mail.outbox:
        message = sent.message()
        assert CANARY not in message["Subject"]
        whole = message.as_bytes().decode()
        # Only on the envelope: where it goes to.
        assert CANARY not in whole.replace(message["To"], "")


def test_r16_in_no_line_of_the_log(life):
    _, records = life
    queries = [record for record in records if record.name == "django.db.backends"]
    assert len(queries) > 100
    for record in records:
        # Sealed before the database hears of it, and so in the line with its values, too.
        assert CANARY not in record.getMessage(), record.name
        assert CANARY not in str(record.exc_text)


def test_r9_r10_in_no_record(life):
    assert AuditEvent.objects.count() > 10
    assert not LogEntry.objects.filter(object_repr__contains=CANARY).exists()
    assert CANARY not in str(list(AuditEvent.objects.values()))
    assert CANARY not in str(list(Mail.objects.values()))


def test_r35_purged_it_is_nowhere(life, time_machine, tanya):
    for days in (170, 190):
        time_machine.move_to(pacific("2026-11-02 10:00") + timedelta(days=days), tick=False)
        retention.warn(timezone.now())
        deliver()
        retention.purge(timezone.now())
    row = TaRequest.objects.get()
    assert row.purged_at
    assert not Message.objects.exists()
    assert tables_with(CANARY) == []
    assert not Mail.objects.filter(subject_id=row.pk).exclude(kind="ta_requests.digest").exists()
    assert (row.us_state, row.ending, row.cycles.count()) == ("CA", "solved", 1)
    assert row.areas.count() == 2
    # Nor sealed.
    assert not {"ta_requests_tarequest", "ta_requests_followlink"} & set(tables_with(crypt.PREFIX))
