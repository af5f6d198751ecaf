"""What happens to messages. Batches tell one fact, with ids and states, never one per message."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from events.facts import Fact


@dataclass(frozen=True, kw_only=True)
class MessageReceived(Fact):
    """A person wrote to us; the row, its contact and its thread are there."""

    type: ClassVar[str] = "message.received"

    message_id: UUID
    thread_id: UUID
    contact_id: UUID
    connection_id: UUID
    kind: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MessagesProgressed(Fact):
    """Messages reached another state; `items` are `messaging.progress.Progress` as dictionaries:
    `{"message", "thread" (or null), "stream" (or null), "state"}`, state as the API calls it."""

    type: ClassVar[str] = "messages.progressed"

    items: list[dict[str, Any]]

    def data(self) -> dict[str, Any]:
        """The items are JSON values already; copying hundreds of them deeply is felt at speed."""
        return {"items": self.items}


@dataclass(frozen=True, kw_only=True)
class StreamProgressed(Fact):
    """The counts of a run were taken anew; `counts` is what `messaging.selectors.counts` tells."""

    type: ClassVar[str] = "stream.progressed"

    stream_id: UUID
    counts: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class TemplateRefused(Fact):
    """The provider refuses a template: it is missing, paused or disabled, or does not fit its
    parameters (`code`). Nothing else of it should go out unseen; the runs that were just using it
    (`stream_ids`) are paused already. `status` is the template's from now on."""

    type: ClassVar[str] = "template.refused"

    template_id: UUID
    connection_id: UUID
    stream_ids: list[UUID]
    code: str
    detail: str
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class TemplateRecovered(Fact):
    """A template that was refused may be tried again, one message first."""

    type: ClassVar[str] = "template.recovered"

    template_id: UUID


@dataclass(frozen=True, kw_only=True)
class StreamTroubled(Fact):
    """A run was paused by itself: `code` (messaging.reasons) says why, `causes` how often each
    code stood behind it. Somebody has to look before it goes on."""

    type: ClassVar[str] = "stream.troubled"

    stream_id: UUID
    code: str
    causes: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class MediaFetched(Fact):
    """A received file is here (`ready`) or will never be (`failed`)."""

    type: ClassVar[str] = "media.fetched"

    media_id: UUID
    message_id: UUID
    thread_id: UUID | None
    state: str
