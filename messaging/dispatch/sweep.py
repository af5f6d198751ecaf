"""Leases and waits that ran out: what a dead worker left behind, and what nobody ever confirmed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from core import agenda
from messaging import progress
from messaging.agenda import PUMP, REPLY, SWEEP
from messaging.enums import DispatchState, PublicState
from messaging.models import Message
from messaging.services import receipts

log = structlog.get_logger(__name__)

BATCH = 1_000
LEASED = (DispatchState.CLAIMED, DispatchState.SENDING)

# Nothing of a claimed row was on the wire, so it goes back. A row that was `sending` keeps its
# token: should its worker still live, the answer it holds is evidence.
_EXPIRE = """
    WITH late AS (
        SELECT id FROM messaging_message
        WHERE dispatch IN ('claimed', 'sending') AND lease_until < %(now)s
        ORDER BY lease_until LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
    UPDATE messaging_message m
    SET lease_until = NULL,
        dispatch = CASE m.dispatch WHEN 'claimed' THEN 'queued' ELSE 'unknown' END,
        claim_token = CASE m.dispatch WHEN 'claimed' THEN NULL ELSE m.claim_token END,
        attempt = CASE m.dispatch WHEN 'claimed' THEN greatest(m.attempt - 1, 0) ELSE m.attempt END,
        code = CASE m.dispatch WHEN 'claimed' THEN m.code ELSE 'interrupted' END,
        due_at = CASE m.dispatch WHEN 'claimed' THEN m.due_at
                                 ELSE %(now)s + make_interval(secs => %(wait)s) END
    FROM late WHERE m.id = late.id
    RETURNING m.id, m.thread_id, m.stream_id, m.connection_id, m.dispatch, m.due_at
"""
_GIVE_UP = """
    WITH late AS (
        SELECT id FROM messaging_message WHERE dispatch = 'unknown' AND due_at <= %(now)s
        ORDER BY due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
    UPDATE messaging_message m SET dispatch = 'unconfirmed', code = 'unconfirmed', due_at = NULL,
        claim_token = NULL
    FROM late WHERE m.id = late.id
    RETURNING m.id, m.thread_id, m.stream_id, m.connection_id, m.dispatch, m.due_at
"""


def sweep(_key: str) -> None:
    """The agenda's handler for `messaging.sweep`: see to everything that is late, then say when
    to look again."""
    while _expire_leases() == BATCH:
        pass
    while _give_up_waiting() == BATCH:
        pass
    receipts.drop_old_orphans()
    with transaction.atomic():
        for key, due_at in due(None):
            agenda.append(SWEEP, key, due_at)


def due(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """When the next lease or wait runs out (the agenda's selector); at most one entry."""
    lease = Message.objects.filter(dispatch__in=LEASED).aggregate(at=Min("lease_until"))["at"]
    wait = Message.objects.filter(dispatch=DispatchState.UNKNOWN).aggregate(at=Min("due_at"))["at"]
    times = [at for at in (lease, wait) if at is not None]
    # A moment later than the earliest: what runs out together is swept together.
    return [("", min(times) + timedelta(milliseconds=200))] if times else []


def _expire_leases() -> int:
    rows = _swept(_EXPIRE)
    lost = [row for row in rows if row[4] == DispatchState.UNKNOWN]
    if rows:
        log.warning("dispatch.leases_expired", claimed=len(rows) - len(lost), sending=len(lost))
    return len(rows)


def _give_up_waiting() -> int:
    return len(_swept(_GIVE_UP))


@transaction.atomic
def _swept(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        values = {"wait": settings.UNKNOWN_WAIT_SECONDS, "now": timezone.now()}
        cursor.execute(statement, {"batch": BATCH, **values})
        rows = cursor.fetchall()
    _wake_senders(row for row in rows if row[4] == DispatchState.QUEUED)
    progress.tell(
        progress.Progress(message, thread, stream, PublicState.UNKNOWN)
        for message, thread, stream, _, dispatch, _ in rows
        if dispatch != DispatchState.QUEUED
    )
    return rows


def _wake_senders(rows: Iterable[tuple[Any, ...]]) -> None:
    lanes: set[tuple[str, UUID]] = {
        (REPLY if stream is None else PUMP, connection_id)
        for _, _, stream, connection_id, _, _ in rows
    }
    for kind, connection_id in sorted(lanes, key=str):
        agenda.append(kind, str(connection_id))
