"""Whose turn it is to send a connection's runs: one slice at a time, two for the fastest numbers,
who share a wave between them: a pause lets at most one wave leave. More that overlap
(`core.turns`) do no harm: the claims keep every message to one of them.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import UUID

from core import scope, turns
from core.turns import Turn
from messaging.dispatch.lanes import Lane

# Renewed while the slice lives; a dead worker's turn ends by itself before its leases do.
SECONDS = 10


@contextmanager
def turn(lane: Lane, connection_id: UUID, *, places: int = 1) -> Iterator[Turn | None]:
    """Yields the turn, or None when other slices have all of them.

    Args:
        places: how many slices of this connection may send at once.
    """
    if not lane.is_exclusive:
        yield Turn()
        return
    name = f"{lane.kind}:{scope.required_company_id().hex}:{connection_id.hex}"
    with ExitStack() as stack:
        tries = (
            stack.enter_context(turns.turn(f"{name}:{place}", seconds=SECONDS))
            for place in range(places)
        )
        yield next((taken for taken in tries if taken is not None), None)
