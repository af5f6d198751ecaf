"""Whose turn it is to send a connection's runs: one slice at a time, so that a pause lets at most
one wave leave. A courtesy kept in Redis, not a lock: without Redis, or after a worker slept, two
slices may overlap, and the claims still keep every message to one of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

from core import redis, scope
from messaging.dispatch.lanes import Lane

# Renewed while the slice lives; a dead worker's turn ends by itself before its leases do.
SECONDS = 10

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

    def renew(self) -> None:
        """Keep it for another while."""
        self._ask(_RENEW, str(SECONDS))

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
def turn(lane: Lane, connection_id: UUID) -> Iterator[Turn | None]:
    """Yields the turn, or None when another slice has it."""
    taken = _take(lane, connection_id)
    try:
        yield taken
    finally:
        if taken is not None:
            taken.end()


def _take(lane: Lane, connection_id: UUID) -> Turn | None:
    if not lane.is_exclusive:
        return Turn()
    key = f"turn:{lane.kind}:{scope.required_company_id().hex}:{connection_id.hex}"
    token = uuid4().hex
    try:
        is_ours = redis.ask(lambda server: server.set(key, token, nx=True, ex=SECONDS))
    except redis.Away:
        return Turn()
    return Turn(key, token) if is_ours else None
