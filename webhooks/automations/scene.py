"""What conditions and steps see: an event, its contact, and what is known of both.

Each part is looked up once, when it is first asked for, whoever asks and however many automations
do: so an event costs a constant number of queries.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, Q, Value, When

from connections.models import Connection
from connections.selectors import alive, number_for, provider_of
from conversations.hours import current, opening_of
from conversations.models import Conversation
from conversations.wording import plain
from core import scope
from core.ids import uuid_of
from crm import audiences
from crm.enums import Channel, IdentityKind
from crm.field_kinds import show
from crm.models import Consent, Contact, ContactTag, FieldDefinition, ListMember, Segment
from crm.selectors import field_definitions, said_by, with_details
from messaging.models import Message, Thread
from tenants.models import Company
from webhooks.automations import placeholders, related
from webhooks.automations.happening import Happening


class Scene:
    """An event and one contact of it, at a moment.

    Args:
        segments: the saved audiences that will be asked about, so that one query answers them all.
    """

    def __init__(
        self,
        happening: Happening,
        contact_id: UUID | None,
        *,
        now: datetime,
        segments: Collection[UUID] = (),
    ) -> None:
        self.happening, self.contact_id, self.now = happening, contact_id, now
        self._wanted = set(segments)
        self._segments: dict[UUID, bool] = {}

    @property
    def data(self) -> Mapping[str, Any]:
        """The event's fields."""
        return self.happening.data

    @cached_property
    def contact(self) -> Contact | None:
        """With tags and identities; None when it names nobody, or somebody who was deleted."""
        if self.contact_id is None:
            return None
        return with_details(Contact.objects.alive().filter(pk=self.contact_id)).first()

    @cached_property
    def tags(self) -> set[UUID]:
        rows = ContactTag.objects.filter(contact=self.contact_id)
        return set(rows.values_list("tag_id", flat=True))

    @cached_property
    def lists(self) -> set[UUID]:
        rows = ListMember.objects.filter(contact=self.contact_id)
        return set(rows.values_list("list_id", flat=True))

    @cached_property
    def definitions(self) -> dict[str, FieldDefinition]:
        """The company's own contact fields."""
        return field_definitions()

    def is_in(self, segment_id: UUID) -> bool:
        """Whether the contact is in a saved audience; not when that is gone."""
        if segment_id not in self._segments:
            self._segments |= self._membership(self._wanted | {segment_id})
        return self._segments[segment_id]

    @cached_property
    def conversation(self) -> Conversation | None:
        """The one that the event names, else the contact's latest."""
        rows = Conversation.objects.select_related("thread__connection", "contact", "last_message")
        named = uuid_of(str(self.data.get("conversation_id") or ""))
        thread = uuid_of(str(self.data.get("thread_id") or ""))
        if named or thread:
            which = Q(pk=named) if named else Q(thread=thread)
            return rows.filter(which, contact=self.contact_id).first()
        if self.contact_id is None:
            return None
        return rows.filter(contact=self.contact_id).order_by("-last_message_at", "-id").first()

    @cached_property
    def threads(self) -> list[Thread]:
        """The contact's, the one that was last written to us in first."""
        rows = Thread.objects.filter(contact=self.contact_id).select_related("connection")
        return sorted(
            rows.defer("connection__credentials"),
            key=lambda row: row.last_inbound_at or row.created_at,
            reverse=True,
        )

    @property
    def is_window_open(self) -> bool:
        """Whether free-form messages may be sent to the contact somewhere."""
        return any(row.window_until and row.window_until > self.now for row in self.threads)

    @cached_property
    def last_message(self) -> Message | None:
        """The last one that came or went, from or to the contact."""
        rows = Message.objects.filter(contact=self.contact_id, direction__in=("in", "out"))
        return rows.exclude(thread=None).order_by("-at", "-id").first()

    @cached_property
    def message_text(self) -> str:
        """What the customer wrote, if the event is a message of theirs."""
        pk = uuid_of(str(self.data.get("message_id") or ""))
        message = Message.objects.filter(pk=pk).first() if pk else None
        return plain(message.content) if message is not None else ""

    @cached_property
    def consents(self) -> dict[tuple[str, str], bool]:
        """(channel, purpose) → what the contact said last."""
        rows = (
            Consent.objects.filter(contact=self.contact_id)
            .order_by("channel", "purpose", "-at", "-id")
            .distinct("channel", "purpose")
            .values_list("channel", "purpose", "action")
        )
        said = {(channel, purpose): said_by(action) for channel, purpose, action in rows}
        return {key: word for key, word in said.items() if word is not None}

    @cached_property
    def is_open_now(self) -> bool:
        """Whether the company is there, by its business hours; always, if it has none."""
        hours = current()
        return not hours.is_on or opening_of(hours).is_open(self.now)

    @cached_property
    def happened(self) -> dict[str, datetime]:
        """Types of the other events about the same order or contact."""
        return related.types_about(self.happening, self.contact_id, now=self.now)

    @cached_property
    def company(self) -> Company:
        return Company.objects.get(pk=scope.required_company_id())

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

    def _membership(self, wanted: Collection[UUID]) -> dict[UUID, bool]:
        """One query for all; those inside a saved audience are read by the audience itself."""
        found = dict.fromkeys(wanted, False)
        if self.contact_id is None:
            return found
        context = audiences.Context(now=self.now)
        asked: dict[str, Any] = {}
        for pk, segment in Segment.objects.in_bulk(list(wanted)).items():
            try:
                condition = audiences.condition_of(segment.audience, context)
            except audiences.Unresolvable:
                continue
            asked[f"in_{pk.hex}"] = Case(
                When(condition, then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            )
        row = Contact.objects.alive().filter(pk=self.contact_id).annotate(**asked)
        told = row.values(*asked).first() if asked else None
        return found | {UUID(hex=name[3:]): bool(held) for name, held in (told or {}).items()}
