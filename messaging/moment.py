"""What the gate's rules look up, once for all of them.

A `Moment` belongs to one batch. A `Memory` may be shared by the batches of a sender's slice (a
second or two) or of a preflight: what changes rarely is read once, and what a preflight would use
up is remembered there instead of being written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from connections.models import Connection
from connections.selectors import provider_of
from core import scope
from crm.models import Contact
from messaging.models import SendingPolicy, Stream, Template, Thread
from messaging.rates.cards import Card, card_of
from tenants.models import Company

if TYPE_CHECKING:
    from messaging.gate import Candidate

Place = tuple[UUID, UUID]  # contact, connection


@dataclass(slots=True)
class Memory:
    """What several batches share; never older than the work that made it."""

    policy: SendingPolicy | None = None
    cards: dict[date, Card] = field(default_factory=dict)
    # Portfolio → people that earlier batches would reach, and room seen at the last exact count.
    reached: dict[str, set[UUID]] = field(default_factory=dict)
    room: dict[str, int] = field(default_factory=dict)
    # Run (None: the month) → money that earlier batches would leave of its budget.
    left: dict[UUID | None, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class Moment:
    """When and how a batch is judged.

    Attributes:
        effects: without them nothing may be written or used up.
        is_at_wire: the batch goes out in this transaction: what it uses up is taken now.
    """

    now: datetime
    effects: bool
    is_at_wire: bool = False
    memory: Memory = field(default_factory=Memory)
    _company: Company | None = None
    _connections: dict[UUID, Connection] = field(default_factory=dict)
    _templates: dict[UUID, Template] = field(default_factory=dict)
    _streams: dict[UUID, Stream] = field(default_factory=dict)
    _zones: dict[UUID, str | None] = field(default_factory=dict)
    _windows: dict[Place, datetime | None] = field(default_factory=dict)

    @property
    def company(self) -> Company:
        """The company whose messages they are."""
        if self._company is None:
            self._company = Company.objects.get(pk=scope.required_company_id())
        return self._company

    @property
    def policy(self) -> SendingPolicy:
        """How the company wants to send; one without a row has no wishes."""
        if self.memory.policy is None:
            self.memory.policy = SendingPolicy.objects.first() or SendingPolicy()
        return self.memory.policy

    @property
    def card(self) -> Card:
        """The rate card of the day."""
        day = self.now.date()
        if day not in self.memory.cards:
            self.memory.cards[day] = card_of(day)
        return self.memory.cards[day]

    def connections(self, batch: Iterable[Candidate]) -> dict[UUID, Connection]:
        """The connections of a batch, by id."""
        missing = {item.connection_id for item in batch} - self._connections.keys()
        if missing:
            self._connections |= Connection.objects.defer("credentials").in_bulk(missing)
        return self._connections

    def channels(self, batch: Iterable[Candidate]) -> dict[UUID, str]:
        """Connection → channel (crm.enums.Channel)."""
        return {pk: provider_of(row).channel for pk, row in self.connections(batch).items()}

    def templates(self, batch: Iterable[Candidate]) -> dict[UUID, Template]:
        """The templates of a batch, by id; those that do not exist are missing."""
        wanted = {item.template_id for item in batch if item.template_id is not None}
        missing = wanted - self._templates.keys()
        if missing:
            self._templates |= Template.objects.defer("components", "variables").in_bulk(missing)
        return self._templates

    def streams(self, batch: Iterable[Candidate]) -> dict[UUID, Stream]:
        """The runs of a batch, by id."""
        wanted = {item.stream_id for item in batch if item.stream_id is not None}
        missing = wanted - self._streams.keys()
        if missing:
            self._streams |= Stream.objects.defer("counts").in_bulk(missing)
        return self._streams

    def zones(self, batch: Iterable[Candidate]) -> dict[UUID, str]:
        """Living contact → its own time zone, empty where none is known."""
        missing = {item.contact_id for item in batch} - self._zones.keys()
        if missing:
            rows = Contact.objects.filter(pk__any_of=missing, deleted_at=None)
            self._zones |= dict.fromkeys(missing)
            self._zones |= dict(rows.values_list("pk", "timezone"))
        return {pk: zone for pk, zone in self._zones.items() if zone is not None}

    def open_places(self, batch: Collection[Candidate]) -> set[Place]:
        """Those (contact, connection) of a batch whose customer service window is open."""
        places = {(item.contact_id, item.connection_id) for item in batch}
        missing = places - self._windows.keys()
        if missing:
            rows = Thread.objects.filter(
                contact__any_of={contact for contact, _ in missing},
                connection_id__in={connection for _, connection in missing},
                window_until__gt=self.now,
            )
            self._windows |= dict.fromkeys(missing)
            self._windows |= {
                (contact, connection): until
                for contact, connection, until in rows.values_list(
                    "contact_id", "connection_id", "window_until"
                )
            }
        return {place for place in places if self._windows[place] is not None}


def by_channel_and_purpose(
    batch: Sequence[Candidate], moment: Moment
) -> dict[tuple[str, str], list[Candidate]]:
    """The batch by channel and purpose: one question to a ledger for each."""
    channels = moment.channels(batch)
    groups: dict[tuple[str, str], list[Candidate]] = {}
    for item in batch:
        groups.setdefault((channels[item.connection_id], item.purpose), []).append(item)
    return groups
