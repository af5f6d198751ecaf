"""Lines in the thread that tell what the team did with it, for whoever reads it later.

A line keeps a code and ids; the sentence is made when it is read (`conversations.story`).
"""

from __future__ import annotations

from typing import Any

from conversations import hints
from conversations.models import Conversation
from conversations.story import SENTENCES
from core.ids import uuid_of
from messaging.enums import MessageKind
from messaging.models import Message
from messaging.services import internal
from team.models import Member


def tell(conversation: Conversation, code: str, *, actor: str, **data: Any) -> Message:
    """Write the line; call it in the transaction of what it tells.

    Args:
        code: of conversations.story.SENTENCES.
        data: what its sentence needs, as JSON values.

    Raises:
        KeyError: no such sentence.
    """
    if code not in SENTENCES:
        raise KeyError(code)
    message = internal.write(
        thread=conversation.thread,
        kind=MessageKind.SYSTEM,
        content={"code": code, **data},
        author=member_behind(actor),
    )
    hints.message_created(conversation.pk, message.pk)
    return message


def member_behind(actor: str) -> Member | None:
    """The member that an event's actor names (`person:<id>`); None for programs."""
    kind, _separator, key = actor.partition(":")
    person_id = uuid_of(key) if kind == "person" else None
    return Member.objects.filter(person_id=person_id).first() if person_id else None
