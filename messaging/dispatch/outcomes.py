"""What an answer of the provider means for a row. Pure: no database, no clock but the one given."""

import random
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from connections.providers.base import FailureClass, SendError, SendResult
from messaging.dispatch.claim import Claimed
from messaging.dispatch.wire import Answer
from messaging.enums import DispatchState

MAX_ATTEMPTS = 5
BACKOFF_SECONDS = (2, 10, 30, 120)
JITTER = 0.2
NOT_CONNECTED = "not_connected"
# Proof that nothing was accepted and no fault of the message: the attempt does not count.
_UNCOUNTED = (FailureClass.THROTTLED, FailureClass.PACED, FailureClass.AUTH)


class Outcome(NamedTuple):
    """The change of one row that was `sending`.

    Attributes:
        refund: the attempt does not count (we were throttled, stopped, or never connected).
        klass: why it failed; None when it was accepted.
    """

    id: UUID
    dispatch: DispatchState
    external_id: str | None = None
    address: str | None = None  # what the provider calls the person, when it tells
    code: str = ""
    detail: str = ""
    due_at: datetime | None = None
    refund: bool = False
    klass: FailureClass | None = None

    @property
    def is_lost(self) -> bool:
        """Whether the provider was not reached, or nobody knows if it was."""
        return self.code == NOT_CONNECTED or self.klass == FailureClass.AMBIGUOUS


def judge(item: Claimed, answer: Answer, now: datetime, *, wait_seconds: float) -> Outcome:
    """Decide what becomes of a row by the answer (delivery.md 2.3).

    Args:
        wait_seconds: how long the provider's evidence may take (`dispatch.evidence`).
    """
    result = answer.outcome
    if isinstance(result, SendResult):
        return Outcome(
            item.id, DispatchState.ACCEPTED, external_id=result.external_id, address=result.wa_id
        )
    if result.klass == FailureClass.AMBIGUOUS:
        settles_at = _settles_at(item, now, timedelta(seconds=wait_seconds))
        return _failed(item, result, DispatchState.UNKNOWN, due_at=settles_at)
    if result.klass in _UNCOUNTED or result.code == NOT_CONNECTED:
        return _failed(
            item,
            result,
            DispatchState.RETRY_WAIT,
            due_at=now + wait_of(result, item.attempt),
            refund=True,
        )
    may_retry = result.klass == FailureClass.RETRYABLE or (
        # A run is paused for its template and goes on when that is mended; one message is told.
        result.klass == FailureClass.TEMPLATE and item.stream_id is not None
    )
    if may_retry and item.attempt < MAX_ATTEMPTS:
        due_at = now + wait_of(result, item.attempt)
        return _failed(item, result, DispatchState.RETRY_WAIT, due_at=due_at)
    return _failed(item, result, DispatchState.REJECTED)


def wait_of(error: SendError, attempt: int) -> timedelta:
    """How long to wait before the next attempt: the provider's word, else growing with jitter."""
    if error.retry_after is not None:
        return timedelta(seconds=error.retry_after)
    seconds = BACKOFF_SECONDS[min(max(attempt, 1), len(BACKOFF_SECONDS)) - 1]
    return timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311


def _settles_at(item: Claimed, now: datetime, wait: timedelta) -> datetime:
    """When an unclear send is settled. One that may be sent again waits half of its time at most:
    a code to sign in would be worthless after the whole wait."""
    if item.at_least_once and item.expires_at is not None:
        return min(now + wait, now + max(item.expires_at - now, timedelta()) / 2)
    return now + wait


def _failed(
    item: Claimed,
    error: SendError,
    dispatch: DispatchState,
    *,
    due_at: datetime | None = None,
    refund: bool = False,
) -> Outcome:
    return Outcome(
        item.id,
        dispatch,
        code=error.code[:48],
        detail=error.detail,
        due_at=due_at,
        refund=refund,
        klass=error.klass,
    )
