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
from typing import TYPE_CHECKING, Any
from uuid import UUID

from connections.models import Connection
from connections.selectors import provider_of
from core import scope, statements
from crm.standing import Standing, standings
from crm.suppression_key import Digester, digester
from messaging.models import SendingPolicy, Stream, Template, Thread
from messaging.rates.cards import Card, card_of
from tenants.models import Company

if TYPE_CHECKING:
    from messaging.gate import Candidate

Place = tuple[UUID, UUID]  # contact, connection


# The version of each row: the transaction that wrote it (xmin, PostgreSQL "System Columns").
_VERSIONS = """
    SELECT id, xmin::text FROM public.tenants_company WHERE id = %(company)s
    UNION ALL SELECT id, xmin::text FROM connections_connection WHERE id = ANY(%(connections)s)
    UNION ALL SELECT id, xmin::text FROM messaging_template WHERE id = ANY(%(templates)s)
    UNION ALL SELECT id, xmin::text FROM messaging_stream WHERE id = ANY(%(streams)s)
    UNION ALL SELECT NULL, xmin::text FROM messaging_sendingpolicy
"""


@dataclass(slots=True)
class Rows:
    """Rows that many messages share, looked up once."""

    company: Company | None = None
    policy: SendingPolicy | None = None
    connections: dict[UUID, Connection] = field(default_factory=dict)
    templates: dict[UUID, Template] = field(default_factory=dict)
    streams: dict[UUID, Stream] = field(default_factory=dict)

    def versions(self) -> frozenset[tuple[Any, ...]]:
        """What tells whether any of them was changed since: one short statement."""
        return frozenset(
            statements.run(
                _VERSIONS,
                company=scope.required_company_id(),
                connections=list(self.connections),
                templates=list(self.templates),
                streams=list(self.streams),
            )
        )


@dataclass(slots=True)
class Memory:
    """What several batches share; never older than the work that made it."""

    rows: Rows = field(default_factory=Rows)
    versions: frozenset[tuple[Any, ...]] = frozenset()
    digest: Digester | None = None
    cards: dict[date, Card] = field(default_factory=dict)
    # Portfolio → people that earlier batches would reach, and room seen at the last exact count.
    reached: dict[str, set[UUID]] = field(default_factory=dict)
    room: dict[str, int] = field(default_factory=dict)
    # Run (None: the month) → money that earlier batches would leave of its budget.
    left: dict[UUID | None, Decimal] = field(default_factory=dict)

    def current_rows(self) -> Rows:
        """The rows of earlier batches, if none of them was changed since; else none.

        Their versions are asked before they are read again, so a change in between is seen by
        the next batch.
        """
        versions = self.rows.versions()
        if versions != self.versions:
            self.rows, self.versions = Rows(), versions
        return self.rows


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
    _rows: Rows = field(init=False)
    _standings: dict[UUID, Standing] = field(default_factory=dict)
    _windows: dict[Place, datetime | None] = field(default_factory=dict)
    _asked: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        is_shared = self.is_at_wire or self.memory.versions
        self._rows = self.memory.current_rows() if is_shared else Rows()

    @property
    def company(self) -> Company:
        """The company whose messages they are."""
        if self._rows.company is None:
            self._rows.company = Company.objects.get(pk=scope.required_company_id())
        return self._rows.company

    @property
    def policy(self) -> SendingPolicy:
        """How the company wants to send; one without a row has no wishes."""
        if self._rows.policy is None:
            self._rows.policy = SendingPolicy.objects.first() or SendingPolicy()
        return self._rows.policy

    @property
    def card(self) -> Card:
        """The rate card of the day."""
        day = self.now.date()
        if day not in self.memory.cards:
            self.memory.cards[day] = card_of(day)
        return self.memory.cards[day]

    def connections(self, batch: Iterable[Candidate]) -> dict[UUID, Connection]:
        """The connections of a batch, by id."""
        known = self._rows.connections
        if self._was_asked("connections", batch):
            return known
        missing = {item.connection_id for item in batch} - known.keys()
        if missing:
            known |= Connection.objects.defer("credentials").in_bulk(missing)
        return known

    def channels(self, batch: Iterable[Candidate]) -> dict[UUID, str]:
        """Connection → channel (crm.enums.Channel)."""
        return {pk: provider_of(row).channel for pk, row in self.connections(batch).items()}

    def templates(self, batch: Iterable[Candidate]) -> dict[UUID, Template]:
        """The templates of a batch, by id; those that do not exist are missing."""
        known = self._rows.templates
        if self._was_asked("templates", batch):
            return known
        wanted = {item.template_id for item in batch if item.template_id is not None}
        missing = wanted - known.keys()
        if missing:
            known |= Template.objects.defer("components", "variables").in_bulk(missing)
        return known

    def streams(self, batch: Iterable[Candidate]) -> dict[UUID, Stream]:
        """The runs of a batch, by id."""
        known = self._rows.streams
        if self._was_asked("streams", batch):
            return known
        wanted = {item.stream_id for item in batch if item.stream_id is not None}
        missing = wanted - known.keys()
        if missing:
            known |= Stream.objects.defer("counts").in_bulk(missing)
        return known

    def standings(self, batch: Iterable[Candidate]) -> dict[UUID, Standing]:
        """Message → how its person stands (deleted, suppressed, what they said last)."""
        if self._was_asked("standings", batch):
            return self._standings
        missing = [item for item in batch if item.id not in self._standings]
        if missing:
            if self.memory.digest is None:
                self.memory.digest = digester()
            for (channel, purpose), items in by_channel_and_purpose(missing, self).items():
                people = [(item.contact_id, item.address) for item in items]
                told = standings(people, channel, purpose, self.memory.digest)
                self._standings.update(zip([item.id for item in items], told, strict=True))
        return self._standings

    def zones(self, batch: Collection[Candidate]) -> dict[UUID, str]:
        """Living contact → its own time zone, empty where none is known."""
        told = self.standings(batch)
        return {item.contact_id: zone for item in batch if (zone := told[item.id].zone) is not None}

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

    def _was_asked(self, what: str, batch: object) -> bool:
        """Whether the question is the last one again: a dozen rules ask it of one batch, and to
        see that nothing is missing takes a look at every message."""
        if self._asked.get(what) is batch:
            return True
        self._asked[what] = batch
        return False


def by_channel_and_purpose(
    batch: Sequence[Candidate], moment: Moment
) -> dict[tuple[str, str], list[Candidate]]:
    """The batch by channel and purpose: one question to a ledger for each."""
    channels = moment.channels(batch)
    groups: dict[tuple[str, str], list[Candidate]] = {}
    for item in batch:
        groups.setdefault((channels[item.connection_id], item.purpose), []).append(item)
    return groups
