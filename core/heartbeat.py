"""Signs of life of processes that answer no requests: workers, the scanner, beat.

Kept in Redis with an expiry. No truth depends on them; they tell ``/health/ready`` and the alerts
who has gone quiet.
"""

from __future__ import annotations

import time

from core import redis

KEEP_SECONDS = 24 * 3600


def beat(name: str) -> None:
    """Say that ``name`` is alive now. Without Redis nothing happens."""
    try:
        redis.ask(lambda server: server.set(_key(name), f"{time.time():.3f}", ex=KEEP_SECONDS))
    except redis.Away:
        return


def age(name: str) -> float | None:
    """Seconds since the last beat of ``name``, or None if there was none within a day.

    Raises ``core.redis.Away`` when nobody can tell.
    """
    value = redis.ask(lambda server: server.get(_key(name)))
    return None if value is None else max(0.0, time.time() - float(value))


def _key(name: str) -> str:
    return f"beat:{name}"
