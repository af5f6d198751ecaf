"""What conditions and steps see: an event, its contact, and what is known of both.

Each part is looked up once, when it is first asked for, whoever asks and however many automations
do, and for all events that are heard together (`Background`): so an event costs a constant number
of queries.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from connections.models import Connection
from connections.selectors import alive, number_for, provider_of
from conversations.models import Conversation
from core.ids import uuid_of
from crm.enums import Channel, IdentityKind
from crm.field_kinds import show
from crm.models import Contact, FieldDefinition
from messaging.models import Message, Thread
from tenants.models import Company
from webhooks.automations import placeholders, related
from webhooks.automations.background import Background
from webhooks.automations.happening import Happening


class Scene:
    """An event and one contact of it, at a moment.

    Args:
        segments: the saved audiences that will be asked about, so that one query answers them all.
        background: what is known behind the events that are heard together; its own if None.

    Attributes:
        memo: what conditions saw and found (`compiled.Test`), so that nothing is asked twice.
    """

    def __init__(
        self,
        happening: Happening,
        contact_id: UUID | None,
        *,
        now: datetime,
        segments: Collection[UUID] = (),
        background: Background | None = None,
    ) -> None:
        self.happening, self.contact_id, self.now = happening, contact_id, now
        self.background = background or Background(
            [happening], [contact_id], now=now, segments=segments
        )
        self.memo: dict[Any, Any] = {}

    @property
    def data(self) -> Mapping[str, Any]:
        """The event's fields."""
        return self.happening.data

    @cached_property
    def contact(self) -> Contact | None:
        """With tags and identities; None when it names nobody, or somebody who was deleted."""
        return self.background.contacts.get(self.contact_id) if self.contact_id else None

    @property
    def tags(self) -> set[UUID]:
        return self.background.tags.get(self.contact_id, set()) if self.contact_id else set()

    @property
    def lists(self) -> set[UUID]:
        return self.background.lists.get(self.contact_id, set()) if self.contact_id else set()

    @property
    def definitions(self) -> dict[str, FieldDefinition]:
        """The company's own contact fields."""
        return self.background.definitions

    def is_in(self, segment_id: UUID) -> bool:
        """Whether the contact is in a saved audience; not when that is gone."""
        return self.contact_id in self.background.members(segment_id)

    @cached_property
    def conversation(self) -> Conversation | None:
        """The one that the event names, else the contact's latest."""
        named = uuid_of(str(self.data.get("conversation_id") or ""))
        thread = uuid_of(str(self.data.get("thread_id") or ""))
        if named or thread:
            found = self.background.conversations.get(named or thread)  # type: ignore[arg-type]
            return found if found is not None and found.contact_id == self.contact_id else None
        if self.contact_id is None:
            return None
        return self.background.latest_conversations.get(self.contact_id)

    @property
    def threads(self) -> list[Thread]:
        """The contact's, the one that was last written to us in first."""
        return self.background.threads.get(self.contact_id, []) if self.contact_id else []

    @property
    def is_window_open(self) -> bool:
        """Whether free-form messages may be sent to the contact somewhere."""
        return any(row.window_until and row.window_until > self.now for row in self.threads)

    @property
    def last_message(self) -> Message | None:
        """The last one that came or went, from or to the contact."""
        return self.background.last_messages.get(self.contact_id) if self.contact_id else None

    @property
    def message_text(self) -> str:
        """What the customer wrote, if the event is a message of theirs."""
        pk = uuid_of(str(self.data.get("message_id") or ""))
        return self.background.message_texts.get(pk, "") if pk else ""

    @property
    def consents(self) -> Mapping[tuple[str, str], bool]:
        """(channel, purpose) → what the contact said last."""
        return self.background.consents.get(self.contact_id, {}) if self.contact_id else {}

    @property
    def is_open_now(self) -> bool:
        """Whether the company is there, by its business hours; always, if it has none."""
        return self.background.is_open_now

    @cached_property
    def happened(self) -> dict[str, datetime]:
        """Types of the other events about the same order or contact."""
        return related.types_about(self.happening, self.contact_id, now=self.now)

    @property
    def company(self) -> Company:
        return self.background.company

    def number(self, channel: str = Channel.WHATSAPP) -> Connection | None:
        """The number through which the contact is written to when nobody names one: that of the
        event, else of their last message, else the company's first."""
        named = uuid_of(str(self.data.get("connection_id") or ""))
        found = alive().filter(pk=named).first() if named else None
        if found is not None and provider_of(found).channel == channel:
            return found
        for thread in self.threads:
            own = thread.connection
            if own.deleted_at is None and provider_of(own).channel == channel:
                return own
        return number_for(channel)

    def value_of(self, name: str) -> str:
        """A placeholder's value (placeholders.py); empty where there is none."""
        group, _dot, rest = name.partition(".")
        if group == "event":
            if rest == "text":
                return self.message_text or str(self.data.get("text") or "")
            return placeholders.event_value(self.data, rest)
        if group == "company":
            return self.company.name
        return self.attribute(rest)

    def attribute(self, name: str) -> str:
        """A field of the contact: name, first_name, phone, email, language, attribute.<key>."""
        contact = self.contact
        if contact is None:
            return self._said(name)
        if name.startswith("attribute."):
            key = name.removeprefix("attribute.")
            value, definition = contact.attributes.get(key), self.definitions.get(key)
            if value is None:
                return ""
            return str(show(definition, value) if definition else value)
        if name == "first_name":
            return contact.name.partition(" ")[0]
        if name in ("name", "language"):
            return str(getattr(contact, name))
        kind = {"phone": IdentityKind.PHONE, "email": IdentityKind.EMAIL}.get(name)
        rows = contact.held_identities  # type: ignore[attr-defined]
        return next((row.value for row in rows if row.kind == kind), "")

    def _said(self, name: str) -> str:
        """The same from what a source said, where it named nobody whom we know."""
        if name == "first_name":
            return str(self.data.get("name") or "").partition(" ")[0]
        return str(self.data.get(name) or "") if name in ("name", "phone", "email") else ""
