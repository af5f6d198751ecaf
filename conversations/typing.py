"""Who of the team is writing into a conversation just now, as their pages tell it.

Kept in Redis for some seconds; without Redis nobody is known to write, and nothing else suffers.
"""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import redis as redis_py

from core import redis, scope

SECONDS = 8  # pages say it every four while somebody types
CUSTOMER_SECONDS = 20  # WhatsApp shows it for 25 (Meta, "Typing indicators")


def note(*, conversation_id: UUID, member_id: UUID) -> None:
    """A member typed something. Best effort."""
    key = _key(conversation_id)

    def write(server: redis_py.Redis) -> None:
        pipe = server.pipeline(transaction=False)
        pipe.zadd(key, {str(member_id): time.time()})
        pipe.expire(key, SECONDS)
        pipe.execute()

    _asked(write)


def over(*, conversation_id: UUID, member_id: UUID) -> None:
    """A member sent what they wrote, or took it back."""
    _asked(lambda server: server.zrem(_key(conversation_id), str(member_id)))


def now(conversation_id: UUID) -> list[UUID]:
    """Members who typed within the last seconds, whoever began first."""
    since = time.time() - SECONDS
    found = _asked(lambda server: server.zrange(_key(conversation_id), since, "inf", byscore=True))
    return [UUID(name.decode()) for name in found or ()]


def is_customers_turn(conversation_id: UUID) -> bool:
    """Whether the customer is to be told now: once in twenty seconds, whoever types."""
    key = f"{_key(conversation_id)}:customer"
    return bool(_asked(lambda server: server.set(key, 1, nx=True, ex=CUSTOMER_SECONDS)))


def _asked(operation: Callable[[redis_py.Redis], Any]) -> Any:
    try:
        return redis.ask(operation)
    except redis.Away:
        return None


def _key(conversation_id: UUID) -> str:
    return f"typing:{scope.required_company_id()}:{conversation_id}"
