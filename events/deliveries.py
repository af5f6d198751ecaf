"""Durable subscribers get their events here, one at a time, until each is handled or given up."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone

from core import agenda
from events.bus import DELIVER, subscriber
from events.enums import DeliveryState
from events.models import Delivery

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 5
BACKOFF_SECONDS = (5, 30, 300, 1800)
BATCH = 100


def deliver(name: str) -> None:
    """Hand a subscriber what is due for it; more than a batch is left to the next wake-up."""
    listener = subscriber(name)
    if listener is None:
        log.error("events.subscriber_gone", subscriber=name)
        return
    waiting = Delivery.objects.filter(
        subscriber=name, state=DeliveryState.PENDING, due_at__lte=timezone.now()
    )
    for pk in list(waiting.order_by("id").values_list("pk", flat=True)[:BATCH]):
        _deliver_one(pk)
    if waiting.exists():
        with transaction.atomic():
            agenda.append(DELIVER, name)


def _deliver_one(pk: int) -> None:
    """Count the attempt first, in a transaction of its own: a handler that kills us counts."""
    with transaction.atomic():
        row = (
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(pk=pk, state=DeliveryState.PENDING, due_at__lte=timezone.now())
            .first()
        )
        if row is None:
            return
        if row.attempts >= MAX_ATTEMPTS:
            _give_up(row, row.error or "the process died while handling it")
            return
        wait = BACKOFF_SECONDS[min(row.attempts, len(BACKOFF_SECONDS) - 1)]
        Delivery.objects.filter(pk=pk).update(
            attempts=F("attempts") + 1, due_at=timezone.now() + timedelta(seconds=wait)
        )
    try:
        with transaction.atomic():
            _handle(pk)
    except Exception as error:
        log.exception("events.delivery_failed", delivery=pk)
        _record_failure(pk, f"{type(error).__name__}: {error}"[:500])


def _handle(pk: int) -> None:
    row = Delivery.objects.select_related("event").get(pk=pk)
    if listener := subscriber(row.subscriber):
        listener.handle(row.event)
    Delivery.objects.filter(pk=pk).update(state=DeliveryState.DONE, error="")


def _record_failure(pk: int, error: str) -> None:
    row = Delivery.objects.get(pk=pk)
    if row.attempts >= MAX_ATTEMPTS:
        _give_up(row, error)
        return
    with transaction.atomic():
        Delivery.objects.filter(pk=pk).update(error=error)
        agenda.append(DELIVER, row.subscriber, row.due_at)


def _give_up(row: Delivery, error: str) -> None:
    Delivery.objects.filter(pk=row.pk).update(state=DeliveryState.DEAD, error=error)
    log.error("events.delivery_dead", delivery=row.pk, subscriber=row.subscriber)


def due(name: str | None) -> Iterable[tuple[str, datetime]]:
    """The agenda's selector: subscribers with events outstanding, each with its earliest time."""
    rows = Delivery.objects.filter(state=DeliveryState.PENDING)
    if name is not None:
        rows = rows.filter(subscriber=name)
    return rows.values_list("subscriber").annotate(at=Min("due_at"))
