"""The inbox's own state: who waits, what is unread, what is done."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from conversations import hints
from conversations.enums import ConversationStatus
from conversations.events import (
    ConversationAssigned,
    ConversationOpened,
    ConversationResolved,
)
from conversations.models import Conversation
from core.errors import Conflict, Invalid, NotFound
from crm.models import Contact
from events import bus
from messaging.enums import MessageKind
from messaging.models import Message, Thread
from messaging.selectors import address_at
from messaging.services import threads
from team.models import Member

# What a customer does that asks nobody for an answer.
SILENT_KINDS = (MessageKind.REACTION, MessageKind.SYSTEM)


@transaction.atomic
def note_inbound(*, message: Message) -> Conversation:
    """A customer wrote: the conversation is open, waits, and has one more unread message."""
    conversation, is_new = _of_thread(message.thread_id)
    was_resolved = conversation.status == ConversationStatus.RESOLVED
    is_silent = message.kind in SILENT_KINDS
    changes = {
        **_newest(conversation, message),
        "status": conversation.status if is_silent else ConversationStatus.OPEN,
        "unread_count": F("unread_count") + (0 if is_silent else 1),
    }
    if not is_silent:
        changes["waiting_since"] = Coalesce("waiting_since", message.at)
    Conversation.objects.filter(pk=conversation.pk).update(**changes)
    if is_new or (was_resolved and not is_silent):
        bus.publish(
            ConversationOpened(conversation_id=conversation.pk, contact_id=conversation.contact_id)
        )
    hints.message_created(conversation.pk, message.pk)
    return conversation


@transaction.atomic
def note_outbound(*, message: Message) -> Conversation:
    """A person or a program of ours wrote: nobody waits any more."""
    conversation, is_new = _of_thread(message.thread_id)
    Conversation.objects.filter(pk=conversation.pk).update(
        **_newest(conversation, message), waiting_since=None
    )
    if is_new:
        bus.publish(
            ConversationOpened(conversation_id=conversation.pk, contact_id=conversation.contact_id)
        )
    hints.message_created(conversation.pk, message.pk)
    return conversation


@transaction.atomic
def mark_read(*, conversation_id: UUID) -> None:
    """Somebody of the team has seen it; the count is the team's, not each member's."""
    changed = Conversation.objects.filter(pk=conversation_id, unread_count__gt=0)
    if changed.update(unread_count=0):
        hints.conversation_changed(conversation_id)


@transaction.atomic
def resolve(*, conversation_id: UUID, actor: str) -> None:
    """Done: it leaves the list until the customer writes again.

    Raises:
        core.errors.NotFound: no such conversation.
    """
    conversation = locked(conversation_id)
    if conversation.status == ConversationStatus.RESOLVED:
        return
    conversation.status = ConversationStatus.RESOLVED
    conversation.unread_count = 0
    conversation.waiting_since = None
    conversation.save(update_fields=["status", "unread_count", "waiting_since"])
    bus.publish(
        ConversationResolved(conversation_id=conversation.pk, contact_id=conversation.contact_id),
        actor=actor,
    )
    hints.conversation_changed(conversation_id)


@transaction.atomic
def reopen(*, conversation_id: UUID, actor: str) -> None:
    """Take it back into the list.

    Raises:
        core.errors.NotFound: no such conversation.
    """
    conversation = locked(conversation_id)
    if conversation.status == ConversationStatus.OPEN:
        return
    conversation.status = ConversationStatus.OPEN
    conversation.save(update_fields=["status"])
    bus.publish(
        ConversationOpened(conversation_id=conversation.pk, contact_id=conversation.contact_id),
        actor=actor,
    )
    hints.conversation_changed(conversation_id)


@transaction.atomic
def assign(*, conversation_id: UUID, member: Member | None, actor: str) -> None:
    """Make it a member's, or nobody's.

    Raises:
        core.errors.NotFound: no such conversation.
        core.errors.Invalid: the member has left the company.
    """
    if member is not None and not member.is_active:
        raise Invalid({"assignee": _("This person has left the company. Choose somebody else.")})
    conversation = locked(conversation_id)
    if conversation.assignee_id == (member.pk if member else None):
        return
    conversation.assignee = member
    conversation.save(update_fields=["assignee"])
    bus.publish(
        ConversationAssigned(
            conversation_id=conversation.pk, member_id=member.pk if member else None
        ),
        actor=actor,
    )
    hints.conversation_changed(conversation_id)


def locked(conversation_id: UUID) -> Conversation:
    """The conversation with its row locked until the transaction ends.

    Raises:
        core.errors.NotFound: there is none.
    """
    conversation = (
        Conversation.objects.select_for_update(of=("self",)).filter(pk=conversation_id).first()
    )
    if conversation is None:
        raise NotFound
    return conversation


@transaction.atomic
def start(*, contact: Contact, connection: Connection, actor: str) -> Conversation:
    """The conversation with a contact at a number, opened when there is none: we write first.

    Raises:
        core.errors.Conflict: the contact has no address that this number can write to.
    """
    address = address_at(contact, connection)
    if not address:
        raise Conflict("address_missing", _("This contact has no number that can be written to."))
    thread = threads.get_or_create(
        contact_id=contact.pk, connection_id=connection.pk, address=address
    )
    conversation, is_new = _of_thread(thread.pk)
    if is_new:
        bus.publish(
            ConversationOpened(conversation_id=conversation.pk, contact_id=contact.pk), actor=actor
        )
        hints.conversation_changed(conversation.pk)
    return conversation


def _of_thread(thread_id: UUID | None) -> tuple[Conversation, bool]:
    """Messages of one person are handled one at a time, so the row's lock is short."""
    if thread_id is None:
        raise NotFound
    contact_id = Thread.objects.values_list("contact_id", flat=True).get(pk=thread_id)
    Conversation.objects.bulk_create(
        [row := Conversation(thread_id=thread_id, contact_id=contact_id)], ignore_conflicts=True
    )
    conversation = Conversation.objects.select_for_update(of=("self",)).get(thread_id=thread_id)
    return conversation, conversation.pk == row.pk


def _newest(conversation: Conversation, message: Message) -> dict[str, object]:
    """The message that the list shows: the latest by time, whatever order they arrive in."""
    is_newest = conversation.last_message_id is None or message.at >= conversation.last_message_at
    newest: dict[str, object] = {"last_message_id": message.pk} if is_newest else {}
    if conversation.last_message_id is None:
        return {**newest, "last_message_at": message.at}
    return {**newest, "last_message_at": Greatest("last_message_at", message.at)}
