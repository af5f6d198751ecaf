"""Pooled connections: one that died while it waited is noticed without asking the server."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from core.database.pooled.base import DatabaseWrapper, is_alive


@pytest.fixture
def pooled(db: None) -> Iterator[DatabaseWrapper]:
    """A connection of Django's to the tests' database, out of a pool of one."""
    options = {**connection.settings_dict["OPTIONS"], "pool": {"min_size": 1, "max_size": 1}}
    wrapper = DatabaseWrapper({**connection.settings_dict, "OPTIONS": options}, alias="pooled")
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def backend_of(wrapper: DatabaseWrapper) -> int:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_connection_that_waited_is_used_again(pooled: DatabaseWrapper) -> None:
    first = backend_of(pooled)
    pooled.close()
    assert backend_of(pooled) == first


def test_a_connection_that_died_waiting_is_passed_over(pooled: DatabaseWrapper) -> None:
    first = backend_of(pooled)
    pooled.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    assert backend_of(pooled) != first


def test_a_closed_connection_is_not_alive(pooled: DatabaseWrapper) -> None:
    pooled.ensure_connection()
    raw: psycopg.Connection[object] = pooled.connection
    assert is_alive(raw)
    raw.close()
    assert not is_alive(raw)
