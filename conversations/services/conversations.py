"""The inbox's own state: who waits, what is unread, what is done."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from conversations import hints
from conversations.enums import ConversationStatus
from conversations.events import ConversationOpened
from conversations.models import Conversation
from conversations.services import ratings, reply_clock, signals
from core import statements
from core.errors import Conflict, NotFound
from crm.models import Contact
from events import bus
from messaging.enums import MessageKind
from messaging.models import Message, Thread
from messaging.selectors import address_at
from messaging.services import threads

# What a customer does that asks nobody for an answer.
SILENT_KINDS = (MessageKind.REACTION, MessageKind.SYSTEM)
_OF_THREAD = f"""
    SELECT {statements.columns(Conversation, "c")} FROM conversations_conversation c
    WHERE c.thread_id = %(thread)s FOR UPDATE
"""  # noqa: S608 -- names of ours


@transaction.atomic(savepoint=False)  # what fails here fails the message as well
def note_inbound(*, message: Message) -> Conversation:
    """A customer wrote: the conversation is open, waits, and has one more unread message.

    Whatever it was put away for: resolved, pending or snoozed, it is back. A rating is no wish.
    """
    conversation, is_new = _of_thread(message.thread_id)
    is_silent = message.kind in SILENT_KINDS or ratings.hear(conversation, message)
    is_back = not is_silent and conversation.status != ConversationStatus.OPEN
    changes = _newest(conversation, message)
    if not is_silent:
        changes |= {
            "status": ConversationStatus.OPEN,
            "snoozed_until": None,
            "unread_count": F("unread_count") + 1,
            "waiting_since": Coalesce("waiting_since", message.at),
            "rating_until": None,
            **reply_clock.begun(conversation, message.at),
        }
    Conversation.objects.filter(pk=conversation.pk).update(**changes)
    if is_new or is_back:
        bus.publish(
            ConversationOpened(conversation_id=conversation.pk, contact_id=conversation.contact_id)
        )
    hints.message_created(conversation.pk, message.pk)
    return conversation


@transaction.atomic(savepoint=False)  # what fails here fails the message as well
def note_outbound(*, message: Message) -> Conversation:
    """A person or a program of ours wrote: nobody waits any more."""
    conversation, is_new = _of_thread(message.thread_id)
    Conversation.objects.filter(pk=conversation.pk).update(
        **_newest(conversation, message), **reply_clock.ended(conversation, message)
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
        signals.note(conversation_id=conversation_id)
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
    for known in statements.run(_OF_THREAD, thread=thread_id):
        return statements.instance(Conversation, known), False
    contact_id = Thread.objects.values_list("contact_id", flat=True).get(pk=thread_id)
    Conversation.objects.bulk_create(
        [row := Conversation(thread_id=thread_id, contact_id=contact_id)], ignore_conflicts=True
    )
    [known] = statements.run(_OF_THREAD, thread=thread_id)  # somebody else may have been faster
    conversation = statements.instance(Conversation, known)
    return conversation, conversation.pk == row.pk


def _newest(conversation: Conversation, message: Message) -> dict[str, object]:
    """The message that the list shows: the latest by time, whatever order they arrive in."""
    is_newest = conversation.last_message_id is None or message.at >= conversation.last_message_at
    newest: dict[str, object] = {"last_message_id": message.pk} if is_newest else {}
    if conversation.last_message_id is None:
        return {**newest, "last_message_at": message.at}
    return {**newest, "last_message_at": Greatest("last_message_at", message.at)}
