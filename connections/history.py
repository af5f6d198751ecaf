"""How a number's condition changed: written when something of it changes, read as days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise

from connections.enums import ConnectionState, Quality
from connections.health import tier_label
from connections.models import Connection, HealthReading
from connections.providers.base import Explanation
from connections.selectors import explain

DAYS = 30
SHOWN = 50
_WORST_FIRST = (Quality.RED, Quality.YELLOW, Quality.GREEN, Quality.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a number: its worst quality, and whether it stood still at some time."""

    on: date
    quality: Quality
    was_stopped: bool

    @property
    def label(self) -> str:
        """The quality in words."""
        return str(self.quality.label)


@dataclass(frozen=True, slots=True)
class Change:
    """A reading as people read it."""

    reading: HealthReading
    reason: Explanation | None
    tier: str | Promise


def write(connection_id: UUID) -> None:
    """Keep a reading if the condition differs from the last one."""
    connection = Connection.objects.get(pk=connection_id)
    now = {
        "state": connection.state,
        "state_code": connection.state_code,
        "quality": connection.quality,
        "tier": connection.tier,
    }
    last = readings(connection_id, 1)
    if last and all(getattr(last[0], name) == value for name, value in now.items()):
        return
    HealthReading.objects.create(connection=connection, **now)


def readings(connection_id: UUID, limit: int = SHOWN) -> list[HealthReading]:
    """The latest readings, newest first."""
    rows = HealthReading.objects.filter(connection_id=connection_id)
    return list(rows.order_by("-at", "-pk")[:limit])


def changes(connection: Connection) -> list[Change]:
    """The latest changes of a number, newest first."""
    return [
        Change(
            reading=row,
            reason=explain(connection.provider, row.state_code) if row.state_code else None,
            tier=tier_label(row.tier),
        )
        for row in readings(connection.pk)
    ]


def days(connection_id: UUID) -> list[Day]:
    """The last thirty days in the company's zone, oldest first; days before the first reading are
    left out. A day without a change carries the last reading on."""
    today = timezone.localdate()
    begin = today - timedelta(days=DAYS - 1)
    rows = HealthReading.objects.filter(connection_id=connection_id).order_by("at", "pk")
    by_day: dict[date, list[HealthReading]] = {}
    standing: HealthReading | None = None
    for row in rows:
        on = _day(row.at)
        if on < begin:
            standing = row
        else:
            by_day.setdefault(on, []).append(row)
    found = []
    for on in (begin + timedelta(days=number) for number in range(DAYS)):
        seen = [*([standing] if standing else []), *by_day.get(on, [])]
        if seen:
            found.append(_folded(on, seen))
            standing = seen[-1]
    return found


def _folded(on: date, seen: Iterable[HealthReading]) -> Day:
    rows = list(seen)
    qualities = {row.quality for row in rows}
    worst = next(quality for quality in _WORST_FIRST if quality in qualities)
    return Day(on, worst, any(row.state == ConnectionState.STOPPED for row in rows))


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()
