"""Failures that the provider tells afterwards: another attempt on the same row, or the end of it.

What is worth another attempt is the same as for a refusal at once; only that this attempt was
used up, so the next one has a number and an opaque value of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection as database

from connections.models import Connection
from connections.providers.base import FailureClass, SendError
from connections.services import states
from core import agenda
from events import bus
from messaging.agenda import PUMP, REPLY
from messaging.delivery import Change, Line
from messaging.dispatch import outcomes
from messaging.enums import StreamState
from messaging.events import TemplateRefused

# The message was all right: the number, the account or the moment was not.
_OF_THE_CONNECTION = (FailureClass.THROTTLED, FailureClass.AUTH)
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
    """What the failures mean beyond their rows: the number, the template, when to send again."""
    if not setbacks:
        return
    _trouble_the_connection(connection, setbacks)
    _trouble_templates(connection, setbacks)
    for kind, due_at in _wake_ups(setbacks).items():
        agenda.append(kind, str(connection.pk), due_at)


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


def _trouble_the_connection(connection: Connection, setbacks: Sequence[Setback]) -> None:
    """Stop or slow down the number, as when it is refused at once."""
    for item in setbacks:
        error, due_at = item.error, item.change.due_at
        if error.klass == FailureClass.AUTH:
            states.stop(connection, error.code, error.detail)
        elif error.klass == FailureClass.THROTTLED and due_at is not None:
            states.throttle(connection, error.code, error.detail, due_at)


def _trouble_templates(connection: Connection, setbacks: Sequence[Setback]) -> None:
    """One fact for each template that the provider refused, with the runs that used it."""
    refused: dict[UUID, list[Setback]] = {}
    for item in setbacks:
        template_id = item.change.row.template_id
        if item.error.klass == FailureClass.TEMPLATE and template_id is not None:
            refused.setdefault(template_id, []).append(item)
    for template_id, group in refused.items():
        streams = {pk for item in group if (pk := item.change.row.stream_id) is not None}
        bus.publish(
            TemplateRefused(
                template_id=template_id,
                connection_id=connection.pk,
                stream_ids=sorted(streams),
                code=group[0].error.code,
                detail=group[0].error.detail,
            )
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
