"""Rate limits: GCRA as one Lua script on Redis's clock, exact under concurrency.

GCRA keeps one number per key, the theoretical arrival time (ITU-T I.371). ``burst`` units may
pass at once, then ``rate`` a second. While Redis is away each process grants its share,
``rate / settings.WORKER_COUNT``, from its own memory: fewer than allowed, never unlimited.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings

from core import redis

MEMORY_KEYS = 10_000

# KEYS: state · ARGV: microseconds a unit, burst, wanted, least
# → granted, microseconds until the least would pass, units left, microseconds until full again
# Microseconds as integers: Lua's doubles are exact up to 2**53, and %.0f keeps all digits.
_GCRA = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local gap, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local wanted, least = tonumber(ARGV[3]), tonumber(ARGV[4])
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local room = burst * gap - (arrival - now)
local granted = math.min(wanted, math.floor(room / gap + 0.000001))
if granted < least then granted = 0 end
if granted > 0 then
  arrival = arrival + granted * gap
  room = room - granted * gap
  local text = string.format('%.0f', arrival)
  redis.call('SET', KEYS[1], text, 'PX', math.ceil((arrival - now) / 1000) + 1)
end
local wait = 0
if granted < wanted then wait = math.max(0, math.max(least, 1) * gap - room) end
local left = math.max(0, math.floor(room / gap + 0.000001))
return {granted, string.format('%.0f', wait), left, string.format('%.0f', arrival - now)}
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether it may pass. Times in seconds: ``retry_after`` until it would (0 if it passed),
    ``reset_after`` until the whole burst is free again."""

    allowed: bool
    retry_after: float
    remaining: int
    reset_after: float


class Share(NamedTuple):
    """How many units may pass, and in how many seconds the next one may."""

    granted: int
    wait: float


class _Answer(NamedTuple):
    granted: int
    wait: float
    left: int
    reset: float


@dataclass(frozen=True, slots=True)
class Limiter:
    """One kind of limit; the keys of two kinds never meet."""

    name: str

    def acquire(self, key: str, rate_per_second: float, burst: int, cost: int = 1) -> Decision:
        """Let ``cost`` units pass now, all or none."""
        if cost > burst:
            raise ValueError(f"{cost} units can never pass a burst of {burst}.")
        answer = _ask(self._key(key), rate_per_second, burst, wanted=cost, least=cost)
        return Decision(
            allowed=answer.granted == cost,
            retry_after=answer.wait,
            remaining=answer.left,
            reset_after=answer.reset,
        )

    def take(self, key: str, *, rate: float, burst: int, want: int) -> tuple[int, float]:
        """Up to ``want`` units at once, for a wave: how many may go now, and in how many seconds
        the next one may (0 if all were granted)."""
        if want <= 0:
            return 0, 0.0
        answer = _ask(self._key(key), rate, burst, wanted=want, least=0)
        return answer.granted, answer.wait

    def wait(self, key: str, rate: float, burst: int) -> float:
        """Seconds until a unit could pass; 0 if one could now. Uses nothing up."""
        answer = _ask(self._key(key), rate, burst, wanted=0, least=0)
        return 0.0 if answer.left else max(answer.reset - (burst - 1) / rate, 0.001)

    def _key(self, key: str) -> str:
        return f"rate:{self.name}:{key}"


def take_share(key: str, *, rate: float, burst: int, want: int) -> Share:
    """What this process may let pass without Redis: its share of the rate, by its own clock."""
    answer = _memory.ask(key, rate, burst, wanted=want, least=0)
    return Share(answer.granted, answer.wait)


def _ask(key: str, rate: float, burst: int, *, wanted: int, least: int) -> _Answer:
    if rate <= 0 or burst < 1:
        raise ValueError("A limit needs a rate above 0 and a burst of at least 1.")
    gap = 1_000_000 / rate
    try:
        granted, wait, left, reset = redis.ask(
            lambda server: server.eval(_GCRA, 1, key, repr(gap), burst, wanted, least)
        )
    except redis.Away:
        return _memory.ask(key, rate, burst, wanted=wanted, least=least)
    return _Answer(int(granted), int(wait) / 1e6, int(left), int(reset) / 1e6)


class _Memory:
    """GCRA within one process, on its own clock, with this process's share of the rate."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrivals: OrderedDict[str, float] = OrderedDict()

    def ask(self, key: str, rate: float, burst: int, *, wanted: int, least: int) -> _Answer:
        workers = max(1, settings.WORKER_COUNT)
        gap = workers / rate
        # Somebody must be able to pass at all, so the share of a burst is never below the least.
        burst = max(1, least, burst // workers)
        with self._lock:
            now = time.monotonic()
            arrival = max(self._arrivals.get(key, now), now)
            room = burst * gap - (arrival - now)
            granted = min(wanted, math.floor(room / gap + 1e-6))
            granted = granted if granted >= least else 0
            if granted > 0:
                arrival += granted * gap
                room -= granted * gap
                self._keep(key, arrival)
        wait = max(0.0, max(least, 1) * gap - room) if granted < wanted else 0.0
        return _Answer(granted, wait, max(0, math.floor(room / gap + 1e-6)), arrival - now)

    def _keep(self, key: str, arrival: float) -> None:
        self._arrivals[key] = arrival
        self._arrivals.move_to_end(key)
        if len(self._arrivals) > MEMORY_KEYS:
            self._arrivals.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._arrivals.clear()


_memory = _Memory()
