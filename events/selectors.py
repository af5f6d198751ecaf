"""Reads of incidents."""

from collections.abc import Iterable
from dataclasses import dataclass

from events.incidents import KINDS, Kind
from events.models import Incident

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Trouble:
    """An incident as people read it."""

    incident: Incident
    kind: Kind

    @property
    def sentence(self) -> str:
        return self.kind.sentence(self.incident.data)


def open_incidents() -> list[Trouble]:
    """What is in trouble now, the latest first."""
    return _shown(Incident.objects.filter(closed_at=None).order_by("-opened_at", "-id")[:SHOWN])


def past_incidents() -> list[Trouble]:
    """What was mended, the latest first."""
    return _shown(Incident.objects.exclude(closed_at=None).order_by("-opened_at", "-id")[:SHOWN])


def incidents_of(scope: str) -> list[Trouble]:
    """The open and former incidents of one thing, the latest first."""
    return _shown(Incident.objects.filter(scope=scope).order_by("-opened_at", "-id")[:SHOWN])


def _shown(rows: Iterable[Incident]) -> list[Trouble]:
    """A kind that this version no longer knows is left out."""
    return [Trouble(row, KINDS[row.kind]) for row in rows if row.kind in KINDS]
