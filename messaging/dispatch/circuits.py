"""How many sends of a number were lost in a row, over the slices of this process.

Each process counts its own: what several of them send through one number is found as soon, for a
provider that is away answers none of them, and a counter that all share would cost every wave a
round trip.
"""

import threading
from collections.abc import Iterable
from uuid import UUID

_lock = threading.Lock()
_in_a_row: dict[UUID, int] = {}


def count(connection_id: UUID, lost: Iterable[bool]) -> int:
    """Add what became of some sends, in order; returns how many of the latest were lost."""
    with _lock:
        number = _in_a_row.pop(connection_id, 0)
        for is_lost in lost:
            number = number + 1 if is_lost else 0
        if number:
            _in_a_row[connection_id] = number
        return number
