"""The content version: which state of everything public an answer was made from.

One row, raised by database triggers, so that no way of writing can forget it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.migrations import RunSQL

# Two changes in one second still get two dates: HTTP dates have whole seconds, and a
# reader asking If-Modified-Since must never be told "no" after a change.
CREATE = """
INSERT INTO hub_contentversion (id, number, changed_at, transaction)
VALUES (1, 1, date_trunc('second', clock_timestamp()), '');
CREATE FUNCTION hub_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hub_contentversion
    SET number = number + 1,
        changed_at = greatest(date_trunc('second', clock_timestamp()),
                              changed_at + interval '1 second'),
        transaction = pg_current_xact_id()::text
    WHERE transaction <> pg_current_xact_id()::text;
    RETURN NULL;
END $$;
"""
DROP = "DROP FUNCTION hub_raise_version CASCADE; DELETE FROM hub_contentversion;"


def raised_by(tables: Iterable[str]) -> list[RunSQL]:
    """Migration operations: each write to one of these tables raises the version."""
    return [
        RunSQL(
            f"CREATE TRIGGER raise_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION hub_raise_version();",
            f"DROP TRIGGER raise_version ON {table};",
        )
        for table in tables
    ]


def current() -> tuple[int, datetime]:
    """Number and date (UTC, whole seconds, never going back) of the present version."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, changed_at FROM hub_contentversion")
        number, changed_at = cursor.fetchone()
    return number, changed_at
