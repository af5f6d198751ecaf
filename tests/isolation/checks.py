"""What tells a leak or a side effect: texts of another company, and rows that changed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.http.response import HttpResponseBase
from psycopg import sql

from tests.isolation.world import World

# Public rows that a request may touch by merely being made: when a key was used, who signed in.
TOUCHED = {"tenants_apikey": ("last_used_at",), "tenants_person": ("last_login",)}


@contextmanager
def undone() -> Iterator[None]:
    """Whatever a request writes is rolled back, so that the next one finds the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


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


def prepare_fingerprint(worlds: Iterable[World]) -> None:
    """Have the server plan it once for this connection: these are hundreds of tables."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("PREPARE fingerprint AS {}").format(_fingerprint_query(worlds)))


def fingerprint() -> list[tuple[Any, ...]]:
    """Count and checksum of every table: of the worlds' schemas and of the public one."""
    with connection.cursor() as cursor:
        cursor.execute("EXECUTE fingerprint")
        return sorted(cursor.fetchall())  # workers of PostgreSQL append the tables as they come


def _fingerprint_query(worlds: Iterable[World]) -> sql.Composed:
    names = {world.company.schema_name: tables_of(settings.TENANT_APPS) for world in worlds}
    names["public"] = tables_of(("tenants", "core", "ingress", "rates"))
    parts = [
        sql.SQL(
            "SELECT {label}, count(*), sum(hashtextextended((to_jsonb(t) - {skipped})::text, 0))"
            " FROM {table} t"
        ).format(
            label=sql.Literal(f"{schema}.{table}"),
            skipped=sql.SQL("{}::text[]").format(sql.Literal(list(TOUCHED.get(table, ())))),
            table=sql.Identifier(schema, table),
        )
        for schema, tables in names.items()
        for table in tables
    ]
    return sql.SQL(" UNION ALL ").join(parts)


def tables_of(labels: Iterable[str]) -> list[str]:
    """The tables of these apps' models."""
    return [
        model._meta.db_table
        for label in labels
        for model in apps.get_app_config(label.split(".")[-1]).get_models()
    ]
