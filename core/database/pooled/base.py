"""Django's PostgreSQL backend with metrics, and with a check of pooled connections that costs no
round trip."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django_prometheus.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool

_patience: ContextVar[float | None] = ContextVar("patience", default=None)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Wait so long for a connection, where the pool's own timeout is too much: for who is waited
    for himself. After that comes Django's OperationalError, as for any database that is away."""
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


class DatabaseWrapper(base.DatabaseWrapper):
    """As the one of django-prometheus; a connection that died in the pool is passed over."""

    @property
    def pool(self) -> Any:
        """Django's pool; one that gives up sooner while somebody has little patience."""
        pool, seconds = super().pool, _patience.get()
        return pool if pool is None or seconds is None else _Hasty(pool, seconds)

    def get_new_connection(self, conn_params: dict[str, Any]) -> "Connection[Any]":
        """A connection that works, out of the pool if there is one."""
        connection: Connection[Any] = super().get_new_connection(conn_params)
        while self.pool and not is_alive(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection


class _Hasty:
    """A pool whose connections are waited for a shorter time."""

    def __init__(self, pool: ConnectionPool, seconds: float) -> None:
        self._pool, self._seconds = pool, seconds

    def getconn(self) -> "Connection[Any]":
        return self._pool.getconn(self._seconds)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)


def is_alive(connection: "Connection[Any]") -> bool:
    """Whether a connection that waited is still good.

    A server that restarts or ends a connection closes its socket, and an idle socket that can be
    read from has such news. Only then is the server asked: a query for each request would cost a
    callback a fifth of its work. What vanishes without a word (out of a firewall's table) is
    bounded by the pool's `max_lifetime`.
    """
    try:
        poller = select.poll()
        poller.register(connection.fileno(), select.POLLIN)
        if poller.poll(0):
            ConnectionPool.check_connection(connection)
    except OperationalError:
        return False
    return True
