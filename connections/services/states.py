"""Whether a connection may send: stopped by the provider, paused by people or by a throttle.

Every change is one conditional UPDATE, so workers may report the same refusal at once and it is
told once. The instance that is handed in is not changed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from connections.agenda import RESUME
from connections.enums import ConnectionState
from connections.events import ConnectionPaused, ConnectionResumed, ConnectionStopped
from connections.models import Connection
from core import agenda
from events.bus import publish

ACTIVE, PAUSED, STOPPED = ConnectionState.ACTIVE, ConnectionState.PAUSED, ConnectionState.STOPPED
# Shorter throttles come and go many times in a large campaign: they are shown, not told.
WORTH_TELLING = timedelta(minutes=1)


@transaction.atomic
def stop(connection: Connection, code: str, detail: str = "") -> bool:
    """The provider refuses us: nothing leaves until somebody acts. False when it was so before."""
    changed = (
        _alive(connection)
        .exclude(state=STOPPED)
        .update(state=STOPPED, state_code=code[:48], state_detail=detail[:500], paused_until=None)
    )
    if changed:
        publish(
            ConnectionStopped(
                connection_id=connection.pk, name=connection.name, code=code, detail=detail
            )
        )
    return bool(changed)


@transaction.atomic
def throttle(connection: Connection, code: str, detail: str, until: datetime) -> bool:
    """The provider asks us to slow down: everything of this number waits until then.

    A pause that lasts longer (or has no end) stays as it is; False then.
    """
    is_shorter = Q(state=ACTIVE) | Q(state=PAUSED, paused_until__lt=until)
    changed = (
        _alive(connection)
        .filter(is_shorter)
        .update(state=PAUSED, state_code=code[:48], state_detail=detail[:500], paused_until=until)
    )
    if changed:
        agenda.append(RESUME, str(connection.pk), until)
    if changed and until - timezone.now() > WORTH_TELLING:
        publish(
            ConnectionPaused(
                connection_id=connection.pk,
                name=connection.name,
                code=code,
                until=until.isoformat(),
            )
        )
    return bool(changed)


@transaction.atomic
def pause(connection: Connection, *, actor: str = "system") -> bool:
    """Somebody pauses the number until somebody resumes it. False when it is stopped anyway."""
    changed = (
        _alive(connection)
        .exclude(state=STOPPED)
        .update(state=PAUSED, state_code="", state_detail="", paused_until=None)
    )
    if changed:
        fact = ConnectionPaused(
            connection_id=connection.pk, name=connection.name, code="", until=""
        )
        publish(fact, actor=actor)
    return bool(changed)


@transaction.atomic
def resume(connection: Connection, *, actor: str = "system") -> bool:
    """It may send again, whatever held it. False when nothing did."""
    changed = _free(_alive(connection).exclude(state=ACTIVE))
    if changed:
        publish(ConnectionResumed(connection_id=connection.pk, name=connection.name), actor=actor)
    return bool(changed)


def resume_due(connection_id: UUID) -> None:
    """End a throttle whose time is over; the rows that waited for it are due by themselves."""
    rows = Connection.objects.filter(pk=connection_id)
    _free(rows.filter(state=PAUSED, paused_until__lte=timezone.now()))


def _free(rows: QuerySet[Connection]) -> int:
    return rows.update(state=ACTIVE, state_code="", state_detail="", paused_until=None)


def _alive(connection: Connection) -> QuerySet[Connection]:
    return Connection.objects.filter(pk=connection.pk, deleted_at=None)
