"""The company's side of the door: items come in, are handled each on its own, and stay readable."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, cast
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import InboundMessage, NeutralItem, Receipt
from core import agenda, statements
from core.ids import uuid7
from events.services import letters
from messaging.services import inbound, receipts
from webhooks import dead_items
from webhooks import items as rows
from webhooks.agenda import PROCESS
from webhooks.enums import ItemState
from webhooks.models import Item
from webhooks.services.again import handle_again

log = structlog.get_logger(__name__)

WAITING = (ItemState.RECEIVED, ItemState.RETRY)
# So many messages are taken in by whoever opened their envelopes: a quarter of a second at most.
FEW = 25
_STORE = """
    INSERT INTO webhooks_item (id, envelope_id, position, connection_id, provider, kind, key, data,
                               state, attempts, due_at, error, replayed, received_at, processed_at)
    SELECT v.id, v.envelope, v.position, v.connection, %(provider)s::text, v.kind, v.key, v.data,
           v.state, 0, %(now)s::timestamptz, '', 0, v.received_at,
           CASE v.state WHEN 'processed' THEN %(now)s::timestamptz END
    FROM jsonb_to_recordset(%(items)s::jsonb)
         AS v(id uuid, envelope uuid, position int, connection uuid, kind text, key text,
              data jsonb, state text, received_at timestamptz)
    ON CONFLICT (envelope_id, position) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Items of one envelope that stood at one place: a row to be.

    Attributes:
        number_id: the number they were sent to (empty: the account as a whole).
        account_id: the account above it, as the provider named it.
        receipts: what the row says, where that is receipts and they are at hand.
        message: the same where it is a message.
    """

    envelope_id: UUID
    received_at: datetime
    packed: rows.Packed
    number_id: str
    receipts: tuple[Receipt, ...] = ()
    account_id: str = ""
    message: InboundMessage | None = None

    def apart(self) -> "Iterator[Arrival]":
        """The same with a row for each receipt."""
        if not self.receipts:
            yield self
        for offset, told in enumerate(self.receipts):
            packed = rows.pack(told, self.packed.position + offset)
            yield Arrival(self.envelope_id, self.received_at, packed, self.number_id)


def arrivals(
    envelope_id: UUID, received_at: datetime, items: Iterable[tuple[int, NeutralItem]]
) -> Iterator[Arrival]:
    """Items of one envelope with their positions, as rows: receipts that follow each other and
    came to the same number are one."""
    for _, group in groupby(items, key=_place):
        entries = list(group)
        position, first = entries[0]
        if isinstance(first, Receipt):
            told = tuple(item for _, item in entries if isinstance(item, Receipt))
            packed = rows.bundle(told, position)
            yield Arrival(envelope_id, received_at, packed, first.number_id, told)
        else:
            packed = rows.pack(first, position)
            yield Arrival(
                envelope_id,
                received_at,
                packed,
                first.number_id,
                account_id=first.account_id,
                message=first if isinstance(first, InboundMessage) else None,
            )


def _place(entry: tuple[int, NeutralItem]) -> tuple[str, str, int]:
    """What makes neighbours one row: being receipts of the same number."""
    position, item = entry
    return item.number_id, item.account_id, -1 if isinstance(item, Receipt) else position


def accept(*, provider: str, arrivals: Sequence[Arrival], at_once: bool = False) -> None:
    """Write items into this company; repeated ones change nothing.

    Args:
        at_once: apply receipts, and messages if they are few, here and now and in one transaction:
            that spares them a row each that waits and is written three times, and messages the way
            to another worker. What cannot be applied waits, each in a row of its own, so that it
            holds up no other.
    """
    connections = _connections(provider, {arrival.number_id for arrival in arrivals})
    with transaction.atomic():
        # Messages before receipts, which lock what a message may lock: never in a circle.
        heard = _heard(connections, arrivals) if at_once else []
        told = {
            number
            for number, row in connections.items()
            if at_once and _applied(row, number, arrivals)
        }
        items = [
            _item(connections.get(row.number_id), row, is_done=is_done)
            for arrival in arrivals
            for row, is_done in _rows(arrival, told, heard)
        ]
        statements.run(_STORE, items=statements.rows(items), provider=provider, now=timezone.now())
        if any(item["state"] == ItemState.RECEIVED for item in items):
            agenda.append(PROCESS)


def _rows(
    arrival: Arrival, told: Container[str], heard: Container[Arrival]
) -> Iterator[tuple[Arrival, bool]]:
    """The rows of what arrived, and whether what they say was applied."""
    if arrival.receipts and arrival.number_id in told:
        yield arrival, True
        return
    for row in arrival.apart():
        yield row, row in heard


def _heard(connections: Mapping[str, Connection], arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Take a few messages in; those that are in: all or, when one of them cannot be, none. Where
    there are many, the workers beside share them."""
    messages = [one for one in arrivals if one.message is not None and one.number_id in connections]
    if len(messages) > FEW:
        return []
    theirs: dict[str, list[InboundMessage]] = defaultdict(list)
    for one in messages:
        theirs[one.number_id].append(_said(one))
    try:
        with transaction.atomic():
            for number_id in sorted(theirs):
                inbound.receive_all(connection=connections[number_id], inbounds=theirs[number_id])
    except Exception:
        log.exception("webhooks.messages_failed", count=len(messages))
        return []
    return messages


def _said(arrival: Arrival) -> InboundMessage:
    return cast(InboundMessage, arrival.message)


def _applied(connection: Connection, number_id: str, arrivals: Iterable[Arrival]) -> bool:
    told = [one for row in arrivals if row.number_id == number_id for one in row.receipts]
    try:
        with transaction.atomic():
            receipts.apply(connection=connection, receipts=told)
    except Exception:
        log.exception("webhooks.receipts_failed", count=len(told))
        return False
    return True


def _item(connection: Connection | None, arrival: Arrival, *, is_done: bool) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "envelope": arrival.envelope_id,
        "position": arrival.packed.position,
        "connection": connection.pk if connection else None,
        "kind": arrival.packed.kind,
        "key": arrival.packed.key,
        "data": arrival.packed.data,
        "received_at": arrival.received_at,
        "state": ItemState.PROCESSED if is_done else ItemState.RECEIVED,
    }


@transaction.atomic
def process_again(*, item: Item) -> None:
    """Have an item handled once more; what it did before it will not do twice."""
    handle_again(Item.objects.filter(pk=item.pk))
    agenda.append(PROCESS)
    letters.settled(dead_items.BOX)


def due(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """When the next item is due (the agenda's selector); at most one entry."""
    at = Item.objects.filter(state__in=WAITING).aggregate(at=Min("due_at"))["at"]
    return [("", at)] if at is not None else []


def _connections(provider: str, number_ids: set[str]) -> dict[str, Connection]:
    """The numbers of ours among them, without their credentials."""
    rows = Connection.objects.filter(provider=provider, external_id__in=number_ids, deleted_at=None)
    # In one order, so that two who apply receipts of the same numbers never wait in a circle.
    return {row.external_id: row for row in rows.defer("credentials").order_by("pk")}
