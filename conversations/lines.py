"""Messages as a thread shows them: with state, reason, quote and reactions at hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from conversations import story
from conversations.models import Conversation
from conversations.previews import Preview, preview
from core.ui.formatting import phone
from messaging import reasons
from messaging.enums import Direction, MessageKind, Origin, PublicState
from messaging.models import Message
from messaging.selectors import public_state
from messaging.services import outbox

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXPLAINED = (
    PublicState.QUEUED,
    PublicState.FAILED,
    PublicState.SKIPPED,
    PublicState.CANCELLED,
    PublicState.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a thread.

    Attributes:
        order: a text that sorts as (time, id) does; the page keeps its bubbles by it.
        state: of messaging's PublicState, empty for notes and system lines.
        sender: whose bubble it is when that is not plain: a colleague, a program, a campaign.
        text: what a line of the system says; empty where the message has its own text.
        reactions: emojis, the customer's last one and ours.
        may_resend: it failed, and may be sent again.
    """

    message: Message
    order: str
    state: str
    reason: reasons.Reason | None
    sender: str
    quote: Preview | None
    quoted_sender: str
    text: str = ""
    reactions: Sequence[str] = field(default_factory=tuple)
    may_resend: bool = False

    @property
    def raw(self) -> str:
        """A message of an unknown kind as it came."""
        return json.dumps(self.message.content.get("raw"), indent=2, ensure_ascii=False)


def lines(messages: Iterable[Message], conversation: Conversation) -> list[Line]:
    """The messages' lines, in their order; one query for all reactions, one where some failed,
    one where lines of the system name members.

    Args:
        messages: with template, media, author and reply_to at hand
            (`conversations.selectors.thread_messages`).
    """
    shown = list(messages)
    reactions = _reactions([message.pk for message in shown])
    resendable = outbox.resendable(shown)
    names = story.members_of(shown)
    return [
        _line(
            message,
            conversation,
            reactions.get(message.pk, ()),
            text=story.sentence(message, names),
            may_resend=message.pk in resendable,
        )
        for message in shown
    ]


def order_of(at: datetime, pk: UUID) -> str:
    """A text that sorts as the pair does: microseconds with leading zeros, then the id."""
    return f"{(at - _EPOCH) // timedelta(microseconds=1):020}-{pk.hex}"


def reason_of(message: Message, state: str, provider: str) -> reasons.Reason | None:
    """Why it waits, failed or is unclear; None where there is nothing to explain."""
    if not message.code or state not in _EXPLAINED:
        return None
    return reasons.explain(message.code, provider=provider)


def name_of(conversation: Conversation) -> str:
    """The contact's name, else the number as people write it."""
    name: str = conversation.contact.name
    return name or phone(conversation.thread.address)


def _line(
    message: Message,
    conversation: Conversation,
    reactions: Sequence[str],
    *,
    text: str,
    may_resend: bool,
) -> Line:
    state = public_state(message)
    quoted = message.reply_to if message.kind != MessageKind.REACTION else None
    return Line(
        message=message,
        order=order_of(message.at, message.pk),
        state=state.value if state else "",
        reason=reason_of(message, state or "", conversation.thread.connection.provider),
        sender=_sender(message),
        quote=preview(quoted) if quoted else None,
        quoted_sender=_quoted_sender(quoted, conversation) if quoted else "",
        text=text,
        reactions=reactions,
        may_resend=may_resend,
    )


def _sender(message: Message) -> str:
    if message.direction == Direction.IN:
        return ""
    if message.author is not None:
        return str(message.author)
    return str(Origin(message.origin).label)


def _quoted_sender(quoted: Message, conversation: Conversation) -> str:
    return name_of(conversation) if quoted.direction == Direction.IN else _("You")


def _reactions(ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The last reaction of each side to each message; an empty one takes it back."""
    rows = (
        Message.objects.filter(reply_to_id__in=ids, kind=MessageKind.REACTION)
        .order_by("at", "id")
        .values_list("reply_to_id", "direction", "content__emoji")
    )
    last: dict[UUID, dict[str, str]] = {}
    for target, direction, emoji in rows:
        last.setdefault(target, {})[direction] = emoji or ""
    return {target: [emoji for emoji in sides.values() if emoji] for target, sides in last.items()}
