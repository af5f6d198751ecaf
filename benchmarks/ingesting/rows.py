"""What PostgreSQL has: the bare tables, inserting alone, and what became of posted callbacks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg

_BARE = """
    CREATE TABLE IF NOT EXISTS public.bare_callback (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now())
"""
_INSERT = "INSERT INTO public.bare_callback (body) VALUES (%b)"


def make_bare(url: str) -> None:
    """The table of those who are compared with us."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(_BARE)


def inserting(url: str, bodies: Sequence[bytes], *, connections: int) -> dict[str, float]:
    """psycopg alone: one row and one commit for each, over so many connections."""

    def insert(mine: Sequence[bytes]) -> None:
        with psycopg.connect(url, autocommit=True) as server:
            for body in mine:
                server.execute(_INSERT, [body], prepare=True)

    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as threads:
        list(threads.map(insert, [bodies[number::connections] for number in range(connections)]))
    return {"per_second": len(bodies) / (time.perf_counter() - began)}


def stored(url: str, *, since: float) -> int:
    """How many callbacks were stored since a Unix time."""
    statement = "SELECT count(*) FROM ingress_envelope WHERE received_at >= to_timestamp(%s)"
    with psycopg.connect(url, autocommit=True) as server:
        row = server.execute(statement, [since]).fetchone()
    assert row is not None
    return int(row[0])
