"""Conversations as rows of a list, and what search finds beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from conversations.deadlines import Deadline, deadline_of
from conversations.lines import name_of, order_of
from conversations.listing import place_of
from conversations.models import Conversation
from conversations.previews import Preview, preview
from conversations.search import Hit
from conversations.selectors import is_sms
from conversations.wording import Piece
from messaging.enums import Direction
from messaging.selectors import public_state


@dataclass(frozen=True, slots=True)
class Row:
    """What the list shows of a conversation.

    Attributes:
        state: of the last message when it is ours, for its ticks.
        order: a text that sorts as (time, id) does.
        is_sms: it goes by SMS and not by WhatsApp.
        deadline: of the answer that is promised, where one is.
    """

    conversation: Conversation
    name: str
    preview: Preview | None
    state: str
    order: str
    url: str
    is_sms: bool
    deadline: Deadline | None


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A message that search found: who, when, and the words around the find."""

    conversation: Conversation
    name: str
    at: datetime
    is_ours: bool
    excerpt: Sequence[Piece]
    url: str


def row_of(conversation: Conversation, query: str = "", order: str = "latest") -> Row:
    """The row.

    Args:
        query: of the list's address, which the row's goes back to.
        order: of the list (`conversations.filters.Order`).
    """
    last = conversation.last_message
    state = public_state(last) if last is not None and last.direction == Direction.OUT else None
    return Row(
        conversation=conversation,
        name=name_of(conversation),
        preview=preview(last) if last is not None else None,
        state=state.value if state else "",
        order=order_of(place_of(conversation, order), conversation.pk),
        url=_url(conversation, query),
        is_sms=is_sms(conversation),
        deadline=deadline_of(conversation),
    )


def found_row_of(hit: Hit, query: str = "") -> FoundRow:
    """The row of a message; `query` as for `row_of`."""
    return FoundRow(
        conversation=hit.conversation,
        name=name_of(hit.conversation),
        at=hit.message.at,
        is_ours=hit.message.direction != Direction.IN,
        excerpt=hit.excerpt,
        url=_url(hit.conversation, f"{query}&message={hit.message.pk}".lstrip("&")),
    )


def _url(conversation: Conversation, query: str) -> str:
    address = reverse("conversation", args=[conversation.pk])
    return f"{address}?{query}" if query else address
