"""Failures that the provider tells afterwards: another attempt on the same row, or the end of it.

What is worth another attempt is the same as for a refusal at once; only that this attempt was
used up, so the next one has a number and an opaque value of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection as database
from django.db import transaction

from connections.models import Connection
from connections.providers.base import FailureClass, SendError
from connections.selectors import provider_of
from core import agenda
from crm.enums import Channel
from messaging.agenda import PUMP, REPLY
from messaging.delivery import Change, Line
from messaging.dispatch import outcomes
from messaging.enums import StreamState
from messaging.gate_checks import sms
from messaging.services import breakers

# The message was all right: the number, the account or the moment was not.
_OF_THE_CONNECTION = (FailureClass.THROTTLED, FailureClass.PACED, FailureClass.AUTH)
# Shared with the sender's waves: a cancel waits for us, or we see it.
_STREAMS = """
    SELECT id, state, expires_at FROM messaging_stream WHERE id = ANY(%s) ORDER BY id FOR SHARE
"""


@dataclass(frozen=True, slots=True)
class Setback:
    """A message that failed after it was accepted, and what will be written of it."""

    change: Change
    line: Line

    @property
    def error(self) -> SendError:
        """The failure as if it had been told at once."""
        told = self.line.told
        klass = told.klass or FailureClass.REJECTED
        return SendError(klass, told.code[:48], told.detail, told.retry_after)


def decide(setbacks: Sequence[Setback], now: datetime) -> None:
    """Have each row leave again if that makes sense and there is time for it; else it has failed.

    A run that has ended (completed or cancelled) sends nothing any more.
    """
    runs = _runs({item.change.row.stream_id for item in setbacks} - {None})
    for item in setbacks:
        row = item.change.row
        due_at = now + outcomes.wait_of(item.error, item.line.attempt)
        state, run_ends_at = runs.get(row.stream_id, (None, None))
        ends = [at for at in (row.expires_at, run_ends_at) if at is not None]
        in_time = all(due_at < at for at in ends) and state != StreamState.CLOSED
        if in_time and _is_worth_it(item):
            item.change.requeue(item.line, due_at)
        else:
            item.change.fail(item.line)


def follow(connection: Connection, setbacks: Sequence[Setback]) -> None:
    """Have senders woken when rows may leave again, and the breakers heed what the failures say of
    the number, the template and the run, once this transaction has committed. An SMS that did not
    arrive may be said again."""
    if not setbacks:
        return
    if provider_of(connection).channel == Channel.SMS:
        sms.release([item.change.row.id for item in setbacks])
    for kind, due_at in _wake_ups(setbacks).items():
        agenda.append(kind, str(connection.pk), due_at)
    troubles = [_trouble(item) for item in setbacks]
    transaction.on_commit(
        partial(breakers.heed, connection=connection, troubles=troubles), robust=True
    )


def _is_worth_it(item: Setback) -> bool:
    klass = item.error.klass
    return item.line.attempt < outcomes.MAX_ATTEMPTS and (
        klass == FailureClass.RETRYABLE
        or klass in _OF_THE_CONNECTION
        or (klass == FailureClass.TEMPLATE and item.change.row.stream_id is not None)
    )


def _runs(stream_ids: Iterable[UUID | None]) -> dict[UUID | None, tuple[str, datetime | None]]:
    wanted = list(stream_ids)
    if not wanted:
        return {}
    with database.cursor() as cursor:
        cursor.execute(_STREAMS, [wanted])
        return {pk: (state, expires_at) for pk, state, expires_at in cursor.fetchall()}


def _trouble(item: Setback) -> breakers.Trouble:
    error, row = item.error, item.change.row
    return breakers.Trouble(
        klass=error.klass,
        code=error.code,
        detail=error.detail,
        until=item.change.due_at,
        template_id=row.template_id,
        stream_id=row.stream_id,
    )


def _wake_ups(setbacks: Sequence[Setback]) -> dict[str, datetime]:
    """When the first of each lane may leave again."""
    found: dict[str, datetime] = {}
    for item in setbacks:
        due_at = item.change.due_at
        if due_at is not None:
            lane = REPLY if item.change.row.stream_id is None else PUMP
            found[lane] = min(found.get(lane, due_at), due_at)
    return found
