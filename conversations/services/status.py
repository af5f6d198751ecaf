"""Whether a conversation asks for somebody: open, pending, snoozed, resolved."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import hints, notices
from conversations.agenda import WAKE
from conversations.enums import ConversationStatus
from conversations.events import (
    ConversationOpened,
    ConversationPending,
    ConversationResolved,
    ConversationSnoozed,
)
from conversations.models import Conversation
from conversations.services import ratings, reply_clock, story
from conversations.services.conversations import locked
from core import agenda
from core.errors import Invalid
from events import bus
from events.facts import Fact

_MOVED = ("status", "snoozed_until", "unread_count", "waiting_since", *reply_clock.CLOCK)
LONGEST_SNOOZE = timedelta(days=366)


@transaction.atomic
def resolve(*, conversation_id: UUID, actor: str, asks_rating: bool = True) -> bool:
    """Done: it leaves the list until the customer writes again. False when it was already.

    Args:
        asks_rating: the customer may be asked how it was, if the company wants that at all.

    Raises:
        core.errors.NotFound: no such conversation.
    """
    conversation = locked(conversation_id)
    if conversation.status == ConversationStatus.RESOLVED:
        return False
    conversation.waiting_since = None
    fact = ConversationResolved(conversation_id=conversation.pk, contact_id=conversation.contact_id)
    _move(conversation, ConversationStatus.RESOLVED, fact, actor=actor)
    story.tell(conversation, "resolved", actor=actor)
    if asks_rating:
        ratings.want(conversation, actor=actor)
    return True


@transaction.atomic
def reopen(*, conversation_id: UUID, actor: str) -> bool:
    """Take it back into the list of open ones. False when it was there.

    Raises:
        core.errors.NotFound: no such conversation.
    """
    conversation = locked(conversation_id)
    if conversation.status == ConversationStatus.OPEN:
        return False
    _open(conversation, actor=actor)
    story.tell(conversation, "reopened", actor=actor)
    return True


@transaction.atomic
def set_pending(*, conversation_id: UUID, actor: str) -> bool:
    """The team waits for somebody else; it is open again when the customer writes.

    False when it was pending already.

    Raises:
        core.errors.NotFound: no such conversation.
    """
    conversation = locked(conversation_id)
    if conversation.status == ConversationStatus.PENDING:
        return False
    fact = ConversationPending(conversation_id=conversation.pk, contact_id=conversation.contact_id)
    _move(conversation, ConversationStatus.PENDING, fact, actor=actor)
    story.tell(conversation, "pending", actor=actor)
    return True


@transaction.atomic
def snooze(*, conversation_id: UUID, until: datetime, actor: str) -> bool:
    """Let it rest until a moment, or until the customer writes. False when it rests until then.

    Raises:
        core.errors.NotFound: no such conversation.
        core.errors.Invalid: the moment is over, or more than a year away.
    """
    _check_moment(until)
    conversation = locked(conversation_id)
    if conversation.snoozed_until == until:
        return False
    fact = ConversationSnoozed(
        conversation_id=conversation.pk, contact_id=conversation.contact_id, until=until
    )
    _move(conversation, ConversationStatus.SNOOZED, fact, actor=actor, snoozed_until=until)
    agenda.append(WAKE, str(conversation.pk), until)
    story.tell(conversation, "snoozed", actor=actor, until=until.isoformat())
    return True


@transaction.atomic
def wake(*, conversation_id: UUID) -> None:
    """Its rest is over: open it, if that is still so. The handler of due work."""
    over = Conversation.objects.filter(
        status=ConversationStatus.SNOOZED, snoozed_until__lte=timezone.now()
    )
    conversation = over.select_for_update(of=("self",)).filter(pk=conversation_id).first()
    if conversation is None:
        return
    _open(conversation, actor="system")
    story.tell(conversation, "woke", actor="system")
    notices.tell(notices.WOKE, conversation, [conversation.assignee])


def _open(conversation: Conversation, *, actor: str) -> None:
    fact = ConversationOpened(conversation_id=conversation.pk, contact_id=conversation.contact_id)
    _move(conversation, ConversationStatus.OPEN, fact, actor=actor)


def _move(
    conversation: Conversation,
    status: ConversationStatus,
    fact: Fact,
    *,
    actor: str,
    snoozed_until: datetime | None = None,
) -> None:
    """The new status with its fact. Who puts it away has read it."""
    conversation.status = status
    conversation.snoozed_until = snoozed_until
    if status != ConversationStatus.OPEN:
        conversation.unread_count = 0
    reply_clock.follow_status(conversation)
    conversation.save(update_fields=_MOVED)
    bus.publish(fact, actor=actor)
    hints.conversation_changed(conversation.pk)


def _check_moment(until: datetime) -> None:
    now = timezone.now()
    if until <= now:
        raise Invalid({"until": _("This moment is over. Choose a later one.")})
    if until > now + LONGEST_SNOOZE:
        raise Invalid({"until": _("Choose a moment within the next twelve months.")})
