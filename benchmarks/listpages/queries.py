"""How many queries a page makes and how long they take, measured in this process."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test import Client

WARM_UP = 10


@dataclass
class Trace:
    """Of each request the number of queries and their time in milliseconds."""

    counts: list[int] = field(default_factory=list)
    times_ms: list[float] = field(default_factory=list)

    @property
    def most(self) -> int:
        """The most queries that a request made."""
        return max(self.counts)

    @property
    def p95_ms(self) -> float:
        """The 95th percentile of the database time of a request."""
        ordered = sorted(self.times_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def trace(path: str, *, cookie: str, requests: int = 100) -> Trace:
    """GET a page repeatedly as the bearer of a cookie, through the whole product.

    The time is what the driver needs: sent, executed, rows fetched. Raises AssertionError when an
    answer is not 200.
    """
    client = Client(headers={"cookie": cookie, "host": "localhost"})
    found = Trace()
    for number in range(WARM_UP + requests):
        with _watched() as queries:
            status = client.get(path).status_code
        if status != 200:
            raise AssertionError(f"{path} answered {status}")
        if number >= WARM_UP:
            found.counts.append(len(queries))
            found.times_ms.append(sum(queries) * 1000)
    return found


@contextmanager
def _watched() -> Iterator[list[float]]:
    """The seconds of each query within the block."""
    seconds: list[float] = []

    def timed(execute: Callable[..., Any], *arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            seconds.append(time.perf_counter() - started)

    with connection.execute_wrapper(timed):
        yield seconds
