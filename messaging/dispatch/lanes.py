"""The lanes of a connection: runs (campaigns), and messages of no run (answers, API sends)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from messaging.agenda import PUMP, PUMP_BESIDE, REPLY
from messaging.dispatch import allowances


@dataclass(frozen=True, slots=True)
class Lane:
    """Which messages of a connection a slice takes, and how much of the rate it may use up.

    Attributes:
        kind: the agenda's kind that pumps it.
        reserve: the share of the connection's burst that it leaves to others: a run never takes
            the token that an answer is waiting for.
        is_exclusive: one slice at a time for each connection, so that at most one wave leaves
            after a pause; answers need no such promise.
    """

    kind: str
    of_streams: bool
    reserve: float
    is_exclusive: bool


RUNS = Lane(kind=PUMP, of_streams=True, reserve=0.2, is_exclusive=True)
# The fastest numbers' second slice. Its queue is another process's, where there are two: threads
# of one Python process would wait for each other.
BESIDE = Lane(kind=PUMP_BESIDE, of_streams=True, reserve=0.2, is_exclusive=True)
REPLIES = Lane(kind=REPLY, of_streams=False, reserve=0.0, is_exclusive=False)


# One look into the index for each running stream and number, however many rows wait there.
_DUE_IN_STREAMS = """
    SELECT c.id, s.id, s.rate_per_minute,
           greatest(first.due_at, c.paused_until, CASE WHEN c.is_probing THEN c.probe_until END,
                    CASE WHEN s.is_probing THEN s.probe_until END)
    FROM messaging_stream s CROSS JOIN connections_connection c
    CROSS JOIN LATERAL (
        SELECT m.due_at FROM messaging_message m
        WHERE m.stream_id = s.id AND m.connection_id = c.id
          AND m.dispatch IN ('planned', 'queued', 'retry_wait')
        ORDER BY m.due_at LIMIT 1) first
    WHERE s.state = 'running' AND (s.expires_at IS NULL OR s.expires_at > %(now)s)
      AND {able}
"""
# Messages of no run all have one priority: the index's first is the earliest.
_DUE_ALONE = """
    SELECT c.id, NULL::uuid, NULL::int,
           greatest(first.due_at, c.paused_until, CASE WHEN c.is_probing THEN c.probe_until END)
    FROM connections_connection c
    CROSS JOIN LATERAL (
        SELECT m.due_at FROM messaging_message m
        WHERE m.connection_id = c.id AND m.stream_id IS NULL
          AND m.dispatch IN ('planned', 'queued', 'retry_wait')
          AND (m.expires_at IS NULL OR m.expires_at > %(now)s)
        ORDER BY m.priority, m.due_at LIMIT 1) first
    WHERE {able}
"""
_ABLE = """
    c.deleted_at IS NULL AND (%(key)s::uuid IS NULL OR c.id = %(key)s)
    AND (c.state = 'active' OR (c.state = 'paused' AND c.paused_until IS NOT NULL))
"""


def due(lane: Lane, key: str | None) -> Iterable[tuple[str, datetime]]:
    """Connections with claimable messages, each with the time of the first (agenda's selector).

    A connection that is stopped, or paused without an end, has nothing due: the fact that ends it
    wakes the sender. A paused one is due when its pause ends, a run that keeps a pace when it may
    go on, and what waits for a canary when that must be back.
    """
    now = timezone.now()
    statement = _DUE_IN_STREAMS if lane.of_streams else _DUE_ALONE
    with connection.cursor() as cursor:
        cursor.execute(statement.format(able=_ABLE), {"now": now, "key": key})
        rows = cursor.fetchall()
    first: dict[str, datetime] = {}
    for connection_id, stream_id, rate, due_at in rows:
        at = max(due_at, now)
        if rate is not None:
            at = max(at, now + allowances.next_turn(stream_id, rate))
        known = first.get(str(connection_id), at)
        first[str(connection_id)] = min(known, at)
    return list(first.items())
