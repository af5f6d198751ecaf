"""The company's side of the door: items come in, are handled each on its own, and stay readable."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone

from connections.models import Connection
from core import agenda
from core.ids import uuid7
from webhooks import items as rows
from webhooks.agenda import PROCESS
from webhooks.enums import ItemState
from webhooks.models import Item

WAITING = (ItemState.RECEIVED, ItemState.RETRY)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An item and the number it was sent to (empty: the account as a whole)."""

    packed: rows.Packed
    number_id: str


def accept(
    *, provider: str, envelope_id: UUID, received_at: datetime, arrivals: Sequence[Arrival]
) -> None:
    """Write items into this company, in the caller's transaction; repeated ones change nothing."""
    connections = _connections(provider, {arrival.number_id for arrival in arrivals})
    Item.objects.bulk_create(
        [
            Item(
                id=uuid7(),
                envelope_id=envelope_id,
                position=arrival.packed.position,
                connection_id=connections.get(arrival.number_id),
                provider=provider,
                kind=arrival.packed.kind,
                key=arrival.packed.key,
                data=arrival.packed.data,
                received_at=received_at,
            )
            for arrival in arrivals
        ],
        ignore_conflicts=True,
    )
    agenda.append(PROCESS)


@transaction.atomic
def process_again(*, item: Item) -> None:
    """Have an item handled once more; what it did before it will not do twice."""
    Item.objects.filter(pk=item.pk).update(
        state=ItemState.RECEIVED,
        attempts=0,
        error="",
        due_at=timezone.now(),
        replayed=F("replayed") + 1,
    )
    agenda.append(PROCESS)


def due(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """When the next item is due (the agenda's selector); at most one entry."""
    at = Item.objects.filter(state__in=WAITING).aggregate(at=Min("due_at"))["at"]
    return [("", at)] if at is not None else []


def _connections(provider: str, number_ids: set[str]) -> dict[str, UUID]:
    found = Connection.objects.filter(
        provider=provider, external_id__in=number_ids, deleted_at=None
    )
    return dict(found.values_list("external_id", "pk"))
