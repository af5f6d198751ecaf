"""What is known behind a batch of events: of the company, and of the contacts that they name.

Each part is read for all of them at once, when it is first asked for: a hundred events cost the
queries of one. The scene of a single event (`Scene`) takes its part out of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, OuterRef, Q, Subquery, Value, When

from conversations.hours import current, opening_of
from conversations.models import Conversation
from conversations.wording import plain
from core import scope
from core.ids import uuid_of
from crm import audiences
from crm.models import Consent, Contact, ContactTag, FieldDefinition, ListMember, Segment
from crm.selectors import field_definitions, said_by, with_details
from messaging.models import Message, Thread
from tenants.models import Company
from webhooks.automations.happening import Happening


class Background:
    """Behind some events and their contacts, at a moment.

    Args:
        contact_ids: whoever they name; what is asked of others is not known.
        segments: the saved audiences that will be asked about, so that one query answers them all.
    """

    def __init__(
        self,
        happenings: Collection[Happening],
        contact_ids: Iterable[UUID | None],
        *,
        now: datetime,
        segments: Collection[UUID] = (),
    ) -> None:
        self._happenings, self.now = happenings, now
        self._ids = list({pk for pk in contact_ids if pk is not None})
        self._wanted = set(segments)
        self._segments: dict[UUID, set[UUID]] = {}

    # --- the company

    @cached_property
    def company(self) -> Company:
        return Company.objects.get(pk=scope.required_company_id())

    @cached_property
    def definitions(self) -> dict[str, FieldDefinition]:
        """The company's own contact fields."""
        return field_definitions()

    @cached_property
    def is_open_now(self) -> bool:
        """Whether the company is there, by its business hours; always, if it has none."""
        hours = current()
        return not hours.is_on or opening_of(hours).is_open(self.now)

    # --- the contacts, by their ids

    @cached_property
    def contacts(self) -> dict[UUID, Contact]:
        """With tags and identities; without those that were deleted."""
        rows = with_details(Contact.objects.alive().filter(pk__in=self._ids))
        return {row.pk: row for row in rows}

    @cached_property
    def tags(self) -> Mapping[UUID, set[UUID]]:
        rows = ContactTag.objects.filter(contact__in=self._ids)
        return _sets(rows.values_list("contact_id", "tag_id"))

    @cached_property
    def lists(self) -> Mapping[UUID, set[UUID]]:
        rows = ListMember.objects.filter(contact__in=self._ids)
        return _sets(rows.values_list("contact_id", "list_id"))

    @cached_property
    def consents(self) -> Mapping[UUID, dict[tuple[str, str], bool]]:
        """(channel, purpose) → what the contact said last."""
        rows = (
            Consent.objects.filter(contact__in=self._ids)
            .order_by("contact", "channel", "purpose", "-at", "-id")
            .distinct("contact", "channel", "purpose")
            .values_list("contact_id", "channel", "purpose", "action")
        )
        found: dict[UUID, dict[tuple[str, str], bool]] = defaultdict(dict)
        for pk, channel, purpose, action in rows:
            word = said_by(action)
            if word is not None:
                found[pk][channel, purpose] = word
        return found

    @cached_property
    def threads(self) -> Mapping[UUID, list[Thread]]:
        """Of each, the one that was last written to us in first."""
        rows = Thread.objects.filter(contact__in=self._ids).select_related("connection")
        found: dict[UUID, list[Thread]] = defaultdict(list)
        for row in sorted(
            rows.defer("connection__credentials"),
            key=lambda row: row.last_inbound_at or row.created_at,
            reverse=True,
        ):
            found[row.contact_id].append(row)
        return found

    @cached_property
    def last_messages(self) -> dict[UUID, Message]:
        """The last one that came or went, from or to each."""
        theirs = Message.objects.filter(contact=OuterRef("pk"), direction__in=("in", "out"))
        last = theirs.exclude(thread=None).order_by("-at", "-id").values("pk")[:1]
        rows = Contact.objects.filter(pk__in=self._ids).annotate(last=Subquery(last))
        ids = dict(rows.values_list("pk", "last"))
        messages = Message.objects.in_bulk([pk for pk in ids.values() if pk is not None])
        return {pk: messages[last] for pk, last in ids.items() if last in messages}

    @cached_property
    def latest_conversations(self) -> dict[UUID, Conversation]:
        rows = _conversations().filter(contact__in=self._ids)
        newest = rows.order_by("contact", "-last_message_at", "-id").distinct("contact")
        return {row.contact_id: row for row in newest}

    def members(self, segment_id: UUID) -> set[UUID]:
        """Those who are in a saved audience; nobody when that is gone."""
        if segment_id not in self._segments:
            self._segments |= self._membership(self._wanted | {segment_id})
        return self._segments[segment_id]

    def _membership(self, wanted: Collection[UUID]) -> dict[UUID, set[UUID]]:
        """One query for all; those inside a saved audience are read by the audience itself."""
        found: dict[UUID, set[UUID]] = {pk: set() for pk in wanted}
        if not self._ids:
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
        if not asked:
            return found
        rows = Contact.objects.alive().filter(pk__in=self._ids).annotate(**asked)
        for row in rows.values("pk", *asked):
            for name in asked:
                if row[name]:
                    found[UUID(hex=name[3:])].add(row["pk"])
        return found

    # --- what the events name

    @cached_property
    def message_texts(self) -> dict[UUID, str]:
        """What was written, of the messages that events are about."""
        rows = Message.objects.in_bulk(self._named("message_id"))
        return {pk: plain(row.content) for pk, row in rows.items()}

    @cached_property
    def conversations(self) -> dict[UUID, Conversation]:
        """Those that events name, by their own id and by their thread's."""
        which = Q(pk__in=self._named("conversation_id")) | Q(thread__in=self._named("thread_id"))
        rows = list(_conversations().filter(which))
        return {row.pk: row for row in rows} | {row.thread_id: row for row in rows}

    def _named(self, name: str) -> list[UUID]:
        found = (uuid_of(str(one.data.get(name) or "")) for one in self._happenings)
        return list({pk for pk in found if pk is not None})


def _conversations() -> Any:
    return Conversation.objects.select_related("thread__connection", "contact", "last_message")


def _sets(pairs: Iterable[tuple[UUID, UUID]]) -> Mapping[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return found
