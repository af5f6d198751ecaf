"""Due work of connections: what its kinds are called and what the rows say is outstanding."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from connections.enums import ConnectionState
from connections.models import Connection

RESUME = "connections.resume"  # key: a connection; its throttle ends
CHECK = "connections.check"  # key: a connection; ask the provider how the number is doing

TOKEN = "connections.token"  # noqa: S105 -- key: a connection; its token comes nearer to its end

CHECK_EVERY = timedelta(hours=12)


def throttled(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Connections whose pause has an end, with that end."""
    rows = _alive(key).filter(state=ConnectionState.PAUSED, paused_until__isnull=False)
    return [(str(pk), until) for pk, until in rows.values_list("pk", "paused_until") if until]


def to_check(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Every connection, with the time of its next look."""
    rows = _alive(key).values_list("pk", "checked_at")
    now = timezone.now()
    return [(str(pk), at + CHECK_EVERY if at else now) for pk, at in rows]


def _alive(key: str | None) -> QuerySet[Connection]:
    rows = Connection.objects.filter(deleted_at=None)
    return rows.filter(pk=key) if key is not None else rows
