"""Sealing all that is stored with the newest key, and knowing which keys it still needs.

What there is to seal is found through the app registry: each EncryptedTextField and
AddressIndexField, and the secrets of second steps. Rows are read and written as they lie in
the database, so one that cannot be opened stops nothing and is left as it is.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection, models, transaction

from hub import accounts, crypt
from hub.encrypted import AddressIndexField, EncryptedTextField

BATCH = 200
# So much of a token holds the id of its key; the rest of a long one is not read for it.
HEAD = len(crypt.PREFIX) + crypt.LONGEST_ID + 1


@dataclass(frozen=True)
class Table:
    """A table with something sealed: its columns, and what they hold, made anew.

    `tokens` are the SQL expressions of the sealed texts in a row.
    """

    name: str
    pk: str
    columns: tuple[str, ...]
    renewed: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    tokens: tuple[str, ...]


@dataclass
class Progress:
    table: str
    rows: int = 0
    written: int = 0
    unreadable: int = 0


def tables() -> list[Table]:
    """All that have something sealed, of which the database has every column by now."""
    wanted = [_table(model) for model in apps.get_models() if not model._meta.proxy]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = ANY (current_schemas(false))"
        )
        there = set(cursor.fetchall())
    return [
        table
        for table in [*wanted, _second_steps()]
        if table.columns and there.issuperset((table.name, column) for column in table.columns)
    ]


def _table(model: type[models.Model]) -> Table:
    fields = model._meta.local_concrete_fields
    sealed = [field for field in fields if isinstance(field, EncryptedTextField)]
    indexes = [field for field in fields if isinstance(field, AddressIndexField)]
    source = {index: _column(model._meta.get_field(index.of)) for index in indexes}
    names = tuple(sorted({*map(_column, [*sealed, *indexes]), *source.values()}))

    def renewed(row: tuple[Any, ...]) -> tuple[Any, ...]:
        old = dict(zip(names, row, strict=True))
        clear, new = dict(old), dict(old)
        for field in sealed:
            column = _column(field)
            if (token := old[column]) is not None:
                clear[column], new[column] = _opened(token, field.place)
        for index in indexes:
            new[_column(index)] = index.index_of(clear[source[index]])
        return tuple(new.values())

    tokens = tuple(connection.ops.quote_name(_column(field)) for field in sealed)
    return Table(model._meta.db_table, _column(model._meta.pk), names, renewed, tokens)


def _column(field: Any) -> str:
    return str(field.column)


def _second_steps() -> Table:
    def renewed(row: tuple[Any, ...]) -> tuple[Any, ...]:
        data = json.loads(row[0])
        secrets = {
            name: _opened(data[name], accounts.SECRETS_PLACE)[1]
            for name in accounts.SECRETS
            if name in data
        }
        # jsonb has a spelling of its own, so what is as it was is given back as it was.
        return row if secrets.items() <= data.items() else (json.dumps(data | secrets),)

    table, _, column = accounts.SECRETS_PLACE.partition(".")
    tokens = tuple(f"{column}->>'{name}'" for name in accounts.SECRETS)
    return Table(table, "id", (column,), renewed, tokens)


def _opened(token: str, place: str) -> tuple[str, str]:
    """What it says, and a token of it under the newest key. Raises Undecipherable."""
    keys = settings.FIELD_KEYS
    text = keys.decrypt(token, place)
    return text, token if keys.is_newest(token) else keys.encrypt(text, place)


def rotate(table: Table) -> Iterator[Progress]:
    """Make all rows anew, a batch a transaction; may be ended between any two and begun again.

    The site may write meanwhile: no row is waited for while another is held.
    """
    progress = Progress(table.name)
    busy: list[Any] = []
    last = None
    while keys := _keys_after(table, last):
        done = _renew(table, keys, progress, "SKIP LOCKED")
        busy += [key for key in keys if key not in done]
        last = keys[-1]
        yield progress
    for key in busy:
        _renew(table, [key], progress, "")
    yield progress


def _keys_after(table: Table, last: Any) -> list[Any]:
    name, pk = connection.ops.quote_name(table.name), connection.ops.quote_name(table.pk)
    after = "" if last is None else f"WHERE {pk} > %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {pk} FROM {name} {after} ORDER BY {pk} LIMIT {BATCH}",  # noqa: S608
            [] if last is None else [last],
        )
        return [key for (key,) in cursor.fetchall()]


def _renew(table: Table, keys: list[Any], progress: Progress, locked: str) -> set[Any]:
    """Return the keys of the rows that were not locked by somebody else."""
    quote = connection.ops.quote_name
    name, pk, columns = quote(table.name), quote(table.pk), [quote(c) for c in table.columns]
    done = set()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join([pk, *columns])} FROM {name} WHERE {pk} IN %s"  # noqa: S608
            f" FOR NO KEY UPDATE {locked}",
            [tuple(keys)],
        )
        for key, *row in cursor.fetchall():
            done.add(key)
            progress.rows += 1
            old = tuple(bytes(one) if isinstance(one, memoryview) else one for one in row)
            try:
                new = table.renewed(old)
            except crypt.Undecipherable:
                progress.unreadable += 1
                continue
            if new != old:
                assigned = ", ".join(f"{column} = %s" for column in columns)
                cursor.execute(
                    f"UPDATE {name} SET {assigned} WHERE {pk} = %s",  # noqa: S608
                    [*new, key],
                )
                progress.written += 1
    return done


def keys_in_use() -> dict[str, int]:
    """The ids of the keys that stored texts need, and how many need each."""
    counts: dict[str, int] = {}
    with connection.cursor() as cursor:
        for table in tables():
            for token in table.tokens:
                head = f"left({token}, {HEAD})"
                cursor.execute(
                    f"SELECT split_part({head}, '.', 2), count(*)"  # noqa: S608
                    f" FROM {connection.ops.quote_name(table.name)}"
                    f" WHERE starts_with({head}, '{crypt.PREFIX}') GROUP BY 1"
                )
                for key_id, count in cursor.fetchall():
                    counts[key_id] = counts.get(key_id, 0) + count
    return counts


def missing_keys() -> list[str]:
    """The ids of keys that stored texts need and HUB_FIELD_KEYS does not have."""
    return sorted(set(keys_in_use()) - set(settings.FIELD_KEYS.by_id))


def refuse_without_keys() -> None:
    """For the start of a process. Raises ImproperlyConfigured when a key is missing.

    A database that does not answer yet is no reason: /readyz and the worker wait for it.
    """
    try:
        missing = missing_keys()
    except Error:
        return
    if missing:
        raise ImproperlyConfigured(
            "Stored texts need keys that HUB_FIELD_KEYS does not have: " + ", ".join(missing) + "."
        )
