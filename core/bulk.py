"""Many rows in one statement: `INSERT … SELECT FROM unnest`, a fraction of what the ORM needs for
the same, and unlike COPY it passes over conflicts.

Arrays travel as one text each; columns that nobody names get the model's defaults, so a new column
of the model needs nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models
from psycopg import sql

# No text of PostgreSQL can hold it, so it separates any texts.
_BETWEEN = "\x00"
_TEXTS = ("varchar", "text")


def insert_ignoring(
    model: type[models.Model],
    columns: Mapping[str, Sequence[Any]],
    shared: Mapping[str, Any] | None = None,
) -> set[Any]:
    """Insert rows in the current transaction; those that conflict with others are left out.

    Args:
        columns: attribute (`contact_id`) → the values of all rows, in their order; texts, JSON as
            text, UUIDs, numbers or None. None is NULL where the column allows it.
        shared: attributes with one value for all rows.

    Returns:
        The primary keys of the rows that were written.
    """
    if not next(iter(columns.values()), ()):
        return set()
    fields = {field.attname: field for field in model._meta.concrete_fields}
    varying, same = _sorted_out(columns)
    names = [name for name in fields if name in varying]
    rest = {
        name: field
        for name, field in fields.items()
        if name not in varying and not (field.primary_key and not field.has_default())
    }
    statement = sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {values} FROM unnest({arrays}) AS v({columns})"
        " ON CONFLICT DO NOTHING RETURNING {key}"
    ).format(
        table=sql.Identifier(model._meta.db_table),
        names=_columns(fields[name] for name in (*names, *rest)),
        values=sql.SQL(", ").join(
            [*(_read(fields[name]) for name in names), *(_given(rest[name]) for name in rest)]
        ),
        arrays=sql.SQL(", ").join(sql.SQL("%s::text[]") for _ in names),
        columns=_columns(fields[name] for name in names),
        key=_columns([model._meta.pk]),
    )
    given = {**(shared or {}), **same}
    values = [_stored(field, given.get(name, field.get_default())) for name, field in rest.items()]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *(array(varying[name]) for name in names)])
        return {row[0] for row in cursor.fetchall()}


def _given(field: models.Field[Any, Any]) -> sql.Composable:
    return sql.SQL("%s::{}").format(sql.SQL(str(field.db_type(connection))))


def _sorted_out(
    columns: Mapping[str, Sequence[Any]],
) -> tuple[dict[str, Sequence[Any]], dict[str, Any]]:
    """The columns whose rows differ, and the one value of the others; at least one varies."""
    varying = {name: values for name, values in columns.items() if not _are_same(values)}
    if not varying:
        name = next(iter(columns))
        varying = {name: columns[name]}
    return varying, {name: columns[name][0] for name in columns.keys() - varying.keys()}


def _are_same(values: Sequence[Any]) -> bool:
    """Whether a column says one thing. Ids differ at its ends, so that nobody counts them."""
    first = values[0]
    return bool(first == values[-1]) and values.count(first) == len(values)


def array(values: Iterable[Any]) -> str:
    """The literal of a text array; None becomes an empty text."""
    listed = [
        value.hex if type(value) is UUID else "" if value is None else str(value)
        for value in values
    ]
    if not listed:
        return "{}"
    texts = _BETWEEN.join(listed)
    escaped = texts.replace("\\", "\\\\").replace('"', '\\"').replace(_BETWEEN, '","')
    return f'{{"{escaped}"}}'


def _read(field: models.Field[Any, Any]) -> sql.Composable:
    """The value of a column out of its text; an empty one is NULL where it is no text."""
    column, kind = sql.Identifier("v", str(field.column)), str(field.db_type(connection))
    if kind.startswith(_TEXTS):
        return column
    return sql.SQL("NULLIF({}, '')::{}").format(column, sql.SQL(kind))


def _stored(field: models.Field[Any, Any], value: Any) -> Any:
    if isinstance(field, models.JSONField) and isinstance(value, str):
        return value  # JSON as text already
    return field.get_db_prep_save(value, connection)


def _columns(fields: Iterable[models.Field[Any, Any]]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in fields)
