"""The inbox's own state: who waits, what is unread, what is done."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction
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
# In one order, so that two who lock several never wait in a circle.
_OF_THREADS = f"""
    SELECT {statements.columns(Conversation, "c")} FROM conversations_conversation c
    WHERE c.thread_id = ANY(%(threads)s::uuid[]) ORDER BY c.id FOR UPDATE
"""  # noqa: S608 -- names of ours
# What a customer's message may change, with the types of the columns.
_HEARD = {
    "last_message_id": "uuid", "last_message_at": "timestamptz", "status": "text",
    "snoozed_until": "timestamptz", "unread_count": "int", "waiting_since": "timestamptz",
    "rating_until": "timestamptz", "counts_from": "timestamptz", "reply_due_at": "timestamptz",
    "sla_breached_at": "timestamptz", "first_replied_at": "timestamptz",
}  # fmt: skip
_HEAR = f"""
    UPDATE conversations_conversation c
    SET {", ".join(f"{name} = v.{name}" for name in _HEARD)}
    FROM jsonb_to_recordset(%(rows)s::jsonb)
         AS v(id uuid, {", ".join(f"{name} {kind}" for name, kind in _HEARD.items())})
    WHERE c.id = v.id
"""  # noqa: S608 -- names of ours


@transaction.atomic(savepoint=False)  # what fails here fails the messages as well
def note_inbound(*, messages: Sequence[Message]) -> None:
    """Customers wrote: each conversation is open, waits, and has one more unread message.

    Whatever it was put away for: resolved, pending or snoozed, it is back. A rating is no wish.
    """
    known = _of_threads([message.thread_id for message in messages])
    returned = dict.fromkeys(row.pk for row, is_new in known.values() if is_new)
    for message in messages:
        conversation, _is_new = known[message.thread_id]
        is_silent = message.kind in SILENT_KINDS or ratings.hear(conversation, message)
        if not is_silent:
            if conversation.status != ConversationStatus.OPEN:
                returned[conversation.pk] = None
            _await_answer(conversation, message)
        _show_newest(conversation, message)
    conversations = [row for row, _is_new in known.values()]
    rows = [{name: getattr(row, name) for name in ("id", *_HEARD)} for row in conversations]
    statements.run(_HEAR, rows=statements.rows(rows))
    contacts = {row.pk: row.contact_id for row in conversations}
    bus.publish_all(
        [ConversationOpened(conversation_id=pk, contact_id=contacts[pk]) for pk in returned]
    )
    for message in messages:
        hints.message_created(known[message.thread_id][0].pk, message.pk)


def _await_answer(conversation: Conversation, message: Message) -> None:
    """The row, which is locked, as it is once a message that wants an answer is in it."""
    clock = reply_clock.begun(conversation, message.at)
    conversation.status = ConversationStatus.OPEN
    conversation.snoozed_until = None
    conversation.unread_count += 1
    conversation.waiting_since = conversation.waiting_since or message.at
    conversation.rating_until = None
    for name, value in clock.items():
        setattr(conversation, name, value)


def _show_newest(conversation: Conversation, message: Message) -> None:
    """The row, which is locked, with the message that the list shows: the latest by time."""
    if conversation.last_message_id is None or message.at >= conversation.last_message_at:
        conversation.last_message_id, conversation.last_message_at = message.pk, message.at


@transaction.atomic(savepoint=False)  # what fails here fails the message as well
def note_outbound(*, message: Message) -> Conversation:
    """A person or a program of ours wrote: nobody waits any more."""
    conversation, is_new = _of_thread(message.thread_id)
    _show_newest(conversation, message)
    Conversation.objects.filter(pk=conversation.pk).update(
        last_message_id=conversation.last_message_id,
        last_message_at=conversation.last_message_at,
        **reply_clock.ended(conversation, message),
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
    return _of_threads([thread_id])[thread_id]


def _of_threads(
    thread_ids: Collection[UUID | None],
) -> dict[UUID | None, tuple[Conversation, bool]]:
    """The conversations of threads, locked, and whether each is new; messages of one person are
    handled one at a time, so the locks are short."""
    wanted = [pk for pk in set(thread_ids) if pk is not None]
    if len(wanted) < len(set(thread_ids)):
        raise NotFound
    known = _locked_of(wanted)
    missing = [pk for pk in wanted if pk not in known]
    made: set[UUID] = set()
    if missing:
        whose = Thread.objects.filter(pk__in=missing).order_by("pk")
        rows = [
            Conversation(thread_id=thread_id, contact_id=contact_id)
            for thread_id, contact_id in whose.values_list("pk", "contact_id")
        ]
        Conversation.objects.bulk_create(rows, ignore_conflicts=True)
        made = {row.pk for row in rows}
        known |= _locked_of(missing)  # somebody else may have been faster
    return {pk: (row, row.pk in made) for pk, row in known.items()}


def _locked_of(thread_ids: Collection[UUID | None]) -> dict[UUID | None, Conversation]:
    found = statements.run(_OF_THREADS, threads=list(thread_ids))
    rows = [statements.instance(Conversation, row) for row in found]
    return {row.thread_id: row for row in rows}
