"""Leases and waits that ran out: what a dead worker left behind, and what nobody ever confirmed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from core import agenda
from messaging import progress
from messaging.agenda import PUMP, REPLY, SWEEP
from messaging.dispatch import evidence
from messaging.enums import CLAIMABLE, POISON_CRASHES, DispatchState
from messaging.gate_checks import sms, tiers
from messaging.models import Message
from messaging.services import expiry, receipts, spending

log = structlog.get_logger(__name__)

BATCH = 1_000
LEASED = (DispatchState.CLAIMED, DispatchState.SENDING)
_NOT_SENT = (DispatchState.UNCONFIRMED, DispatchState.RETRY_WAIT)

# Nothing of a claimed row was on the wire, so it goes back, unless one sender after the other died
# with it. A row that was `sending` keeps its token: should its worker still live, the answer it
# holds is evidence.
_EXPIRE = """
    WITH late AS (
        SELECT id, connection_id FROM messaging_message
        WHERE dispatch IN ('claimed', 'sending') AND lease_until < %(now)s
        ORDER BY lease_until LIMIT %(batch)s FOR UPDATE SKIP LOCKED),
    waits AS (
        SELECT c.id AS connection_id, make_interval(secs => v.seconds) AS evidence
        FROM connections_connection c
        JOIN unnest(%(slugs)s::text[], %(seconds)s::float[]) AS v(slug, seconds)
          ON v.slug = c.provider)
    UPDATE messaging_message m
    SET lease_until = NULL,
        dispatch = CASE WHEN m.dispatch = 'sending' THEN 'unknown'
                        WHEN m.crashes + 1 >= %(poison)s THEN 'rejected' ELSE 'queued' END,
        crashes = CASE m.dispatch WHEN 'claimed' THEN m.crashes + 1 ELSE m.crashes END,
        claim_token = CASE m.dispatch WHEN 'claimed' THEN NULL ELSE m.claim_token END,
        attempt = CASE m.dispatch WHEN 'claimed' THEN greatest(m.attempt - 1, 0) ELSE m.attempt END,
        code = CASE WHEN m.dispatch = 'sending' THEN 'interrupted'
                    WHEN m.crashes + 1 >= %(poison)s THEN 'quarantined' ELSE m.code END,
        due_at = CASE WHEN m.dispatch = 'claimed' THEN m.due_at
                      WHEN m.at_least_once THEN least(%(now)s + waits.evidence,
                        %(now)s + greatest(m.expires_at - %(now)s, interval '0') / 2)
                      ELSE %(now)s + waits.evidence END
    FROM late JOIN waits USING (connection_id) WHERE m.id = late.id
    RETURNING m.id, m.thread_id, m.stream_id, m.connection_id, m.dispatch, m.due_at
"""
# Whoever chose to be sent at least once leaves a second time, once: the choice is used up then.
# What its provider can be asked about waits until it was asked.
_GIVE_UP = """
    WITH late AS (
        SELECT m.id, m.at_least_once AND (m.expires_at IS NULL OR m.expires_at > %(now)s) AS again
        FROM messaging_message m
        WHERE m.dispatch = 'unknown' AND m.due_at <= %(now)s
          AND (m.id = ANY(%(unheard)s) OR NOT EXISTS (
            SELECT FROM connections_connection c
            WHERE c.id = m.connection_id AND c.provider = ANY(%(askable)s)))
        ORDER BY m.due_at LIMIT %(batch)s FOR UPDATE OF m SKIP LOCKED)
    UPDATE messaging_message m
    SET dispatch = CASE WHEN late.again THEN 'retry_wait' ELSE 'unconfirmed' END,
        code = CASE WHEN late.again THEN m.code ELSE 'unconfirmed' END,
        due_at = CASE WHEN late.again THEN %(now)s END,
        at_least_once = m.at_least_once AND NOT late.again,
        claim_token = NULL
    FROM late WHERE m.id = late.id
    RETURNING m.id, m.thread_id, m.stream_id, m.connection_id, m.dispatch, m.due_at
"""
# A receipt that came between two commits was put aside although its message is known.
_KNOWN_ORPHANS = """
    SELECT o.connection_id, o.external_id, m.id
    FROM messaging_orphanreceipt o JOIN messaging_message m
      ON m.connection_id = o.connection_id AND m.external_id = o.external_id
    LIMIT %(batch)s
"""


def sweep(_key: str) -> None:
    """The agenda's handler for `messaging.sweep`: see to everything that is late, then say when
    to look again."""
    while _expire_leases() == BATCH:
        pass
    unheard = evidence.ask_due()
    while _give_up_waiting(unheard) == BATCH:
        pass
    expiry.expire_due()
    _retake_orphans()
    receipts.drop_old_orphans()
    with transaction.atomic():
        for key, due_at in due(None):
            agenda.append(SWEEP, key, due_at)


def due(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """When the next lease or wait runs out (the agenda's selector); at most one entry."""
    lease = Message.objects.filter(dispatch__in=LEASED).aggregate(at=Min("lease_until"))["at"]
    wait = Message.objects.filter(dispatch=DispatchState.UNKNOWN).aggregate(at=Min("due_at"))["at"]
    orphans = timezone.now() if _known_orphans(limit=1) else None
    times = [at for at in (lease, wait, orphans) if at is not None]
    # A moment later than the earliest: what runs out together is swept together.
    return [("", min(times) + timedelta(milliseconds=200))] if times else []


def _expire_leases() -> int:
    waits = evidence.waits()
    rows = _swept(_EXPIRE, slugs=list(waits), seconds=list(waits.values()), poison=POISON_CRASHES)
    if rows:
        found = Counter(row[4] for row in rows)
        log.warning(
            "dispatch.leases_expired",
            claimed=found[DispatchState.QUEUED],
            sending=found[DispatchState.UNKNOWN],
            quarantined=found[DispatchState.REJECTED],
        )
    return len(rows)


def _give_up_waiting(unheard: Sequence[UUID]) -> int:
    return len(_swept(_GIVE_UP, unheard=list(unheard), askable=evidence.askable()))


@transaction.atomic
def _swept(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"batch": BATCH, "now": timezone.now(), **values})
        rows = cursor.fetchall()
    _wake_senders(row for row in rows if row[4] in CLAIMABLE)
    # Nobody ever said that these went out; a receipt that comes after all settles its price anew.
    spending.release([row[0] for row in rows if row[4] in _NOT_SENT])
    # What never left uses nothing up.
    quarantined = [row[0] for row in rows if row[4] == DispatchState.REJECTED]
    tiers.release(quarantined)
    sms.release(quarantined)
    progress.tell(
        progress.Progress(
            message, thread, stream, progress.state_of_dispatch(DispatchState(dispatch))
        )
        for message, thread, stream, _, dispatch, _ in rows
        if dispatch != DispatchState.QUEUED
    )
    return rows


@transaction.atomic
def _retake_orphans() -> None:
    by_connection: dict[UUID, dict[str, UUID]] = {}
    for connection_id, external_id, message_id in _known_orphans(limit=BATCH):
        by_connection.setdefault(connection_id, {})[external_id] = message_id
    for connection_id, accepted in by_connection.items():
        receipts.take_up_orphans(connection_id=connection_id, accepted=accepted)


def _known_orphans(*, limit: int) -> list[tuple[UUID, str, UUID]]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN_ORPHANS, {"batch": limit})
        return cursor.fetchall()


def _wake_senders(rows: Iterable[tuple[Any, ...]]) -> None:
    lanes: set[tuple[str, UUID]] = {
        (REPLY if stream is None else PUMP, connection_id)
        for _, _, stream, connection_id, _, _ in rows
    }
    for kind, connection_id in sorted(lanes, key=str):
        agenda.append(kind, str(connection_id))
