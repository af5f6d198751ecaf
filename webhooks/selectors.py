"""Reads of received items for the page."""

from uuid import UUID

from django.db.models import QuerySet

from webhooks.enums import ItemState
from webhooks.models import Item


def received_items(*, state: str = "") -> QuerySet[Item]:
    """Items with the number they came to, optionally of one state; without what they say."""
    rows = Item.objects.select_related("connection").defer("data", "connection__credentials")
    return rows.filter(state=state) if state in ItemState.values else rows


def item_with_data(item_id: UUID) -> Item | None:
    """One item with what it says."""
    rows = Item.objects.select_related("connection").defer("connection__credentials")
    return rows.filter(pk=item_id).first()
