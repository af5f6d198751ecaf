"""Whose turn it is to send a connection's runs: one slice of a lane at a time, so that a pause lets
at most one wave leave (the two lanes of the fastest numbers share it). More that overlap
(`core.turns`) do no harm: the claims keep every message to one of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from core import scope, turns
from core.turns import Turn
from messaging.dispatch.lanes import Lane

# Renewed while the slice lives; a dead worker's turn ends by itself before its leases do.
SECONDS = 10


@contextmanager
def turn(lane: Lane, connection_id: UUID) -> Iterator[Turn | None]:
    """Yields the turn, or None when another slice has it."""
    if not lane.is_exclusive:
        yield Turn()
        return
    name = f"{lane.kind}:{scope.required_company_id().hex}:{connection_id.hex}"
    with turns.turn(name, seconds=SECONDS) as taken:
        yield taken
