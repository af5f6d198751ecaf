"""The two lanes of a connection: runs (campaigns), and messages of no run (answers, API sends)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Min, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from connections.enums import ConnectionState
from messaging.agenda import PUMP, REPLY
from messaging.enums import CLAIMABLE, StreamState
from messaging.models import Message


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
REPLIES = Lane(kind=REPLY, of_streams=False, reserve=0.0, is_exclusive=False)


def due(lane: Lane, key: str | None) -> Iterable[tuple[str, datetime]]:
    """Connections with claimable messages, each with the time of the first (agenda's selector).

    A connection that is stopped, or paused without an end, has nothing due: the fact that ends it
    wakes the sender. A paused one is due when its pause ends.
    """
    able = Q(connection__state=ConnectionState.ACTIVE) | Q(
        connection__state=ConnectionState.PAUSED, connection__paused_until__isnull=False
    )
    rows = Message.objects.filter(
        able,
        dispatch__in=CLAIMABLE,
        stream__isnull=not lane.of_streams,
        connection__deleted_at=None,
    )
    if lane.of_streams:
        rows = rows.filter(stream__state=StreamState.RUNNING)
    if key is not None:
        rows = rows.filter(connection_id=key)
    first = (
        rows.order_by()
        .values("connection_id")
        .annotate(first=Min("due_at"), until=F("connection__paused_until"))
        .annotate(at=Greatest("first", "until"))
        .values_list("connection_id", "at")
    )
    now = timezone.now()
    return [(str(connection_id), max(at, now)) for connection_id, at in first]
