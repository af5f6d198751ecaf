"""Facts of the inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from events.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ConversationOpened(Fact):
    """A thread came into the inbox, or back to the open ones after it was put away."""

    type: ClassVar[str] = "conversation.opened"
    conversation_id: UUID
    contact_id: UUID


@dataclass(frozen=True, kw_only=True)
class ConversationResolved(Fact):
    """Somebody was done with it."""

    type: ClassVar[str] = "conversation.resolved"
    conversation_id: UUID
    contact_id: UUID


@dataclass(frozen=True, kw_only=True)
class ConversationAssigned(Fact):
    """It is somebody's, or nobody's (`member_id` null), and a team's, or none's."""

    type: ClassVar[str] = "conversation.assigned"
    conversation_id: UUID
    member_id: UUID | None
    team_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ConversationPending(Fact):
    """The team waits for somebody else."""

    type: ClassVar[str] = "conversation.pending"
    conversation_id: UUID
    contact_id: UUID


@dataclass(frozen=True, kw_only=True)
class ConversationSnoozed(Fact):
    """It rests until a moment, or until the customer writes."""

    type: ClassVar[str] = "conversation.snoozed"
    conversation_id: UUID
    contact_id: UUID
    until: datetime


@dataclass(frozen=True, kw_only=True)
class ConversationPrioritised(Fact):
    """Somebody said how soon it should be looked at (conversations.enums.Priority)."""

    type: ClassVar[str] = "conversation.prioritised"
    conversation_id: UUID
    priority: str


@dataclass(frozen=True, kw_only=True)
class ConversationLabelled(Fact):
    """Labels were put on it or taken off."""

    type: ClassVar[str] = "conversation.labelled"
    conversation_id: UUID
    added: Sequence[UUID]
    removed: Sequence[UUID]


@dataclass(frozen=True, kw_only=True)
class ConversationSlaBreached(Fact):
    """An answer did not come within the time that is promised (`reply`: the first one, or a
    further one; `due_at`: until when it was)."""

    type: ClassVar[str] = "conversation.sla_breached"
    conversation_id: UUID
    contact_id: UUID
    reply: str
    due_at: datetime
    member_id: UUID | None
    team_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class ConversationRated(Fact):
    """A customer said how they were served, from 1 (very bad) to 5 (very good)."""

    type: ClassVar[str] = "conversation.rated"
    conversation_id: UUID
    contact_id: UUID
    rating_id: UUID
    score: int
    member_id: UUID | None
    team_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class BusinessHoursChanged(Fact):
    """The company is there at other hours, or says something else outside them."""

    type: ClassVar[str] = "business_hours.changed"
    is_on: bool


@dataclass(frozen=True, kw_only=True)
class InboxSettingsChanged(Fact):
    """The company works in its inbox in another way (`changed` names the fields)."""

    type: ClassVar[str] = "inbox_settings.changed"
    changed: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ConversationNoted(Fact):
    """The team wrote a note to itself, and called these members."""

    type: ClassVar[str] = "conversation.noted"
    conversation_id: UUID
    message_id: UUID
    member_ids: Sequence[UUID]
