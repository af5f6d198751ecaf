"""Statements of hot paths: bound and prepared by the server, past the ORM.

Django writes values into the text of a statement, so the server parses and plans every one anew,
and an array of a hundred ids is a hundred conversions in Python. Here the text stays the same, so
a connection prepares it once, and rows travel as one JSON text (`rows`, read by
`jsonb_to_recordset`). A sender's statements cost a third of their former time that way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any, TypeVar, cast

import orjson
import psycopg
from django.db import connection
from django.db.models import Field, Model

Row = TypeVar("Row", bound=Model)


def run(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Execute in the open schema, in the current transaction; returns the rows, if it has any.

    Raises:
        django.db.Error: as Django's own cursors do.
    """
    with connection.cursor() as ours:  # connects, and sets the company's schema
        server = cast("psycopg.Connection[tuple[Any, ...]]", connection.connection)
        counted = ours.debug_sql(statement) if connection.queries_logged else nullcontext()
        with counted, connection.wrap_database_errors, psycopg.Cursor(server) as cursor:
            cursor.execute(statement.encode(), values, prepare=True)
            return cursor.fetchall() if cursor.description else []


def rows(items: Iterable[Any]) -> str:
    """Rows for `jsonb_to_recordset(%(rows)s::jsonb)`: dictionaries of plain values, UUIDs and
    times."""
    return text(list(items))


def text(value: Any) -> str:
    """A JSON parameter (`%(data)s::jsonb`) of plain values, UUIDs and times."""
    return orjson.dumps(value).decode()


def columns(model: type[Model], alias: str) -> str:
    """The columns of a model's table as `instance` reads them, for a SELECT from `alias`."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def instance(model: type[Row], row: Sequence[Any]) -> Row:
    """The object of a row that begins with `columns(model, …)`."""
    fields = model._meta.concrete_fields
    values = [_python(field, value) for field, value in zip(fields, row, strict=False)]
    return model.from_db(connection.alias, [field.attname for field in fields], values)


def _python(field: Field[Any, Any], value: Any) -> Any:
    convert = getattr(field, "from_db_value", None)
    return convert(value, None, connection) if convert else value
