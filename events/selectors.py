"""Reads of incidents, of deliveries and of what was given up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from events.dead_letters import counts
from events.enums import DeliveryState, RunState
from events.incidents import KINDS, Kind
from events.models import Delivery, Event, Incident, LetterRun, Replay
from events.traces import TraceRow

SHOWN = 100
_TONES = {
    DeliveryState.PENDING: "info",
    DeliveryState.DONE: "success",
    DeliveryState.DEAD: "danger",
    DeliveryState.DROPPED: "neutral",
}


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


def deliveries_of(events: Sequence[Event]) -> Mapping[UUID, Sequence[TraceRow]]:
    """Which subscribers have heard of these events (`events.traces.add_trace`)."""
    uids = {event.pk: event.uid for event in events}
    found: dict[UUID, list[TraceRow]] = defaultdict(list)
    for row in Delivery.objects.filter(event_id__in=uids).order_by("pk"):
        found[uids[row.event_id]].append(_told(row))
    return found


def letter_count() -> int:
    """How many dead letters there are, in all boxes."""
    return sum(counts().values())


def running_letters() -> list[LetterRun]:
    """What is being tried again or thrown away now, the latest first."""
    return list(LetterRun.objects.filter(state=RunState.RUNNING).order_by("-created_at")[:SHOWN])


def latest_replays() -> list[Replay]:
    """The latest twenty, running ones among them."""
    return list(Replay.objects.order_by("-pk")[:20])


def _told(row: Delivery) -> TraceRow:
    state = DeliveryState(row.state)
    label = str(state.label)
    if row.run:
        label = _("%(state)s · repeated %(count)d times") % {"state": label, "count": row.run}
    return TraceRow(
        title=row.subscriber,
        key=row.subscriber,
        state=label,
        tone=_TONES[state],
        at=row.due_at if state != DeliveryState.DONE else None,
        detail=row.error,
        attempts=row.attempts,
    )
