"""What tells a leak or a side effect: texts of another company, and rows that changed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.http.response import HttpResponseBase
from psycopg import sql

from tests.isolation.world import World

# Public rows that a request may touch by merely being made: when a key was used, who signed in.
TOUCHED = {"tenants_apikey": ("last_used_at",), "tenants_person": ("last_login",)}

Rows = list[tuple[Any, ...]]


def body_of(response: HttpResponseBase) -> str:
    """The whole of a response, streamed ones too, and where it leads."""
    content = (
        b"".join(response.streaming_content)  # type: ignore[attr-defined]
        if response.streaming
        else response.content  # type: ignore[attr-defined]
    )
    return f"{response.headers}\n{content.decode('utf-8', errors='replace')}"


def leaks(response: HttpResponseBase, world: World) -> list[str]:
    """The markers of that company which the response shows."""
    text = body_of(response).lower()
    return [marker for marker in (world.marker, world.public_marker) if marker.lower() in text]


@contextmanager
def unchanged(untouched: Rows | None = None) -> Iterator[None]:
    """What happens inside leaves every row as it was, whose fingerprint is `untouched`; without
    one it writes nothing at all, not even something that it takes back.

    The fingerprint reads hundreds of tables. It is asked for only when a row was written, which
    the server counts whatever statement did it.
    """
    before = _writes()
    yield
    if (after := _writes()) != before:
        assert untouched is not None, f"{after - before} rows written"
        assert fingerprint() == untouched


def prepare_fingerprint(worlds: Iterable[World]) -> None:
    """Have the server plan it once for this connection: these are hundreds of tables."""
    tables = _watched(worlds)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("PREPARE fingerprint AS {}").format(_fingerprint_query(tables)))
        cursor.execute(sql.SQL("PREPARE writes AS {}").format(_writes_query(tables)))


def fingerprint() -> Rows:
    """Count and checksum of every table: of the worlds' schemas and of the public one."""
    with connection.cursor() as cursor:
        cursor.execute("EXECUTE fingerprint")
        return sorted(cursor.fetchall())  # workers of PostgreSQL append the tables as they come


def _writes() -> int:
    """How many rows of those tables this transaction has written so far, rolled back or not."""
    with connection.cursor() as cursor:
        cursor.execute("EXECUTE writes")
        return int(cursor.fetchone()[0])


def _watched(worlds: Iterable[World]) -> list[tuple[str, str]]:
    """Schema and table: all of the worlds, and the public ones with something of a company."""
    names = {world.company.schema_name: tables_of(settings.TENANT_APPS) for world in worlds}
    names["public"] = tables_of(("tenants", "core", "ingress", "rates"))
    return [(schema, table) for schema, tables in names.items() for table in tables]


def _writes_query(tables: Iterable[tuple[str, str]]) -> sql.Composed:
    """pg_class as well: TRUNCATE writes no row but there."""
    oids = [sql.Identifier(schema, table).as_string() for schema, table in tables]
    return sql.SQL(
        "SELECT sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)"
        " + pg_stat_get_xact_tuples_deleted(oid))::bigint"
        " FROM unnest({}::regclass[]) AS oid"
    ).format(sql.Literal([*oids, "pg_catalog.pg_class"]))


def _fingerprint_query(tables: Iterable[tuple[str, str]]) -> sql.Composed:
    parts = [
        sql.SQL(
            "SELECT {label}, count(*), sum(hashtextextended((to_jsonb(t) - {skipped})::text, 0))"
            " FROM {table} t"
        ).format(
            label=sql.Literal(f"{schema}.{table}"),
            skipped=sql.SQL("{}::text[]").format(sql.Literal(list(TOUCHED.get(table, ())))),
            table=sql.Identifier(schema, table),
        )
        for schema, table in tables
    ]
    return sql.SQL(" UNION ALL ").join(parts)


def tables_of(labels: Iterable[str]) -> list[str]:
    """The tables of these apps' models."""
    return [
        model._meta.db_table
        for label in labels
        for model in apps.get_app_config(label.split(".")[-1]).get_models()
    ]
