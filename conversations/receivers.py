"""What the inbox hears from messaging."""

from typing import Any
from uuid import UUID

from conversations import hints
from conversations.models import Conversation
from conversations.services import conversations
from events.models import Event
from messaging.enums import PublicState
from messaging.models import Message


def on_received(event: Event) -> None:
    """A customer wrote; in the same transaction it is in the inbox."""
    conversations.note_inbound(message=Message.objects.get(pk=event.data["message_id"]))


def on_progressed(event: Event) -> None:
    """Ours went on. A message of no run that was just queued is somebody's answer."""
    items: list[dict[str, Any]] = event.data["items"]
    new = [
        item["message"]
        for item in items
        if item["stream"] is None and item["state"] == PublicState.QUEUED
    ]
    fresh = Message.objects.filter(pk__in=new, attempt=0)
    for message in fresh:
        conversations.note_outbound(message=message)
    _show_ticks([item for item in items if item["message"] not in new])


def on_media(event: Event) -> None:
    """A received file is here, or will never be: the bubble shows it."""
    _show_ticks([{"message": event.data["message_id"], "thread": event.data["thread_id"]}])


def _show_ticks(items: list[dict[str, Any]]) -> None:
    """Open threads fetch the changed bubbles; campaign sends nobody talks about cost one query."""
    threads = {item["thread"] for item in items if item["thread"]}
    found = dict(Conversation.objects.filter(thread_id__in=threads).values_list("thread_id", "pk"))
    for item in items:
        conversation_id = found.get(UUID(item["thread"])) if item["thread"] else None
        if conversation_id is not None:
            hints.message_changed(conversation_id, UUID(item["message"]))
