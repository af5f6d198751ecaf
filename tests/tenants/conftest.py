"""Fixtures for limits, which other workers must not wipe in the middle of a test."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from core import redis

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def redis_at(settings: Any) -> Iterator[Callable[[str], None]]:
    """`redis_at(url)`: everything that asks Redis, the cache too, asks there from now on."""

    def use(url: str) -> None:
        settings.REDIS_URL = url
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": url}}
        redis.reset()

    yield use
    redis.reset()


@pytest.fixture(params=["with Redis", "without Redis"])
def any_redis(request: Any, settings: Any, worker_id: str, redis_at: Callable[[str], None]) -> str:
    """A Redis database of this worker's own, and nobody listening where Redis should be."""
    if request.param == "without Redis":
        redis_at(NOBODY_LISTENS)
    elif urlsplit(settings.REDIS_URL).scheme == "unix":
        redis_at(f"{settings.REDIS_URL.partition('?')[0]}?db={_database(worker_id)}")
    else:
        address = urlsplit(settings.REDIS_URL)
        redis_at(address._replace(path=f"/{_database(worker_id)}").geturl())
    if request.param == "with Redis":
        redis.client().flushdb()
    return str(request.param)


def _database(worker_id: str) -> int:
    """Redis has 16; the low ones are in use by the product and by tests of core."""
    return 15 - int(worker_id.removeprefix("gw")) % 4 if worker_id != "master" else 15
