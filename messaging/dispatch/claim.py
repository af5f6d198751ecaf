"""Taking messages for a slice, giving them back, and committing a wave to the wire.

Every write after the claim is fenced by the claim's token and the state it expects: a worker that
slept past its lease changes nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import agenda, statements
from messaging.agenda import SWEEP
from messaging.dispatch.allowances import Allowances
from messaging.dispatch.lanes import Lane
from messaging.enums import SUSPECT_CRASHES
from messaging.gate import Candidate, Decision, Verdict
from messaging.pricing import Price


class Claimed(NamedTuple):
    """A message in our hands, as the row was when we took it."""

    id: UUID
    contact_id: UUID
    connection_id: UUID
    thread_id: UUID | None
    stream_id: UUID | None
    kind: str
    template_id: UUID | None
    variables: Mapping[str, Any]
    content: Mapping[str, Any]
    media_id: UUID | None
    reply_to_id: UUID | None
    address: str
    purpose: str
    expires_at: datetime | None  # of a message of no run
    at_least_once: bool
    attempt: int
    send_key: UUID
    segments: int | None

    @property
    def candidate(self) -> Candidate:
        return Candidate(
            id=self.id,
            contact_id=self.contact_id,
            connection_id=self.connection_id,
            address=self.address,
            kind=self.kind,
            purpose=self.purpose,
            template_id=self.template_id,
            stream_id=self.stream_id,
            media_id=self.media_id,
            expires_at=self.expires_at,
            segments=self.segments,
        )


# Of each running stream its own first rows, so that two campaigns of a number share it; then the
# earliest of them all. The outer LIMIT decides; rows locked beyond it are free at the commit.
_DUE_IN_STREAMS = """
    SELECT found.id, found.epoch FROM (
        SELECT one.id, s.epoch, row_number() OVER (PARTITION BY s.id ORDER BY one.due_at, one.id)
               AS place, s.priority
        FROM messaging_stream s
        LEFT JOIN unnest(%(held_back)s::uuid[], %(allowed)s::int[]) AS a(id, allowed) USING (id)
        CROSS JOIN LATERAL (
            SELECT m.id, m.due_at FROM messaging_message m
            WHERE m.stream_id = s.id AND m.connection_id = %(connection)s
              AND m.dispatch IN ('planned', 'queued', 'retry_wait') AND m.due_at <= %(now)s
            ORDER BY m.due_at, m.id LIMIT least(a.allowed, %(limit)s)
            FOR UPDATE SKIP LOCKED) one
        WHERE s.state = 'running' AND (s.expires_at IS NULL OR s.expires_at > %(now)s)) found
    ORDER BY found.priority, found.place LIMIT %(limit)s
"""
_DUE_ALONE = """
    SELECT m.id, 0 AS epoch FROM messaging_message m
    WHERE m.connection_id = %(connection)s AND m.stream_id IS NULL
      AND m.dispatch IN ('planned', 'queued', 'retry_wait') AND m.due_at <= %(now)s
      AND (m.expires_at IS NULL OR m.expires_at > %(now)s)
    ORDER BY m.priority, m.due_at, m.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
_CLAIM = """
    WITH due AS MATERIALIZED ({due}),
    claimed AS (
        UPDATE messaging_message m
        SET dispatch = 'claimed', claim_token = %(token)s, epoch = due.epoch,
            attempt = attempt + 1, lease_until = %(lease_until)s
        FROM due WHERE m.id = due.id
        RETURNING {columns}, m.priority, m.due_at)
    SELECT {known} FROM claimed m
    LEFT JOIN messaging_thread t USING (contact_id, connection_id)
    ORDER BY m.priority, m.due_at, m.id
"""
_GIVE_BACK = """
    UPDATE messaging_message m
    SET dispatch = 'queued', claim_token = NULL, lease_until = NULL,
        attempt = greatest(attempt - 1, 0)
    WHERE m.id = ANY(%(ids)s::uuid[]) AND m.claim_token = %(token)s AND m.dispatch = 'claimed'
"""
_STOP = """
    UPDATE messaging_message m
    SET dispatch = v.dispatch, due_at = coalesce(v.due_at, m.due_at), code = v.code,
        trace = v.trace, claim_token = NULL, lease_until = NULL,
        attempt = greatest(attempt - 1, 0)
    FROM jsonb_to_recordset(%(rows)s::jsonb)
         AS v(id uuid, dispatch text, due_at timestamptz, code text, trace jsonb)
    WHERE m.id = v.id AND m.claim_token = %(token)s AND m.dispatch = 'claimed'
    RETURNING m.id
"""
# The shared lock makes a pause wait for this commit (milliseconds) and this wave see the pause.
_HOLD_STREAMS = """
    SELECT id FROM messaging_stream WHERE id = ANY(%(streams)s) AND state = 'running'
    ORDER BY id FOR SHARE
"""
_BEGIN = """
    UPDATE messaging_message m
    SET dispatch = 'sending', thread_id = coalesce(m.thread_id, v.thread_id),
        cost = v.cost, currency = v.currency,
        at = CASE WHEN m.stream_id IS NULL THEN m.at ELSE %(now)s END,
        wire_at = CASE WHEN m.stream_id IS NULL THEN %(now)s END,
        lease_until = %(lease_until)s
    FROM jsonb_to_recordset(%(rows)s::jsonb)
         AS v(id uuid, thread_id uuid, cost numeric, currency text)
    WHERE m.id = v.id AND m.claim_token = %(token)s AND m.dispatch = 'claimed'
      AND (m.stream_id IS NULL OR EXISTS (
        SELECT FROM messaging_stream s
        WHERE s.id = m.stream_id AND s.state = 'running' AND s.epoch = m.epoch
          AND (s.expires_at IS NULL OR s.expires_at > %(now)s)))
      AND (m.expires_at IS NULL OR m.expires_at > %(now)s)
      AND (%(is_canary)s OR NOT (
        SELECT c.is_probing FROM connections_connection c WHERE c.id = %(connection)s))
    RETURNING m.id
"""
_ANY_SUSPECT = """
    SELECT EXISTS (
        SELECT FROM messaging_message
        WHERE connection_id = %(connection)s AND dispatch IN ('planned', 'queued', 'retry_wait')
          AND crashes >= %(suspect)s AND due_at <= %(now)s)
"""
_RENEW = """
    UPDATE messaging_message SET lease_until = %(lease_until)s
    WHERE id = ANY(%(ids)s::uuid[]) AND claim_token = %(token)s
      AND dispatch IN ('claimed', 'sending')
"""


class Claim:
    """What one slice holds, under one token."""

    def __init__(self, connection_id: UUID, lane: Lane) -> None:
        self.connection_id = connection_id
        self.lane = lane
        self.token = uuid4()
        self.allowances = Allowances(connection_id, of_streams=lane.of_streams)

    def take(self, limit: int, *, in_flight: Collection[UUID | None] = ()) -> list[Claimed]:
        """Claim up to `limit` due messages, the first to go first.

        Who has talked to us at this number has a thread, which the message joins; for the others
        none is made before they answer (`messaging.services.threads`).

        Args:
            in_flight: the run (or None) of each message that is on the wire: where one message
                has to go first, nothing is claimed until it is back.
        """
        allowance = self.allowances.ask(limit, in_flight=in_flight)
        if allowance.total == 0:
            return []
        with transaction.atomic():
            rows = self._run(
                _CLAIMS[self.lane.of_streams],
                connection=self.connection_id,
                limit=allowance.total,
                held_back=list(allowance.of_runs),
                allowed=list(allowance.of_runs.values()),
            )
            if rows:
                # If we die, this row has the sweeper look when the lease is over.
                agenda.append(SWEEP, "", _lease_until(timezone.now()))
        shared: dict[UUID, UUID] = {}
        return [_claimed(list(row), shared) for row in rows]

    def has_suspects(self) -> bool:
        """Whether messages are due that more than one sender died with: one of them may be the
        cause, and whatever is claimed together with it dies with it."""
        [(found,)] = self._run(_ANY_SUSPECT, connection=self.connection_id, suspect=SUSPECT_CRASHES)
        return bool(found)

    def begin(
        self,
        wave: Sequence[Claimed],
        prices: Mapping[UUID, Price] = MappingProxyType({}),
        *,
        at: datetime | None = None,
    ) -> set[UUID]:
        """Mark a wave as being on the wire, in the caller's transaction; returns who may go.

        What each costs is written with it; the caller counts that (`spending.hold`).

        Left out are rows whose run was paused or changed since the claim, what came too late,
        rows that are no longer ours, and everything while another slice's canary is out.
        """
        streams = sorted({item.stream_id for item in wave if item.stream_id is not None})
        if streams:
            self._run(_HOLD_STREAMS, streams=streams)
        began = self._run(
            _BEGIN,
            connection=self.connection_id,
            is_canary=self.allowances.is_canary,
            now=at,
            rows=statements.rows(_starting(item, prices.get(item.id)) for item in wave),
        )
        return {row[0] for row in began}

    def stop(self, verdicts: Mapping[UUID, Verdict]) -> set[UUID]:
        """Skip what the gate denied and put back what it delayed; returns the rows it changed."""
        if not verdicts:
            return set()
        stopped = self._run(
            _STOP,
            rows=statements.rows(_stopping(key, verdict) for key, verdict in verdicts.items()),
        )
        return {row[0] for row in stopped}

    def give_back(self, ids: Collection[UUID]) -> None:
        """Return claimed rows unsent; the attempt does not count."""
        if ids:
            self._run(_GIVE_BACK, ids=list(ids))

    def renew(self, ids: Collection[UUID]) -> None:
        """We live: nobody else may take these yet."""
        if ids:
            self._run(_RENEW, ids=list(ids))

    def _run(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        now = values.pop("now", None) or timezone.now()
        return statements.run(
            statement, token=self.token, now=now, lease_until=_lease_until(now), **values
        )


def _lease_until(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.SEND_LEASE_SECONDS)


def _starting(item: Claimed, price: Price | None) -> dict[str, Any]:
    return {
        "id": item.id,
        "thread_id": item.thread_id,
        "cost": str(price.amount) if price else None,
        "currency": price.currency if price else "",
    }


def _stopping(key: UUID, verdict: Verdict) -> dict[str, Any]:
    return {
        "id": key,
        "dispatch": "skipped" if verdict.decision == Decision.DENY else "queued",
        "due_at": verdict.until,
        "code": verdict.code,
        "trace": verdict.trace,
    }


def _claimed(item: list[Any], shared: dict[UUID, UUID]) -> Claimed:
    """A row as a value; Django has psycopg hand JSON over as text.

    Args:
        shared: ids that many rows have; one object for each makes comparing them cheap.
    """
    for place in _JSON:
        item[place] = orjson.loads(item[place])
    for place in _SHARED:
        item[place] = shared.setdefault(item[place], item[place])
    return Claimed(*item)


_place = Claimed._fields.index
_JSON = (_place("variables"), _place("content"))
_SHARED = (_place("connection_id"), _place("stream_id"), _place("template_id"))


def _known(name: str) -> str:
    if name == "thread_id":
        return "coalesce(m.thread_id, t.id)"
    return name if name in ("contact_id", "connection_id") else f"m.{name}"


_CLAIMS = {
    of_streams: _CLAIM.format(
        due=_DUE_IN_STREAMS if of_streams else _DUE_ALONE,
        columns=", ".join(f"m.{name}" for name in Claimed._fields),
        known=", ".join(_known(name) for name in Claimed._fields),
    )
    for of_streams in (True, False)
}
