"""Fixtures for limits, with Redis and without."""

from collections.abc import Callable, Iterator
from typing import Any

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
def any_redis(request: Any, redis_at: Callable[[str], None]) -> str:
    """This worker's Redis database, empty; and nobody listening where Redis should be."""
    if request.param == "without Redis":
        redis_at(NOBODY_LISTENS)
    else:
        redis.client().flushdb()
    return str(request.param)
