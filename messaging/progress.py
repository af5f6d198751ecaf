"""Telling those above that messages moved on: one fact for a batch, and a recount of its runs."""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
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
RECOUNT_AT_LEAST_EVERY = timedelta(seconds=5)
ROWS_A_SECOND = 5_000


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


def recount_soon(stream_ids: Iterable[UUID], *, is_over: bool = False) -> timedelta:
    """Have runs counted, small ones in half a second. Whoever asks within one beat asks for the
    same moment, so the agenda folds it: receipts come in hundreds of batches a minute.

    Args:
        is_over: nothing more is to come for now, so the count is wanted at once.

    Returns:
        How long it is until the first of them is counted.
    """
    now = timezone.now()
    rows = Stream.objects.filter(pk__in=list(stream_ids)).values_list("pk", "counts__total")
    first = RECOUNT_AT_LEAST_EVERY
    for pk, total in rows:
        wait = RECOUNT_AFTER if is_over else _pause_between_counts(total or 0)
        agenda.append(RECOUNT, str(pk), _next_beat(now, wait))
        first = min(first, wait)
    return first


def _next_beat(now: datetime, length: timedelta) -> datetime:
    """When this beat ends; all beats of one length end at the same moments."""
    seconds = length.total_seconds()
    beat = math.floor(now.timestamp() / seconds) + 1
    return datetime.fromtimestamp(beat * seconds, tz=now.tzinfo)


def _pause_between_counts(rows: int) -> timedelta:
    wish = timedelta(seconds=rows / ROWS_A_SECOND)
    return min(max(wish, RECOUNT_AFTER), RECOUNT_AT_LEAST_EVERY)


class Recounts:
    """Has runs counted for a sender that tells of hundreds of waves: now and then, and once more
    at its end, so that what came after the last count is counted, too."""

    def __init__(self) -> None:
        self._moved: set[UUID] = set()
        self._next_at = 0.0

    def soon(self, stream_ids: Iterable[UUID]) -> None:
        """As `recount_soon`, in the current transaction, or later."""
        self._moved.update(stream_ids)
        if self._moved and time.monotonic() >= self._next_at:
            first = recount_soon(self._moved)
            self._next_at = time.monotonic() + first.total_seconds()

    def finish(self, *, is_over: bool) -> None:
        """The sender has told everything; needs a transaction.

        Args:
            is_over: and nobody goes on where it ends.
        """
        if self._moved:
            recount_soon(self._moved, is_over=is_over)
