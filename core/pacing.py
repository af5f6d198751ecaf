"""How fast a sender may go: a rate that yields when it is told so, and a pace for each member.

One Lua call decides a whole wave. The rate is a GCRA bucket as in `core.ratelimit`; `shrink`
halves it and it grows back by a twentieth of itself in ten seconds (additive increase,
multiplicative decrease, as in RFC 5681). Members (the people written to) have a bucket each.
While Redis is away every process keeps its own share, as `core.ratelimit` does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from core import ratelimit, redis

HALF = 0.5
LEAST = 1 / 64
GROWTH_A_SECOND = 0.05 / 10
# A burst of refusals is one word of the provider, not fifty.
ONE_WORD_SECONDS = 1.0
MEMORY_KEYS = 10_000

# What is left of the rate, from the state "factor:microseconds" that the last shrinking wrote.
_FACTOR = (
    f"local HALF, LEAST, GROWTH = {HALF!r}, {LEAST!r}, {GROWTH_A_SECOND!r}\n"
    """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function factor_of(state)
  if not state then return 1, 0 end
  local factor, at = string.match(state, '([^:]+):([^:]+)')
  return math.min(1, tonumber(factor) + GROWTH * (now - at) / 1000000), tonumber(at)
end
"""
)

# KEYS: bucket, factor, a bucket for each member
# ARGV: rate, burst, wanted, microseconds a member's unit, a member's burst
# → granted, microseconds until the next unit, then for each member looked at its wait (0: granted)
_WAVE = (
    _FACTOR
    + """
local rate, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local member_gap, member_burst = tonumber(ARGV[4]), tonumber(ARGV[5])
local factor = factor_of(redis.call('GET', KEYS[2]))
local gap = 1000000 / (rate * factor)
burst = math.max(1, math.floor(burst * factor))
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local room = math.floor((burst * gap - (arrival - now)) / gap + 0.000001)
local granted, waits = 0, {}
if #KEYS == 2 then
  granted = math.max(0, math.min(wanted, room))
else
  local states = redis.call('MGET', unpack(KEYS, 3))
  local known = {}
  for i = 1, #states do
    if granted >= room then break end
    local key = KEYS[i + 2]
    local turn = known[key] or math.max(tonumber(states[i] or now), now)
    local wait = turn - now - (member_burst - 1) * member_gap
    if wait <= 0 then
      granted, wait, turn = granted + 1, 0, turn + member_gap
      redis.call('SET', key, string.format('%.0f', turn), 'PX', math.ceil((turn - now) / 1000) + 1)
    end
    known[key] = turn
    waits[i] = string.format('%.0f', wait)
  end
end
if granted > 0 then
  arrival = arrival + granted * gap
  redis.call('SET', KEYS[1], string.format('%.0f', arrival), 'PX',
    math.ceil((arrival - now) / 1000) + 1)
end
local wait = math.max(0, arrival - now - (burst - 1) * gap)
return {granted, string.format('%.0f', wait), unpack(waits)}
"""
)

# KEYS: factor · ARGV: microseconds that are one word → the factor now
_SHRINK = (
    _FACTOR
    + """
local factor, at = factor_of(redis.call('GET', KEYS[1]))
if now - at < tonumber(ARGV[1]) then return tostring(factor) end
factor = math.max(LEAST, factor * HALF)
redis.call('SET', KEYS[1], string.format('%.6f:%.0f', factor, now), 'PX',
  math.ceil((1 - factor) / GROWTH * 1000))
return tostring(factor)
"""
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast members may be served: one unit in `seconds`, of which `burst` may be borrowed."""

    seconds: float
    burst: int


@dataclass(frozen=True, slots=True)
class Granted:
    """What of a wave may go.

    Attributes:
        now: the positions that may go, in order.
        held: position → seconds that its member has to wait; the wave may go on without it.
        wait: seconds until the next unit of the rate.
    """

    now: list[int]
    held: dict[int, float] = field(default_factory=dict)
    wait: float = 0.0


def take(
    key: str,
    *,
    rate: float,
    burst: int,
    want: int,
    members: Sequence[str] = (),
    pace: Pace | None = None,
) -> Granted:
    """Let as many of a wave pass as the rate and each member's pace allow, in order.

    Args:
        key: whose rate it is; says which company's.
        rate: units a second when nobody throttles us.
        burst: units that may pass at once.
        want: the size of the wave.
        members: whom each unit is for, in the order of the wave; empty where there is no pace.
    """
    if want <= 0:
        return Granted([])
    people = members if pace is not None else ()
    member_gap, member_burst = (pace.seconds * 1e6, pace.burst) if pace else (0.0, 1)
    keys = [_bucket(key), _factor(key), *(_member(key, member) for member in people)]
    values: list[str | int] = [repr(rate), burst, want, repr(member_gap), member_burst]
    try:
        granted, wait, *waits = redis.ask(
            lambda server: server.eval(_WAVE, len(keys), *keys, *values)
        )
    except redis.Away:
        return _take_alone(key, rate=rate, burst=burst, want=want, members=people, pace=pace)
    if not people:
        return Granted(list(range(int(granted))), wait=int(wait) / 1e6)
    return _granted([int(each) / 1e6 for each in waits], int(wait) / 1e6)


def shrink(key: str) -> float:
    """The provider asked us to slow down: halve the rate; returns the share that is left of it."""
    try:
        left = redis.ask(
            lambda server: server.eval(_SHRINK, 1, _factor(key), repr(ONE_WORD_SECONDS * 1e6))
        )
    except redis.Away:
        return _memory.shrink(key)
    return float(left)


def _granted(waits: Sequence[float], wait: float) -> Granted:
    return Granted(
        now=[place for place, each in enumerate(waits) if each == 0],
        held={place: each for place, each in enumerate(waits) if each > 0},
        wait=wait,
    )


def _take_alone(
    key: str, *, rate: float, burst: int, want: int, members: Sequence[str], pace: Pace | None
) -> Granted:
    """This process's share, by its own clock; what members leave unused is not given back."""
    left = _memory.factor(key)
    share = ratelimit.take_share(
        _bucket(key), rate=rate * left, burst=max(1, int(burst * left)), want=want
    )
    if pace is None:
        return Granted(list(range(share.granted)), wait=share.wait)
    waits: list[float] = []
    for member in members:
        if waits.count(0.0) >= share.granted:
            break
        own = ratelimit.take_share(
            _member(key, member), rate=1 / pace.seconds, burst=pace.burst, want=1
        )
        waits.append(0.0 if own.granted else own.wait)
    return _granted(waits, share.wait)


def _bucket(key: str) -> str:
    return f"rate:pace:{key}"


def _factor(key: str) -> str:
    return f"rate:shrunk:{key}"


def _member(key: str, member: str) -> str:
    return f"rate:member:{key}:{member}"


class _Memory:
    """What this process was told of each rate while Redis was away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shrunk: dict[str, tuple[float, float]] = {}

    def factor(self, key: str) -> float:
        with self._lock:
            return self._factor(key, time.monotonic())

    def shrink(self, key: str) -> float:
        now = time.monotonic()
        with self._lock:
            left = self._factor(key, now)
            known = self._shrunk.get(key)
            if known is not None and now - known[1] < ONE_WORD_SECONDS:
                return left
            if len(self._shrunk) >= MEMORY_KEYS:
                self._shrunk.clear()
            left = max(LEAST, left * HALF)
            self._shrunk[key] = left, now
            return left

    def _factor(self, key: str, now: float) -> float:
        left, at = self._shrunk.get(key, (1.0, now))
        return min(1.0, left + GROWTH_A_SECOND * (now - at))

    def clear(self) -> None:
        with self._lock:
            self._shrunk.clear()


_memory = _Memory()
