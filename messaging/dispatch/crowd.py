"""How many slices this process has under way. While they are few, each may go on with the
connections it has opened: to open them anew costs as much as a fifth of the sending, over TLS more.
When they are many, a slice ends in time and the next one in the queue has its thread.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# So few leave threads free for whatever comes meanwhile (a worker has eight).
FEW = 3

_lock = threading.Lock()
_slices = 0


@contextmanager
def joined() -> Iterator[None]:
    """One slice more, until the block ends."""
    global _slices
    with _lock:
        _slices += 1
    try:
        yield
    finally:
        with _lock:
            _slices -= 1


def is_small() -> bool:
    """Whether nobody has to wait for a thread because a slice goes on."""
    return _slices <= FEW
