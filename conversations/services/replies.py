"""Answering: one verb that stores the message and puts it ahead of every campaign."""

from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation
from core.errors import Conflict
from messaging.bodies import Body
from messaging.enums import Origin
from messaging.models import Message
from messaging.services import outbox
from team.models import Member


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
