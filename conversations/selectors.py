"""Reads of the inbox shaped for its list, its thread and its endpoints."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from connections.selectors import provider_of
from conversations.deadlines import is_due
from conversations.models import Conversation
from core.errors import NotFound
from core.keyset import Page, cursor_at, page_of
from crm import search
from crm.enums import Channel
from crm.models import Contact, Identity
from messaging.enums import MessageKind
from messaging.models import Message, Template
from messaging.services import threads
from messaging.template_parts import unsendable_parts
from messaging.template_selectors import sendable

THREAD_SIZE = 50
TEMPLATES_SHOWN = 100


_OF_A_ROW = (
    *("status", "unread_count", "last_message_at", "waiting_since"),
    *("reply_due_at", "first_replied_at"),
    *("assignee__name", "assignee__email", "contact__name"),
    *("thread__address", "thread__connection__provider"),
    *("last_message__direction", "last_message__kind", "last_message__content"),
    *("last_message__dispatch", "last_message__rank", "last_message__failed_at"),
)

# A quote shows a line of its message; the other columns of fifty rows cost a tenth of the page.
_QUOTED = ("id", "direction", "kind", "content")
_NOT_QUOTED = tuple(
    f"reply_to__{field.name}"
    for field in Message._meta.concrete_fields
    if field.name not in _QUOTED
)


def conversation_list(
    *,
    status: str = "",
    unread: bool = False,
    due: str = "",
    q: str = "",
    assignee: UUID | None = None,
) -> QuerySet[Conversation]:
    """Conversations with what a row of the list shows, unordered.

    Args:
        status: of ConversationStatus; empty for all.
        unread: only those with unread messages.
        due: of conversations.filters.Due, those whose answer is; empty for all.
        q: the beginning of any word of the contact's name, or digits of the phone.
        assignee: only this member's.
    """
    rows = Conversation.objects.select_related(
        "assignee", "contact", "last_message", "thread__connection"
    ).defer("contact__search", "thread__connection__credentials")
    if status:
        rows = rows.filter(status=status)
    if unread:
        rows = rows.filter(unread_count__gt=0)
    if due:
        rows = rows.filter(is_due(due))
    if assignee is not None:
        rows = rows.filter(assignee_id=assignee)
    condition = search.matches(q) if q else None
    if condition is not None:
        rows = rows.filter(contact__in=Contact.objects.filter(condition))
    return rows.prefetch_related(
        Prefetch(
            "contact__identities",
            Identity.objects.held().filter(alias_of=None).order_by("created_at"),
            to_attr="held_identities",
        )
    )


def row_list() -> QuerySet[Conversation]:
    """Conversations with what a row of the inbox shows and no more, unordered: the list is the
    page that is asked for most."""
    return Conversation.objects.select_related(
        "assignee", "contact", "last_message", "thread__connection"
    ).only(*_OF_A_ROW)


def get_conversation(conversation_id: UUID) -> Conversation:
    """One conversation with its contact and thread.

    Raises:
        core.errors.NotFound: there is none.
    """
    row = conversation_list().select_related("team").filter(pk=conversation_id).first()
    if row is None:
        raise NotFound
    return row


def thread_messages(conversation: Conversation) -> QuerySet[Message]:
    """All messages of a thread with what a bubble shows, unordered."""
    rows = Message.objects.filter(thread_id=conversation.thread_id)
    return rows.select_related("template", "media", "author", "reply_to").defer(
        "trace", *_NOT_QUOTED
    )


def thread_page(
    conversation: Conversation, *, cursor: str | None = None, ascending: bool = False
) -> Page:
    """Fifty messages of a thread by (time, id), the newest first unless ascending.

    Reactions are no messages of their own there: they stand on the message they are about.
    """
    return page_of(
        _shown(conversation), cursor=cursor, field="at", size=THREAD_SIZE, ascending=ascending
    )


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a thread, oldest first, and the cursors of what is before and after it (empty
    where nothing is). `target` is the message that it was asked for around, if it is there."""

    messages: list[Message]
    before: str = ""
    after: str = ""
    target: UUID | None = None


def thread_around(conversation: Conversation, message_id: UUID) -> Stretch | None:
    """A message of the thread with those around it; for a reaction, the message it is about.

    None where the thread has no such message.
    """
    rows = _shown(conversation)
    found = messages_by_id(conversation, [message_id])
    if not found:
        return None
    target, half = found[0], THREAD_SIZE // 2
    here = cursor_at(target, "at")
    older = page_of(rows, cursor=here, field="at", size=half)
    newer = page_of(rows, cursor=here, field="at", size=half, ascending=True)
    shown = [*older.items[::-1], target, *newer.items]
    return Stretch(shown, older.next_cursor, newer.next_cursor, target.pk)


def _shown(conversation: Conversation) -> QuerySet[Message]:
    return thread_messages(conversation).exclude(kind=MessageKind.REACTION, reply_to__isnull=False)


def messages_by_id(conversation: Conversation, ids: Collection[UUID]) -> list[Message]:
    """Those messages of the thread, oldest first; a reaction stands for the message it is about."""
    thread = Message.objects.filter(thread_id=conversation.thread_id)
    targets = thread.filter(pk__in=ids, kind=MessageKind.REACTION).values_list("pk", "reply_to_id")
    wanted = set(ids)
    for reaction, target in targets:
        if target is not None:
            wanted = (wanted - {reaction}) | {target}
    return list(thread_messages(conversation).filter(pk__in=wanted).order_by("at", "id"))


def sendable_templates(conversation: Conversation, *, q: str = "") -> list[Template]:
    """Approved templates of the conversation's account that we can fill, by name."""
    rows = sendable(conversation.thread.connection)
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(components__icontains=q))
    return [row for row in rows[:TEMPLATES_SHOWN] if not unsendable_parts(row.components)]


def conversations_of(contact: Contact) -> QuerySet[Conversation]:
    """A contact's conversations, one for each number of ours, the latest first."""
    return (
        Conversation.objects.filter(contact=contact)
        .select_related("contact", "last_message", "thread__connection")
        .order_by("-last_message_at", "-id")
    )


@dataclass(frozen=True, slots=True)
class Window:
    """Whether free-form messages may go out; `until` is None where the channel has no limit."""

    is_open: bool
    until: datetime | None = None


def window_of(conversation: Conversation) -> Window:
    """The thread's window now; the gate judges the same once more at the wire."""
    thread = conversation.thread
    if provider_of(thread.connection).capabilities.window_hours is None:
        return Window(is_open=True)
    return Window(threads.window_is_open(thread, timezone.now()), thread.window_until)


def is_sms(conversation: Conversation) -> bool:
    """Whether it goes by SMS: texts alone, counted by their parts."""
    return provider_of(conversation.thread.connection).channel == Channel.SMS
