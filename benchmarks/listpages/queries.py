"""How many queries a page makes and how long they take, measured in this process."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client

from benchmarks.report import quantile
from core.frames import roomy

WARM_UP = 5


@roomy
def trace(path: str, *, cookie: str, requests: int = 30) -> dict[str, float]:
    """GET a page repeatedly as the bearer of a cookie, through the whole product.

    Returns `queries`, the most that a request made, and `database_p95_ms`, the 95th percentile of
    the time that a request spent in the driver: sent, executed, rows fetched. Waiting for a
    processor that other programs hold is taken off where the kernel tells it. Raises
    AssertionError when an answer is not 200.
    """
    client = Client(headers={"cookie": cookie, "host": "localhost"})
    found: list[list[float]] = []
    for _ in range(WARM_UP + requests):
        with watched() as queries:
            status = client.get(path).status_code
        if status != 200:
            raise AssertionError(f"{path} answered {status}")
        found.append(queries)
    times = [sum(queries) * 1000 for queries in found[WARM_UP:]]
    return {
        "queries": float(max(map(len, found[WARM_UP:]))),
        "database_p95_ms": quantile(times, 0.95),
    }


@contextmanager
def watched() -> Iterator[list[float]]:
    """The seconds of each query within the block."""
    seconds: list[float] = []

    def timed(execute: Callable[..., Any], *arguments: Any) -> Any:
        before, started = waited(), time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            took = time.perf_counter() - started
            seconds.append(max(0.0, took - (waited() - before)))

    with connection.execute_wrapper(timed):
        yield seconds


def waited() -> float:
    """Seconds that this thread and its PostgreSQL process wanted a processor and had none."""
    backend = Path(f"/proc/{connection.connection.info.backend_pid}")
    return _run_delay(Path("/proc/thread-self")) + _run_delay(backend, name="postgres")


def _run_delay(process: Path, name: str = "") -> float:
    """The second field of schedstat (proc(5)); 0 when the process is elsewhere or another one."""
    try:
        if name and name not in (process / "comm").read_text():
            return 0.0
        return int((process / "schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
