"""Handling received items: each once, each alone, and none in the way of the others."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import InboundMessage, Receipt
from core import agenda
from events.services import letters
from messaging.services import inbound, receipts
from webhooks import dead_items
from webhooks import items as rows
from webhooks.agenda import PROCESS
from webhooks.enums import ItemState
from webhooks.models import Item
from webhooks.services import handlers, inbox

log = structlog.get_logger(__name__)

BATCH = 200
TOGETHER = 50  # messages in one transaction, which keeps their people waiting
SLICE_SECONDS = 2.0
LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 5
BACKOFF_SECONDS = (5, 30, 300, 1_800)


def process(_key: str) -> None:
    """The agenda's handler for `webhooks.process`: a slice of waiting items, oldest first.

    New items are taken many at once, so that receipts go into the ledger in one statement and
    messages into their threads in a few. What was tried before is taken alone: an item that kills
    its worker takes nobody along.
    """
    ends_at = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < ends_at:
        fresh = _take(BATCH, attempts=0)
        _handle_batch(fresh)
        retried = [] if fresh else _take(1)
        _handle_batch(retried)
        if not fresh and not retried:
            break
    # Also when nothing was left: what failed waits for its next try.
    with transaction.atomic():
        for key, due_at in inbox.due(None):
            agenda.append(PROCESS, key, due_at)


@transaction.atomic
def _take(limit: int, attempts: int | None = None) -> list[Item]:
    """Count the attempt first and put the next one off, so that a crash is an attempt too."""
    now = timezone.now()
    waiting = Item.objects.filter(state__in=inbox.WAITING, due_at__lte=now)
    if attempts is not None:
        waiting = waiting.filter(attempts=attempts)
    taken = list(
        waiting.order_by("due_at", "received_at", "position").select_for_update(
            skip_locked=True, of=("self",)
        )[:limit]
    )
    worn_out = [item for item in taken if item.attempts >= MAX_ATTEMPTS]
    for item in worn_out:
        _give_up(item, item.error or "its worker died while handling it")
    taken = [item for item in taken if item.attempts < MAX_ATTEMPTS]
    Item.objects.filter(pk__in=[item.pk for item in taken]).update(
        attempts=F("attempts") + 1, due_at=now + LEASE
    )
    for item in taken:
        item.attempts += 1
    return taken


def _handle_batch(items: Sequence[Item]) -> None:
    receipts_of: dict[UUID, list[tuple[Item, Receipt]]] = defaultdict(list)
    messages_of: dict[UUID, list[tuple[Item, InboundMessage]]] = defaultdict(list)
    for item in items:
        if item.kind == rows.BUNDLE:
            _handle_bundle(item)
            continue
        try:
            told = rows.unpack(item.kind, item.data)
        except (KeyError, TypeError, ValueError) as error:
            _give_up(item, f"{type(error).__name__}: {error}")
            continue
        if item.connection_id is None:
            _handle(item, told)
        elif isinstance(told, Receipt):
            receipts_of[item.connection_id].append((item, told))
        elif isinstance(told, InboundMessage):
            messages_of[item.connection_id].append((item, told))
        else:
            _handle(item, told)
    for connection_id, received in messages_of.items():
        for first in range(0, len(received), TOGETHER):
            _handle_together(connection_id, received[first : first + TOGETHER], _take_in)
    for connection_id, pairs in receipts_of.items():
        _handle_together(connection_id, pairs, _apply_receipts)


def _handle_together(
    connection_id: UUID,
    pairs: Sequence[tuple[Item, Any]],
    apply: Callable[[Connection, list[Any]], object],
) -> None:
    """What several items of a connection say, in one transaction; if it fails, each in its own."""
    try:
        with transaction.atomic():
            apply(Connection.objects.get(pk=connection_id), [told for _, told in pairs])
            _finish([item.pk for item, _ in pairs], ItemState.PROCESSED)
    except Exception:
        log.exception("webhooks.items_failed", count=len(pairs))
        for item, told in pairs:
            _handle(item, told)


def _take_in(connection: Connection, told: Sequence[InboundMessage]) -> None:
    inbound.receive_all(connection=connection, inbounds=told)


def _apply_receipts(connection: Connection, told: Sequence[Receipt]) -> None:
    receipts.apply(connection=connection, receipts=told)


def _handle_bundle(item: Item) -> None:
    """Receipts that stood together and were applied as they came: staff want them again."""
    try:
        with transaction.atomic():
            connection = Connection.objects.get(pk=cast(UUID, item.connection_id))
            receipts.apply(connection=connection, receipts=rows.unbundle(item.data))
            _finish([item.pk], ItemState.PROCESSED)
    except Exception as error:
        log.exception("webhooks.item_failed", item=str(item.pk), kind=item.kind)
        _put_off(item, f"{type(error).__name__}: {error}")


def _handle(item: Item, told: rows.NeutralItem) -> None:
    try:
        with transaction.atomic():
            state = handlers.handle(item, told)
            _finish([item.pk], state)
    except Exception as error:
        log.exception("webhooks.item_failed", item=str(item.pk), kind=item.kind)
        _put_off(item, f"{type(error).__name__}: {error}")


def _finish(ids: Sequence[UUID], state: ItemState) -> None:
    Item.objects.filter(pk__in=ids).update(state=state, error="", processed_at=timezone.now())


def _put_off(item: Item, error: str) -> None:
    if item.attempts >= MAX_ATTEMPTS:
        _give_up(item, error)
        return
    wait = timedelta(seconds=BACKOFF_SECONDS[min(item.attempts, len(BACKOFF_SECONDS)) - 1])
    Item.objects.filter(pk=item.pk).update(
        state=ItemState.RETRY, due_at=timezone.now() + wait, error=error[:500]
    )


@transaction.atomic
def _give_up(item: Item, error: str) -> None:
    log.error("webhooks.item_dead", item=str(item.pk), kind=item.kind)
    Item.objects.filter(pk=item.pk).update(
        state=ItemState.DEAD, error=error[:500], processed_at=timezone.now()
    )
    letters.quarantined(dead_items.BOX)
