"""Taking what is due at a company's endpoints, and saying so before the first byte leaves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core import statements
from webhooks.endpoints import schedule
from webhooks.endpoints.enums import DispatchState, Failure
from webhooks.endpoints.models import Dispatch, Endpoint, WebhookEvent
from webhooks.endpoints.services import recording

# The endpoints' rows are the locks under which places are counted: two senders never take more
# together than one may. Somebody who holds one of them keeps its neighbours from nothing.
_LOCK = f"""
    SELECT {statements.columns(Endpoint, "e")}, EXISTS (
        SELECT FROM endpoints_dispatch d
        WHERE d.endpoint_id = e.id AND d.state = 'sending' AND d.due_at <= %(now)s)
    FROM endpoints_endpoint e
    WHERE e.deleted_at IS NULL AND (e.rests_until IS NULL OR e.rests_until <= %(now)s)
      AND EXISTS (
        SELECT FROM endpoints_dispatch d
        WHERE d.endpoint_id = e.id AND d.state IN ('pending', 'waiting', 'sending')
          AND d.due_at <= %(now)s)
    ORDER BY e.id FOR NO KEY UPDATE SKIP LOCKED
"""  # noqa: S608 -- columns of ours
# Of each endpoint what is due first, as far as its places are free; of them all what is due first.
_TAKE = f"""
    WITH due AS MATERIALIZED (
        SELECT one.id FROM endpoints_endpoint e
        CROSS JOIN LATERAL (
            SELECT d.id, d.due_at FROM endpoints_dispatch d
            JOIN endpoints_webhookevent w ON w.id = d.event_id
            WHERE d.endpoint_id = e.id AND d.state IN ('pending', 'waiting')
              AND d.due_at <= %(now)s AND (e.state = 'active' OR w.is_test)
            ORDER BY d.due_at, d.id
            LIMIT (
                SELECT CASE WHEN min(s.due_at) <= %(slow)s THEN 0
                            ELSE greatest(%(at_once)s - count(*), 0) END
                FROM endpoints_dispatch s
                WHERE s.endpoint_id = e.id AND s.state = 'sending')
            FOR UPDATE OF d SKIP LOCKED) one
        WHERE e.id = ANY(%(endpoints)s)
        ORDER BY one.due_at, one.id LIMIT %(room)s),
    taken AS (
        UPDATE endpoints_dispatch d
        SET state = 'sending', due_at = %(lease_until)s, attempts = attempts + 1
        FROM due WHERE d.id = due.id
        RETURNING d.*)
    SELECT {statements.columns(Dispatch, "taken")}, {statements.columns(WebhookEvent, "w")}
    FROM taken JOIN endpoints_webhookevent w ON w.id = taken.event_id
    ORDER BY taken.id
"""  # noqa: S608 -- columns of ours


@transaction.atomic
def claim(room: int) -> list[Dispatch]:
    """Take up to so many of what is due at all endpoints together, each with its endpoint and
    event at hand. They are ours until their lease ends."""
    if room <= 0:
        return []
    now = timezone.now()
    endpoints = _locked(now)
    if not endpoints:
        return []
    taken = _taken(endpoints, room, now)
    _cancel(one.pk for one in taken if not one.event.body)
    return [one for one in taken if one.event.body]


def _locked(now: datetime) -> Mapping[UUID, Endpoint]:
    """Endpoints at which something is due, ours until the commit. What the dead left is given up
    first, so that their places are free."""
    width = len(Endpoint._meta.concrete_fields)
    found: dict[UUID, Endpoint] = {}
    abandoned = []
    for row in statements.run(_LOCK, now=now):
        endpoint = statements.instance(Endpoint, row)
        found[endpoint.pk] = endpoint
        if row[width]:
            abandoned.append(endpoint)
    if abandoned:
        recording.give_up(abandoned)
    return found


def _taken(endpoints: Mapping[UUID, Endpoint], room: int, now: datetime) -> list[Dispatch]:
    width = len(Dispatch._meta.concrete_fields)
    taken = []
    for row in statements.run(
        _TAKE,
        endpoints=list(endpoints),
        at_once=schedule.AT_ONCE,
        room=room,
        now=now,
        lease_until=now + schedule.LEASE,
        slow=schedule.slow_lease(now),
    ):
        dispatch = statements.instance(Dispatch, row)
        dispatch.event = statements.instance(WebhookEvent, row[width:])
        dispatch.endpoint = endpoints[dispatch.endpoint_id]
        taken.append(dispatch)
    return taken


def _cancel(ids: Iterable[UUID]) -> None:
    """Whom they name was erased between two looks: there is nothing to send."""
    emptied: Collection[UUID] = list(ids)
    if emptied:
        Dispatch.objects.filter(pk__in=emptied).update(
            state=DispatchState.CANCELLED,
            failure=Failure.ERASED,
            finished_at=timezone.now(),
            attempts=F("attempts") - 1,
        )
