"""What may be computed once and shown for a while: four tiers, one flight, never another company's.

``remember`` is for values of ours; ``FallbackRedisCache`` is the backend behind Django's
``cache`` (sessions, templates, rate limits of libraries). Both put the company's uuid (or
``public``) into every key, live in Redis, and fall back to this process's memory when Redis is
away. Neither works in async code, where the company is not known: Django's async methods read
another company's values there, so they raise.
"""

from __future__ import annotations

import pickle
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from core import redis, scope

T = TypeVar("T")

# Tiers, in seconds.
STATUS_POLLING = 2.5  # what pages ask for again and again: states, progress
SHORT = 30.0  # counters and lists that many people look at
MEDIUM = 60.0  # settings and look-ups
LONG = 300.0  # what changes by hand once in a while
BELIEVED = 1.0  # how long a process believes what it read, where each message asks

PREFIX = "cache"
STALE_GRACE = 30.0  # a value may still be shown this long while another one is computed
LOCK_SECONDS = 10.0  # then whoever computes is taken for dead
FOLLOWER_WAIT = 1.5
FOLLOWER_POLL = 0.02
MEMORY_ENTRIES = 2000


class CacheKey(str):
    """A key that says whose value it is; made by ``company_key`` or ``shared_key``."""

    __slots__ = ()


def company_key(*parts: object) -> CacheKey:
    """A key of the company that is open; raises ``core.scope.OutsideCompany`` in public."""
    return _key(str(scope.required_company_id()), parts)


def shared_key(*parts: object) -> CacheKey:
    """A key of a value that is the same for all companies: a deliberate choice, never a default."""
    return _key(scope.PUBLIC, parts)


def _key(owner: str, parts: tuple[object, ...]) -> CacheKey:
    return CacheKey(":".join((PREFIX, owner, *(str(part).replace(":", "%3A") for part in parts))))


class _Entry(NamedTuple):
    value: Any
    fresh_until: float  # wall clock: processes share it


def remember(key: CacheKey, tier: float, compute: Callable[[], T], *, believed: float = 0.0) -> T:
    """The value under ``key``, computed if it is not there or older than ``tier`` seconds.

    Where each message asks, even Redis is far: a process may believe what it read for ``believed``
    seconds. ``forget`` elsewhere is heard of so much later, and nobody may change the value.

    One caller computes at a time, over all processes. The others get the stale value if there is
    one, else wait a moment for the new one, and at worst compute it themselves. An error of
    ``compute`` is raised and not remembered.
    """
    if not isinstance(key, CacheKey):
        raise TypeError("Make the key with company_key() or shared_key().")
    if believed:
        return _believed.remember(key, believed, lambda: remember(key, tier, compute))
    try:
        return _shared_flight(key, tier, compute)
    except redis.Away:
        return _memory.remember(key, tier, compute)


def forget(key: CacheKey) -> None:
    """Drop the value, and make a computation that is under way not store its result."""
    _memory.forget(key)
    _believed.forget(key)
    try:
        redis.ask(lambda server: server.delete(key, f"{key}:lock"))
    except redis.Away:
        return  # it expires by itself, in a tier's time at most


# KEYS: value, lock · ARGV: token, value, milliseconds. Only who still holds the lock may store:
# `forget` takes the lock away, and a computation that outlived it may be older than the next.
_STORE = """
if redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  redis.call('DEL', KEYS[2])
end
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


def _shared_flight(key: CacheKey, tier: float, compute: Callable[[], T]) -> T:
    entry = _load(key)
    if entry and entry.fresh_until > time.time():
        return entry.value
    token = secrets.token_hex(8)
    if _lock(key, token):
        return _compute_and_store(key, tier, compute, token)
    if entry:
        return entry.value
    deadline = time.monotonic() + FOLLOWER_WAIT
    while time.monotonic() < deadline:
        time.sleep(FOLLOWER_POLL)
        entry = _load(key)
        if entry:
            return entry.value
        if _lock(key, token):  # the first one failed, or the value was forgotten
            return _compute_and_store(key, tier, compute, token)
    return compute()


def _load(key: CacheKey) -> _Entry | None:
    data: Any = redis.ask(lambda server: server.get(key))
    # Only processes of ours write to this Redis, as with Django's own cache.
    return _Entry(*pickle.loads(data)) if data else None  # noqa: S301


def _lock(key: CacheKey, token: str) -> bool:
    milliseconds = round(LOCK_SECONDS * 1000)
    return bool(
        redis.ask(lambda server: server.set(f"{key}:lock", token, nx=True, px=milliseconds))
    )


def _compute_and_store(key: CacheKey, tier: float, compute: Callable[[], T], token: str) -> T:
    try:
        value = compute()
    except BaseException:
        _try(lambda server: server.eval(_RELEASE, 1, f"{key}:lock", token))
        raise
    data = pickle.dumps((value, time.time() + tier), pickle.HIGHEST_PROTOCOL)
    keep = round((tier + STALE_GRACE) * 1000)
    _try(lambda server: server.eval(_STORE, 2, key, f"{key}:lock", token, data, keep))
    return value


def _try(operation: Callable[[Any], Any]) -> None:
    """After the value is there, an outage must not have it computed once more."""
    try:
        redis.ask(operation)
    except redis.Away:
        return


class _Memory:
    """The same promise within one process: bounded, one computation per key at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._flights: dict[str, threading.Lock] = {}

    def remember(self, key: CacheKey, tier: float, compute: Callable[[], T]) -> T:
        with self._lock:
            flight = self._flights.setdefault(key, threading.Lock())
        with flight:
            entry = self._entries.get(key)
            if entry and entry.fresh_until > time.time():
                return entry.value
            try:
                value = compute()
            finally:
                with self._lock:
                    self._flights.pop(key, None)
            with self._lock:
                self._entries[key] = _Entry(value, time.time() + tier)
                self._entries.move_to_end(key)
                while len(self._entries) > MEMORY_ENTRIES:
                    self._entries.popitem(last=False)
            return value

    def forget(self, key: CacheKey) -> None:
        with self._lock:
            self._entries.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._flights.clear()


_memory = _Memory()
_believed = _Memory()  # what this process read a moment ago


def make_key(key: str, key_prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION: every key of ``cache`` belongs to the company that is open."""
    owner = scope.company_id() or scope.PUBLIC
    return f"{PREFIX}:{owner}:django:{key_prefix}:{version}:{key}"


class _Client(RedisCacheClient):
    """Django's client with our time-outs, and a ``clear`` that leaves the rest of Redis alone."""

    def __init__(self, servers: Any, **options: Any) -> None:
        super().__init__(servers, **{**redis.connection_options(), **options})

    def clear(self) -> bool:
        client = self.get_client(None, write=True)
        for found in client.scan_iter(match=f"{PREFIX}:*", count=1000):
            client.delete(found)
        return True


class FallbackRedisCache(BaseCache):
    """Django's cache in Redis, or in this process's memory while Redis is away.

    Memory starts empty at each outage, so nothing comes back that Redis has long replaced.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._redis = RedisCache(location or settings.REDIS_URL, dict(params))
        self._redis._class = _Client  # type: ignore[attr-defined]
        self._memory = LocMemCache(f"fallback-{id(self)}", dict(params))
        self._was_away = False

    def _either(self, method: str, *args: Any, **kwargs: Any) -> Any:
        try:
            answer = redis.ask(lambda _: getattr(self._redis, method)(*args, **kwargs))
        except redis.Away:
            if not self._was_away:
                self._was_away = True
                self._memory.clear()
            return getattr(self._memory, method)(*args, **kwargs)
        self._was_away = False
        return answer

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        return bool(self._either("add", key, value, timeout, version))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._either("get", key, default, version)

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._either("set", key, value, timeout, version)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._either("touch", key, timeout, version))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._either("delete", key, version))

    def get_many(self, keys: Any, version: int | None = None) -> dict[str, Any]:
        found: dict[str, Any] = self._either("get_many", list(keys), version)
        return found

    def set_many(
        self, data: dict[str, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[str]:
        refused: list[str] = self._either("set_many", data, timeout, version)
        return refused

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._either("delete_many", list(keys), version)

    def has_key(self, key: str, version: int | None = None) -> bool:
        return bool(self._either("has_key", key, version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        return int(self._either("incr", key, delta, version))

    def clear(self) -> None:
        self._either("clear")
        self._memory.clear()
        _memory.clear()
        _believed.clear()


def _synchronous_only(self: Any, *args: Any, **kwargs: Any) -> Any:
    raise RuntimeError(
        "The cache is synchronous: in async code the company is not known and another company's "
        "value would be read. Cross over with core.scope.in_company()."
    )


for _name in (
    "aadd", "aget", "aset", "atouch", "adelete", "aget_many", "aget_or_set", "ahas_key", "aincr",
    "adecr", "aset_many", "adelete_many", "aclear", "aincr_version", "adecr_version", "aclose",
):  # fmt: skip
    setattr(FallbackRedisCache, _name, _synchronous_only)
