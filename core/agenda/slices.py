"""Long work in slices: a worker gives two seconds to one company's work, then the next has a turn.

Each step commits with how far it came, so whatever dies, the next wake-up goes on behind it.
"""

import time
from collections.abc import Callable

from django.db import transaction

from core.agenda.rows import append

SECONDS = 2.0


def in_slices(kind: str, key: str, step: Callable[[], bool]) -> None:
    """Take steps for `SECONDS`; what is left then is appended to the agenda again.

    Args:
        step: does some of the work in a transaction of its own; False when there is no more of it.
    """
    ends_at = time.monotonic() + SECONDS
    while step():
        if time.monotonic() >= ends_at:
            with transaction.atomic():
                append(kind, key)
            return
