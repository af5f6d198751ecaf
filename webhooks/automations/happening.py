"""An event as automations see it: what happened, to whom, and what other events are about the same.

Who is meant stands in the event's data under one of a few names, whatever app told it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from conversations.models import Conversation
from core.ids import uuid_of
from events.models import Event
from webhooks.automations.models import Run

_ACTOR = re.compile(r"automation:(?P<id>[0-9a-f-]{36}):(?P<depth>\d{1,3})")


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that automations hear of.

    Attributes:
        depth: how many automations led to it; 0 when a person, a customer or a source did.
    """

    uid: UUID
    type: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    run: int = 0
    depth: int = 0

    @classmethod
    def of(cls, event: Event) -> Happening:
        """The same as the log has it."""
        return cls(
            uid=event.uid,
            type=event.type,
            at=event.occurred_at,
            data=event.data,
            run=event.run,
            depth=depth_of(event.actor),
        )

    @classmethod
    def of_run(cls, run: Run) -> Happening:
        """What a run began with."""
        return cls(
            uid=run.event_uid,
            type=run.event_type,
            at=run.event_at,
            data=run.data,
            run=run.event_run,
            depth=run.depth,
        )

    def contact_ids(self) -> list[UUID]:
        """Whom it is about: one, many (a fact about a batch), or nobody."""
        named = self.data.get("contact_id") or self.data.get("contact")
        if named:
            return _uuids([named])
        many = self.data.get("contacts")
        if isinstance(many, list):
            return _uuids(many)
        talk = uuid_of(str(self.data.get("conversation_id") or ""))
        if talk is None:
            return []
        return list(Conversation.objects.filter(pk=talk).values_list("contact_id", flat=True))

    @property
    def order_id(self) -> str:
        """The order that it is about, empty without one."""
        return str(self.data.get("order_id") or "")[:180]

    def correlation(self, contact_id: UUID | None) -> str:
        """What ties it to other events: its order, else the contact; empty without either."""
        if self.order_id:
            return f"order:{self.order_id}"
        return f"contact:{contact_id}" if contact_id else ""


def actor_of(automation_id: UUID, depth: int) -> str:
    """An automation as events name who caused them, with how many stood before it."""
    return f"automation:{automation_id}:{depth}"


def depth_of(actor: str) -> int:
    """How many automations led to an event of this actor."""
    match = _ACTOR.fullmatch(actor)
    return int(match["depth"]) + 1 if match else 0


def automation_behind(actor: str) -> UUID | None:
    """The automation that an event's actor names, for those who show events."""
    match = _ACTOR.fullmatch(actor)
    return UUID(match["id"]) if match else None


def _uuids(values: Iterable[Any]) -> list[UUID]:
    found = (uuid_of(str(value)) for value in values)
    return list(dict.fromkeys(one for one in found if one is not None))
