"""The one way to Redis: short timeouts, and a short memory of it being away.

Redis carries hints, limits and caches, never truth. Callers use ``ask`` and have an answer ready
for ``Away``. After a failure nobody asks again for a second, so that an outage costs each request
nothing instead of a timeout.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis
import redis.asyncio
import redis.asyncio.retry
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

T = TypeVar("T")

CONNECT_TIMEOUT = 0.5
READ_TIMEOUT = 1.0
PAUSE_AFTER_FAILURE = 1.0


class Away(Exception):
    """Redis did not answer, or did not a moment ago."""


class _Outage:
    """When it may be asked again. Shared by the threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0

    def over(self) -> bool:
        return time.monotonic() >= self._until

    def begin(self) -> None:
        with self._lock:
            self._until = time.monotonic() + PAUSE_AFTER_FAILURE

    def forget(self) -> None:
        with self._lock:
            self._until = 0.0


_outage = _Outage()


def connection_options() -> dict[str, Any]:
    """How every synchronous client of ours connects."""
    return {
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "socket_timeout": READ_TIMEOUT,
        "health_check_interval": 30,
        # One retry, and only when the connection was refused or lost: a command that timed out
        # may have been carried out.
        "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    }


def client() -> redis.Redis:
    """The shared client (bytes in and out). Prefer ``ask``, which copes with outages."""
    return _client(settings.REDIS_URL)


def async_client() -> redis.asyncio.Redis:
    """A client for the event loop that calls this; the caller closes it.

    Without a read timeout, for a subscriber waits as long as nothing happens; without retries,
    for a silent reconnection would hide that messages were missed.
    """
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=CONNECT_TIMEOUT,
        health_check_interval=30,
        retry=redis.asyncio.retry.Retry(NoBackoff(), 0),
    )


def ask(operation: Callable[[redis.Redis], T]) -> T:
    """Run ``operation`` with the client; raises ``Away`` instead of any Redis error."""
    if not _outage.over():
        raise Away
    try:
        return operation(client())
    except (RedisError, OSError) as error:
        _outage.begin()
        raise Away(type(error).__name__) from error


def available() -> bool:
    """Whether Redis answers now."""
    try:
        return bool(ask(lambda server: server.ping()))
    except Away:
        return False


def reset() -> None:
    """Forget connections and outages (tests, and after a fork)."""
    _outage.forget()
    _client.cache_clear()


@functools.lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, **connection_options())
