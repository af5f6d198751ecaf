"""Customers who write, and what they write: messages as the engine stores them."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from connections.models import Connection
from connections.providers.base import Identities, InboundMedia, InboundMessage
from conversations.models import Conversation
from core import files, scope
from core.ids import uuid7
from messaging.enums import MediaState
from messaging.models import Media, Message
from messaging.services import inbound as service
from team.models import Member
from tests.messaging.factories import a_connection

_ids = itertools.count(1)


def inbound(connection: Connection, **fields: Any) -> InboundMessage:
    """What a provider says that a person wrote; a text from Ana unless told otherwise."""
    phone = fields.pop("phone", "5511987650001")
    defaults = {
        "number_id": connection.external_id,
        "account_id": connection.account_id,
        "external_id": f"wamid.in-{next(_ids)}",
        "identities": Identities(wa_id=phone, bsuid="", phone=phone),
        "at": timezone.now(),
        "kind": "text",
        "profile_name": "Ana Souza",
        "content": {"text": "Oi, tudo bem?"},
        "media": None,
        "reply_to": None,
        "forwarded": False,
        "raw": {},
    }
    return InboundMessage(**{**defaults, **fields})


def received(connection: Connection, text: str = "", **fields: Any) -> Message:
    """A message that a customer wrote, stored by the engine."""
    if text:
        fields["content"] = {"text": text}
    message = service.receive(connection=connection, inbound=inbound(connection, **fields))
    assert message is not None
    return message


def a_conversation(connection: Connection | None = None, **fields: Any) -> Conversation:
    """A conversation that a customer just began; the window is open."""
    message = received(connection or a_connection(), **fields)
    return Conversation.objects.get(thread_id=message.thread_id)


def closed_window(conversation: Conversation, *, since: timedelta = timedelta(hours=2)) -> None:
    """The customer's last message is more than a day old."""
    until: datetime = timezone.now() - since
    conversation.thread.window_until = until
    conversation.thread.save(update_fields=["window_until"])


def a_file(conversation: Conversation, content: bytes, filename: str, kind: str) -> Message:
    """A received file that is here."""
    told = InboundMedia(external_id=f"media-{next(_ids)}", filename=filename)
    message = received(
        conversation.thread.connection,
        kind=kind,
        content={},
        media=told,
        phone=conversation.thread.address,
    )
    stored = files.save(content, "received", filename, company=scope.required_company_id())
    Media.objects.filter(pk=message.media_id).update(
        state=MediaState.READY,
        key=stored.key,
        mime=stored.mime,
        size=stored.size,
        sha256=stored.sha256,
    )
    message.refresh_from_db()
    return message


def a_member(name: str = "Bia Lima", *, is_active: bool = True) -> Member:
    """An agent who has no sign-in."""
    return Member.objects.create(
        person_id=uuid7(),
        name=name,
        email=f"{uuid7().hex}@example.com",
        role="agent",
        is_active=is_active,
    )
