"""Reads of the inbox shaped for its list, its thread and its endpoints."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from conversations.enums import ConversationStatus
from conversations.models import Conversation
from core.errors import NotFound
from core.keyset import Page, page_of
from crm import search
from crm.models import Contact, Identity
from tenants.permissions import allows

LIST_SIZE = 50


def conversation_list(
    *, status: str = "", unread: bool = False, q: str = "", assignee: UUID | None = None
) -> QuerySet[Conversation]:
    """Conversations with what a row of the list shows, unordered.

    Args:
        status: of ConversationStatus; empty for all.
        unread: only those with unread messages.
        q: the beginning of any word of the contact's name, or digits of the phone.
        assignee: only this member's.
    """
    rows = Conversation.objects.select_related("assignee", "last_message", "thread__connection")
    if status:
        rows = rows.filter(status=status)
    if unread:
        rows = rows.filter(unread_count__gt=0)
    if assignee is not None:
        rows = rows.filter(assignee_id=assignee)
    condition = search.matches(q) if q else None
    if condition is not None:
        rows = rows.filter(contact__in=Contact.objects.filter(condition))
    return rows.prefetch_related(
        Prefetch("contact", Contact.objects.all()),
        Prefetch(
            "contact__identities",
            Identity.objects.held().filter(alias_of=None).order_by("created_at"),
            to_attr="held_identities",
        ),
    )


def conversation_page(*, cursor: str | None, **filters: Any) -> Page:
    """Fifty of them, the latest first, by (time, id)."""
    return page_of(
        conversation_list(**filters), cursor=cursor, field="last_message_at", size=LIST_SIZE
    )


def get_conversation(conversation_id: UUID) -> Conversation:
    """One conversation with its contact and thread.

    Raises:
        core.errors.NotFound: there is none.
    """
    row = conversation_list().filter(pk=conversation_id).first()
    if row is None:
        raise NotFound
    return row


def unread_count() -> int:
    """Open conversations with unread messages: the number beside the menu entry."""
    return Conversation.objects.filter(status=ConversationStatus.OPEN, unread_count__gt=0).count()


def window_of(conversation: Conversation, now: datetime | None = None) -> dict[str, Any]:
    """Whether free-form messages may go out: `{"is_open", "until", "left"}`."""
    now = now or timezone.now()
    until = conversation.thread.window_until
    left = until - now if until and until > now else timedelta(0)
    return {"is_open": bool(left), "until": until, "left": left}


def may_listen(member: Any, key: str) -> bool:
    """Who may hear of conversations: whoever may see them, of those that exist."""
    if not allows(member.role, "conversations.view"):
        return False
    if not key:
        return True
    try:
        return Conversation.objects.filter(Q(pk=UUID(key))).exists()
    except ValueError:
        return False
