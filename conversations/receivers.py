"""What the inbox hears from messaging."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from conversations import hints
from conversations.models import Conversation
from conversations.services import conversations, files, texts
from events.models import Event
from messaging.enums import PublicState
from messaging.models import Message


def on_received(events: Sequence[Event]) -> None:
    """Customers wrote; in the same transaction it is in the inbox, and search finds it."""
    messages = [_message(event) for event in events]
    conversations.note_inbound(messages=messages)
    texts.index(messages)
    for message in messages:
        files.note(message=message)


def _message(event: Event) -> Message:
    about: Message | None = event.about
    return about or Message.objects.get(pk=event.data["message_id"])


def on_progressed(event: Event) -> None:
    """Ours went on. A message of no run that was just queued is somebody's answer."""
    items: list[dict[str, Any]] = event.data["items"]
    new = [
        item["message"]
        for item in items
        if item["stream"] is None and item["state"] == PublicState.QUEUED
    ]
    if new:
        for message in Message.objects.filter(pk__in=new, attempt=0):
            conversations.note_outbound(message=message)
            texts.note(message=message)
            files.note(message=message)
    _show_ticks([item for item in items if item["message"] not in new])


def on_media(event: Event) -> None:
    """A received file is here, or will never be: the bubble shows it."""
    _show_ticks([{"message": event.data["message_id"], "thread": event.data["thread_id"]}])


def _show_ticks(items: list[dict[str, Any]]) -> None:
    """Open threads fetch the changed bubbles; what a run wrote to people who never
    answered is in none."""
    threads = {item["thread"] for item in items if item["thread"]}
    if not threads:
        return
    rows = Conversation.objects.filter(thread__any_of=threads)
    found = {
        str(thread): (pk, last)
        for thread, pk, last in rows.values_list("thread_id", "pk", "last_message_id")
    }
    for item in items:
        conversation_id, last = found.get(item["thread"], (None, None))
        if conversation_id is not None:
            message_id = UUID(item["message"])
            hints.message_changed(conversation_id, message_id, is_last=message_id == last)
