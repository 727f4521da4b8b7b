"""Tables to whose rows nothing is ever done but adding: histories and ledgers."""

from collections.abc import Iterable

from django.db.migrations import RunSQL

# Of a person who is erased the row keeps everything but who they were.
CREATE = """
CREATE FUNCTION hub_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'by_id' = to_jsonb(OLD) - 'by_id'
        AND NEW.by_id IS NULL
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""
DROP = "DROP FUNCTION hub_append_only CASCADE;"

# Stricter: not even a person's erasure changes a row, and the table is never emptied.
CREATE_SEALED = """
CREATE FUNCTION hub_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""
DROP_SEALED = "DROP FUNCTION hub_sealed CASCADE;"


def kept(tables: Iterable[str]) -> list[RunSQL]:
    """Migration operations: the database refuses to change or delete rows of these tables."""
    return [
        RunSQL(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION hub_append_only();",
            f"DROP TRIGGER append_only ON {table};",
        )
        for table in tables
    ]


def sealed(table: str) -> RunSQL:
    """Migration operation: the database refuses to change, delete or empty this table."""
    return RunSQL(
        f"CREATE TRIGGER sealed BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION hub_sealed();"
        f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION hub_sealed();",
        f"DROP TRIGGER sealed ON {table}; DROP TRIGGER never_emptied ON {table};",
    )
