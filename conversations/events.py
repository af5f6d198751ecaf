"""Facts of the inbox."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ConversationOpened(Fact):
    """A thread came into the inbox, or came back after it was resolved."""

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
    """It is somebody's, or nobody's (`member_id` null)."""

    type: ClassVar[str] = "conversation.assigned"
    conversation_id: UUID
    member_id: UUID | None
