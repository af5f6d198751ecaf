"""Reads of received items, and the manager's numbers."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from core.ids import first_uuid7
from events.models import Event
from events.selectors import letter_count
from webhooks.enums import ItemState
from webhooks.models import Item

DAY = timedelta(days=1)
COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Summary:
    """The last day in numbers, each counted to ten thousand.

    Attributes:
        dead: what was given up and still waits for somebody, whenever it came.
    """

    events: int
    received: int
    dead: int


def summary() -> Summary:
    """What the manager shows on top."""
    since = timezone.now() - DAY
    return Summary(
        events=Event.objects.filter(uid__gte=first_uuid7(since))[:COUNTED].count(),
        received=Item.objects.filter(received_at__gte=since)[:COUNTED].count(),
        dead=letter_count(),
    )


def received_items(*, state: str = "") -> QuerySet[Item]:
    """Items with the number they came to, optionally of one state; without what they say."""
    rows = Item.objects.select_related("connection").defer("data", "connection__credentials")
    return rows.filter(state=state) if state in ItemState.values else rows


def item_with_data(item_id: UUID) -> Item | None:
    """One item with what it says."""
    rows = Item.objects.select_related("connection").defer("connection__credentials")
    return rows.filter(pk=item_id).first()
