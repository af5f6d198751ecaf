"""Notes that the team writes to itself, and whom they call."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations import hints, mentions, notices
from conversations.events import ConversationNoted
from conversations.models import Conversation
from conversations.services import texts
from core.errors import Invalid
from events import bus
from messaging.enums import MessageKind
from messaging.models import Message
from messaging.services import internal
from team.models import Member
from team.selectors import active_members

MAX_LENGTH = 4096


@transaction.atomic
def write(
    *,
    conversation: Conversation,
    text: str,
    author: Member | None,
    mentioned: Collection[UUID] = (),
) -> Message:
    """Put a note into the thread; the customer never sees it.

    Args:
        text: as it was typed; whoever is named behind an `@` is called.
        mentioned: members that it calls besides; those who have left are not called.

    Raises:
        core.errors.Invalid: it is empty or too long.
    """
    words = text.strip()
    if not words:
        raise Invalid({"text": _("Write something first.")})
    if len(words) > MAX_LENGTH:
        raise Invalid({"text": _("A note has at most 4,096 characters. Split it into two.")})
    called = _called(words, mentioned)
    message = internal.write(
        thread=conversation.thread,
        kind=MessageKind.NOTE,
        content={"text": words, "mentions": [str(member.pk) for member in called]},
        author=author,
    )
    fact = ConversationNoted(
        conversation_id=conversation.pk,
        message_id=message.pk,
        member_ids=[member.pk for member in called],
    )
    bus.publish(fact, actor=f"person:{author.person_id}" if author else "system")
    others = [member for member in called if member != author]
    notices.tell(notices.MENTIONED, conversation, others, who=str(author or ""))
    texts.note(message=message)
    hints.message_created(conversation.pk, message.pk)
    return message


def _called(text: str, mentioned: Collection[UUID]) -> list[Member]:
    if "@" not in text and not mentioned:
        return []
    members = list(active_members())
    named = {member.pk for member in mentions.named_in(text, members)}
    return [member for member in members if member.pk in named | set(mentioned)]
