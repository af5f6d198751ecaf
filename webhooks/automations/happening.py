"""An event as automations see it: what happened, to whom, and what other events are about the same.

Who is meant stands in the event's data under one of a few names, whatever app told it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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
        [found] = contacts_of([self])
        return found

    @property
    def order_id(self) -> str:
        """The order that it is about, empty without one."""
        return str(self.data.get("order_id") or "")[:180]

    def correlation(self, contact_id: UUID | None) -> str:
        """What ties it to other events: its order, else the contact; empty without either."""
        if self.order_id:
            return f"order:{self.order_id}"
        return f"contact:{contact_id}" if contact_id else ""


def contacts_of(happenings: Sequence[Happening]) -> list[list[UUID]]:
    """Of each, whom it is about; one query for all that name a conversation alone."""
    named = [_named(one.data) for one in happenings]
    talks = [
        None if people is not None else uuid_of(str(one.data.get("conversation_id") or ""))
        for one, people in zip(happenings, named, strict=True)
    ]
    wanted = {pk for pk in talks if pk is not None}
    rows = Conversation.objects.filter(pk__in=wanted).values_list("pk", "contact_id")
    partners = dict(rows) if wanted else {}
    return [
        people if people is not None else [partners[talk]] if talk in partners else []
        for people, talk in zip(named, talks, strict=True)
    ]


def _named(data: Mapping[str, Any]) -> list[UUID] | None:
    """Contacts that stand in the data; None where they do not."""
    named = data.get("contact_id") or data.get("contact")
    if named:
        return _uuids([named])
    many = data.get("contacts")
    return _uuids(many) if isinstance(many, list) else None


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
