"""Reading what somebody sends: not for as long as they like.

granian reads on behalf of a thread that waits, and has no deadline for it. A read comes back when
all that was asked for is there, so little is asked for at a time (a read of what has come already
costs a fraction of a microsecond) and the clock is looked at in between. Whoever sends nothing at
all keeps the thread until the connection ends: production's proxy takes bodies whole.
"""

from __future__ import annotations

import time
from typing import Protocol

PIECE_BYTES = 64
# As Apache's mod_reqtimeout has it (`body=20,MinRate=500`): so long, and longer as more comes.
SECONDS = 20.0
BYTES_PER_SECOND = 500


class TooSlow(Exception):
    """The rest of a body is not waited for."""


class Stream(Protocol):
    """What a server hands over as `wsgi.input`."""

    def read(self, size: int, /) -> bytes: ...


def read(stream: Stream, most: int) -> bytes:
    """So many bytes; fewer if there are no more.

    Raises:
        TooSlow: they come too slowly.
    """
    pieces: list[bytes] = []
    left, began = most, time.monotonic()
    while left > 0:
        piece = stream.read(min(PIECE_BYTES, left))
        if not piece:
            break
        pieces.append(piece)
        left -= len(piece)
        if left > 0 and time.monotonic() - began > SECONDS + (most - left) / BYTES_PER_SECOND:
            raise TooSlow
    return b"".join(pieces)
