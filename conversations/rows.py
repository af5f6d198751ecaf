"""Conversations as rows of a list."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from conversations.lines import name_of, order_of
from conversations.models import Conversation
from conversations.previews import Preview, preview
from conversations.selectors import is_sms
from messaging.enums import Direction
from messaging.selectors import public_state


@dataclass(frozen=True, slots=True)
class Row:
    """What the list shows of a conversation.

    Attributes:
        state: of the last message when it is ours, for its ticks.
        order: a text that sorts as (time, id) does.
        is_sms: it goes by SMS and not by WhatsApp.
    """

    conversation: Conversation
    name: str
    preview: Preview | None
    state: str
    order: str
    url: str
    is_sms: bool


def row_of(conversation: Conversation, view: str = "open") -> Row:
    """The row; `view` is the list that its address goes back to."""
    last = conversation.last_message
    state = public_state(last) if last is not None and last.direction == Direction.OUT else None
    return Row(
        conversation=conversation,
        name=name_of(conversation),
        preview=preview(last) if last is not None else None,
        state=state.value if state else "",
        order=order_of(conversation.last_message_at, conversation.pk),
        url=f"{reverse('conversation', args=[conversation.pk])}?view={view}",
        is_sms=is_sms(conversation),
    )
