"""Whether a connection may send: stopped by the provider, paused by people or by a throttle.

Every change is one conditional UPDATE, so workers may report the same refusal at once and it is
told once. The instance that is handed in is not changed.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
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
# How long a number that cannot reach its provider waits, longer each time it fails again.
BACKOFF_SECONDS = (1, 2, 5, 10, 30, 60)
JITTER = 0.2
# A canary whose answer never comes holds the others back for so long at most.
PROBE_PATIENCE = timedelta(seconds=40)


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
def throttle(
    connection: Connection, code: str, detail: str, until: datetime, *, probes: bool = False
) -> bool:
    """The provider asks us to slow down: everything of this number waits until then.

    A pause that lasts longer (or has no end) stays as it is; False then.

    Args:
        probes: afterwards a single message goes first (`elect_canary`).
    """
    is_shorter = Q(state=ACTIVE) | Q(state=PAUSED, paused_until__lt=until)
    canary = {"is_probing": True, "probe_until": None} if probes else {}
    changed = (
        _alive(connection)
        .filter(is_shorter)
        .update(
            state=PAUSED,
            state_code=code[:48],
            state_detail=detail[:500],
            paused_until=until,
            **canary,
        )
    )
    if changed:
        _wait_until(connection, code, until)
    return bool(changed)


@transaction.atomic
def trip(connection: Connection, code: str, detail: str) -> bool:
    """The provider cannot be reached: wait, longer with each time in a row, and then let a single
    message go first (`elect_canary`). False when the number is paused or stopped already.
    """
    now = timezone.now()
    may_send = Q(state=ACTIVE) | Q(state=PAUSED, paused_until__lte=now)
    row = _alive(connection).filter(may_send).select_for_update().only("trips").first()
    if row is None:
        return False
    seconds = BACKOFF_SECONDS[min(row.trips, len(BACKOFF_SECONDS) - 1)]
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 -- not for secrets
    until = now + timedelta(seconds=seconds * spread)
    _alive(connection).update(
        state=PAUSED,
        state_code=code[:48],
        state_detail=detail[:500],
        paused_until=until,
        trips=F("trips") + 1,
        is_probing=True,
        probe_until=None,
    )
    _wait_until(connection, code, until)
    return True


def elect_canary(connection_id: UUID, *, again: bool = False) -> bool:
    """After a breaker's pause: may the caller send the one message that goes first?

    Args:
        again: the caller's own canary came back without a verdict; it may send another.
    """
    now = timezone.now()
    rows = Connection.objects.filter(pk=connection_id, is_probing=True)
    if not again:
        rows = rows.filter(Q(probe_until=None) | Q(probe_until__lt=now))
    return bool(rows.update(probe_until=now + PROBE_PATIENCE))


def release_canary(connection_id: UUID) -> None:
    """The canary did not leave, or said nothing: somebody else may send the next one."""
    Connection.objects.filter(pk=connection_id, is_probing=True).update(probe_until=None)


def recover(connection_id: UUID) -> bool:
    """The canary was accepted: everything may go again. False when nothing was probed."""
    rows = Connection.objects.filter(pk=connection_id, is_probing=True)
    return bool(rows.update(is_probing=False, probe_until=None, trips=0))


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


def _wait_until(connection: Connection, code: str, until: datetime) -> None:
    agenda.append(RESUME, str(connection.pk), until)
    if until - timezone.now() > WORTH_TELLING:
        publish(
            ConnectionPaused(
                connection_id=connection.pk,
                name=connection.name,
                code=code,
                until=until.isoformat(),
            )
        )


def _free(rows: QuerySet[Connection]) -> int:
    return rows.update(state=ACTIVE, state_code="", state_detail="", paused_until=None)


def _alive(connection: Connection) -> QuerySet[Connection]:
    return Connection.objects.filter(pk=connection.pk, deleted_at=None)
