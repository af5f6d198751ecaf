"""Answering: one verb that stores the message and puts it ahead of every campaign."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation
from core.errors import Conflict, NotFound
from messaging.bodies import Body
from messaging.enums import Origin
from messaging.models import Message
from messaging.services import outbox
from team.models import Member


def send_again(*, conversation: Conversation, message_id: UUID, author: Member | None) -> Message:
    """Send a message of the conversation that failed once more, as a new one.

    Raises:
        core.errors.NotFound: it is not in this conversation.
        core.errors.Conflict: it did not fail, is unclear or was sent again already; or the gate
            denies it.
    """
    message = Message.objects.filter(thread_id=conversation.thread_id, pk=message_id).first()
    if message is None:
        raise NotFound
    return outbox.resend(message=message, author=author)


def reply(
    *,
    conversation: Conversation,
    body: Body,
    author: Member | None,
    origin: Origin = Origin.AGENT,
    reply_to: Message | None = None,
) -> Message:
    """Send into a conversation.

    Args:
        body: made by messaging.bodies. A marketing template needs the contact's opt-in, also here.
        author: who wrote it; None for a program.

    Raises:
        core.errors.Conflict: the contact was deleted, or the gate denies it; then the code is the
            reason's (`window_closed`, `opted_out`, …) and nothing was stored.
    """
    if conversation.contact.deleted_at is not None:
        raise Conflict("contact_deleted", _("This contact was deleted. Restore it to write to it."))
    return outbox.send(
        contact=conversation.contact,
        connection=conversation.thread.connection,
        address=conversation.thread.address,
        body=body,
        origin=origin,
        author=author,
        purpose=body.purpose,
        reply_to=reply_to,
    )
