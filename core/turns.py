"""Whose turn it is: one at a time for a name, kept in Redis.

A courtesy, not a lock: without Redis, or after a worker slept, two may overlap. Whoever takes a
turn has rows that decide who does what; the turn only keeps them from crowding.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from core import redis

_RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return 0
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that was taken, or (without a key) one that nobody has to ask for."""

    key: str = ""
    token: str = ""
    seconds: int = 0

    def renew(self) -> None:
        """Keep it for another while."""
        self._ask(_RENEW, str(self.seconds))

    def end(self) -> None:
        """Let the next one in."""
        self._ask(_RELEASE)

    def _ask(self, script: str, *values: str) -> None:
        if not self.key:
            return
        try:
            redis.ask(lambda server: server.eval(script, 1, self.key, self.token, *values))
        except redis.Away:
            return  # it expires


@contextmanager
def turn(name: str, *, seconds: int) -> Iterator[Turn | None]:
    """Yields the turn, or None when somebody else has it.

    Args:
        name: with the company's id in it, where it is a company's.
        seconds: how long a dead process keeps it; `Turn.renew` for what lasts longer.
    """
    taken = _take(f"turn:{name}", seconds)
    try:
        yield taken
    finally:
        if taken is not None:
            taken.end()


def _take(key: str, seconds: int) -> Turn | None:
    token = uuid4().hex
    try:
        is_ours = redis.ask(lambda server: server.set(key, token, nx=True, ex=seconds))
    except redis.Away:
        return Turn()
    return Turn(key, token, seconds) if is_ours else None
