"""A table without its indexes while it is filled: built once at the end they cost a tenth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models

# Foreign keys come back without a look at the rows: who fills the table knows where they point.
_CONSTRAINTS = """
    select conname, pg_get_constraintdef(oid) || case contype when 'f' then ' not valid' else '' end
    from pg_constraint where conrelid = %s::regclass and contype in ('f', 'u')
"""
_INDEXES = """
    select c.relname, pg_get_indexdef(i.indexrelid)
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid = %s::regclass and not i.indisprimary
"""


@contextmanager
def bare(*tables: type[models.Model]) -> Iterator[None]:
    """Drop all indexes and foreign keys of the tables but their primary keys; put them back."""
    kept = [_undress(model._meta.db_table) for model in tables]
    yield
    for statements in kept:
        for statement in statements:
            _execute(statement)


def _undress(table: str) -> list[str]:
    """What puts back what this drops."""
    constraints = _rows(_CONSTRAINTS, table)
    for name, _ in constraints:
        _execute(f'alter table "{table}" drop constraint "{name}"')
    indexes = _rows(_INDEXES, table)  # those that served a constraint are gone with it
    for name, _ in indexes:
        _execute(f'drop index "{name}"')
    return [
        *(definition for _, definition in indexes),
        *(f'alter table "{table}" add constraint "{name}" {text}' for name, text in constraints),
    ]


def _rows(query: str, table: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [f'"{table}"'])
        return [(str(name), str(text)) for name, text in cursor.fetchall()]


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("%", "%%"), [])
