"""What staff had written to a call's people before the hub kept it stays, with its mail."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from hub import announcements
from hub.models import Announcement

BEFORE = [("calls", "0001_initial"), ("hub", "0006_announcement")]


@pytest.fixture
def before(transactional_db):
    """The models as they were; afterwards everything is as it is."""
    executor = MigrationExecutor(connection)
    with connection.cursor() as cursor:
        # Only the way forward is offered.
        cursor.execute("DROP TABLE calls_callattendance")
        cursor.execute("ALTER TABLE calls_signup DROP COLUMN wants_announcements")
        cursor.execute(
            "CREATE TABLE calls_announcement (id bigserial PRIMARY KEY, subject varchar(150),"
            " text text, created_at timestamptz, written_by_id bigint, series_id bigint)"
        )
    executor.recorder.record_unapplied("calls", "0002_attendance")
    return executor.loader.project_state(BEFORE).apps


def test_each_keeps_its_words_and_what_became_of_its_mail(before):
    series = before.get_model("calls", "CallSeries").objects.create(slug="a", name="Working Group")
    alice = before.get_model("hub", "User").objects.create(email="alice@example.org")
    mails = before.get_model("hub", "Mail").objects
    old = before.get_model("calls", "Announcement").objects
    now = timezone.now()
    for subject in ("First", "Second"):
        made = old.create(series=series, subject=subject, text="Words", written_by=alice)
        mails.create(kind="calls.announcement", subject_id=1, about_id=made.pk, sent_at=now)
        mails.create(kind="calls.announcement", subject_id=2, about_id=made.pk)
    MigrationExecutor(connection).migrate([("calls", "0002_attendance")])
    found = list(Announcement.objects.filter(audience="calls.series").order_by("pk"))
    assert [(one.subject, one.text, one.about_id) for one in found] == [
        ("First", "Words", series.pk),
        ("Second", "Words", series.pk),
    ]
    assert [(one.to, one.recipients) for one in found] == [
        ("Everyone signed up: Working Group", 2)
    ] * 2
    assert {one.written_by_id for one in found} == {alice.pk}
    for one in found:
        rows = announcements.mails_of(one).order_by("pk")
        assert [row.sent_at for row in rows] == [now, None]
    # The next one has a number of its own.
    Announcement.objects.create(audience="x", about_id=1, part="x", to="x", subject="x", text="x")
    with connection.cursor() as cursor:
        assert "calls_announcement" not in connection.introspection.table_names(cursor)
