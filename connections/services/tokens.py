"""Access tokens end: people hear of it fourteen, seven and one day ahead, and the number stops
just before the end, so that its campaigns pause with their audience untouched.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connections.agenda import TOKEN
from connections.enums import ConnectionState
from connections.events import TokenExpiring
from connections.models import Connection
from connections.providers.base import TOKEN_EXPIRED
from connections.services import states
from core import agenda
from events.bus import publish

WARN_DAYS = (14, 7, 1)
# What is on the wire in the last minutes of a token would be refused.
STOP_BEFORE = timedelta(minutes=5)


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Connections whose token ends, with the time of the next warning or of the end."""
    rows = _watched() if key is None else _watched().filter(pk=key)
    found = rows.values_list("pk", "token_expires_at", "config")
    return [(str(pk), _next(ends, _told(config, ends))) for pk, ends, config in found if ends]


@transaction.atomic
def watch(connection_id: UUID) -> None:
    """The agenda's look at a token: warn if a step was reached, stop at the end, look again."""
    row = _watched().select_for_update().filter(pk=connection_id).first()
    if row is None or row.token_expires_at is None:
        return
    now, ends = timezone.now(), row.token_expires_at
    if ends - STOP_BEFORE <= now:
        states.stop(row, TOKEN_EXPIRED)
        return
    told, reached = _told(row.config, ends), _reached(ends - now)
    if reached is not None and (told is None or reached < told):
        _warn(row, ends, reached)
        told = reached
    agenda.append(TOKEN, str(row.pk), _next(ends, told))


def _watched() -> QuerySet[Connection]:
    return Connection.objects.filter(deleted_at=None, token_expires_at__isnull=False).exclude(
        state=ConnectionState.STOPPED
    )


def _warn(row: Connection, ends: datetime, days: int) -> None:
    """Once for each step and token; a renewed token begins anew."""
    row.config = {**row.config, "token_warned": {"ends": ends.isoformat(), "days": days}}
    row.save(update_fields=["config"])
    publish(
        TokenExpiring(connection_id=row.pk, name=row.name, days=days, expires_at=ends.isoformat())
    )


def _next(ends: datetime, told: int | None) -> datetime:
    """The earliest step that was not told yet, else the end."""
    steps = [days for days in WARN_DAYS if told is None or days < told]
    return min([*(ends - timedelta(days=days) for days in steps), ends - STOP_BEFORE])


def _reached(left: timedelta) -> int | None:
    """The latest step that lies behind us."""
    return min((days for days in WARN_DAYS if left <= timedelta(days=days)), default=None)


def _told(config: dict[str, dict[str, str]], ends: datetime) -> int | None:
    """The last step that was told of this very token."""
    told = config.get("token_warned") or {}
    return int(told["days"]) if told.get("ends") == ends.isoformat() else None
