"""Telling those above that messages moved on: one fact for a batch, and a recount of its runs."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from core import agenda
from events import bus
from messaging.agenda import RECOUNT
from messaging.enums import DispatchState, PublicState, Rank
from messaging.events import MessagesProgressed
from messaging.models import Stream
from messaging.selectors import state_of

# Counting a hundred thousand rows costs a tenth of a second: the larger a run, the rarer.
RECOUNT_AFTER = timedelta(seconds=0.5)
RECOUNT_LARGE_AFTER = timedelta(seconds=2)
LARGE = 20_000


@dataclass(frozen=True, slots=True)
class Progress:
    """A message reached a state."""

    message: UUID
    thread: UUID | None
    stream: UUID | None
    state: PublicState


def state_of_dispatch(dispatch: DispatchState) -> PublicState:
    """The public state of a message that has no receipt yet."""
    return state_of(dispatch, Rank.NONE, None)


def tell(items: Iterable[Progress], *, recounts: "Recounts | None" = None) -> None:
    """Publish `messages.progressed` and have the runs counted, in the current transaction.

    Args:
        recounts: of somebody who tells often.
    """
    moved = list(items)
    if not moved:
        return
    bus.publish(
        MessagesProgressed(
            items=[
                {
                    "message": str(item.message),
                    "thread": str(item.thread) if item.thread else None,
                    "stream": str(item.stream) if item.stream else None,
                    "state": item.state.value,
                }
                for item in moved
            ]
        )
    )
    runs = {item.stream for item in moved if item.stream is not None}
    (recounts.soon if recounts else recount_soon)(runs)


def recount_soon(stream_ids: Iterable[UUID]) -> None:
    """Have runs counted in half a second; the agenda folds what comes until then."""
    now = timezone.now()
    rows = Stream.objects.filter(pk__in=list(stream_ids)).values_list("pk", "counts")
    for pk, counts in rows:
        is_large = counts.get("total", 0) > LARGE
        agenda.append(RECOUNT, str(pk), now + (RECOUNT_LARGE_AFTER if is_large else RECOUNT_AFTER))


class Recounts:
    """Has runs counted for a sender that tells of hundreds of waves: at most every half second,
    and once more at its end, so that what came after the last count is counted, too."""

    def __init__(self) -> None:
        self._moved: set[UUID] = set()
        self._next_at = 0.0

    def soon(self, stream_ids: Iterable[UUID]) -> None:
        """As `recount_soon`, in the current transaction, or later."""
        self._moved.update(stream_ids)
        if self._moved and time.monotonic() >= self._next_at:
            recount_soon(self._moved)
            self._next_at = time.monotonic() + RECOUNT_AFTER.total_seconds()

    def finish(self) -> None:
        """The sender has told everything; needs a transaction."""
        if self._moved:
            recount_soon(self._moved)
