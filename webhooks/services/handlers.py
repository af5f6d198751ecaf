"""What an item means to the apps below: one short function for each kind."""

from collections.abc import Callable
from typing import Any

from connections.models import Connection
from connections.providers.base import (
    InboundMessage,
    Malformed,
    NeutralItem,
    NumberUpdate,
    PreferenceUpdate,
    Receipt,
    TemplateUpdate,
    Unknown,
)
from connections.services import updates
from messaging.services import inbound, receipts, templates
from webhooks.enums import ItemState
from webhooks.models import Item


def handle(item: Item, told: NeutralItem) -> ItemState:
    """Apply an item in the caller's transaction; says what it came to.

    Idempotent: an item that was applied before changes nothing.
    """
    handler: Callable[[Item, Any], ItemState] = _HANDLERS[type(told)]
    return handler(item, told)


def _message(item: Item, told: InboundMessage) -> ItemState:
    inbound.receive(connection=_connection(item), inbound=told)
    return ItemState.PROCESSED


def _receipt(item: Item, told: Receipt) -> ItemState:
    receipts.apply(connection=_connection(item), receipts=[told])
    return ItemState.PROCESSED


def _preference(item: Item, told: PreferenceUpdate) -> ItemState:
    inbound.apply_preference(connection=_connection(item), update=told)
    return ItemState.PROCESSED


def _template(item: Item, told: TemplateUpdate) -> ItemState:
    templates.apply_update(told)
    return ItemState.PROCESSED


def _number(item: Item, told: NumberUpdate) -> ItemState:
    found = updates.apply_update(item.provider, told)
    return ItemState.PROCESSED if found else ItemState.IGNORED


def _unknown(item: Item, told: Unknown) -> ItemState:
    return ItemState.IGNORED


def _malformed(item: Item, told: Malformed) -> ItemState:
    return ItemState.DEAD


def _connection(item: Item) -> Connection:
    """The item's number; a number that was released meanwhile has none, and the item waits."""
    if item.connection_id is None:
        found = Connection.objects.get(
            provider=item.provider, external_id=item.data["number_id"], deleted_at=None
        )
        Item.objects.filter(pk=item.pk).update(connection=found)
        return found
    return Connection.objects.get(pk=item.connection_id)


_HANDLERS: dict[type, Callable[[Item, Any], ItemState]] = {
    InboundMessage: _message,
    Receipt: _receipt,
    PreferenceUpdate: _preference,
    TemplateUpdate: _template,
    NumberUpdate: _number,
    Unknown: _unknown,
    Malformed: _malformed,
}
