"""Durable subscribers get their events here until each is handled or given up.

New ones go together to those who take many at once, else one at a time; what failed or was tried
before goes alone.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Min, QuerySet
from django.urls import reverse
from django.utils import timezone

from core import agenda
from events.bus import DELIVER, subscriber
from events.causes import KILLED
from events.dead_letters import Letter
from events.enums import DeliveryState
from events.models import Delivery, DeliveryQuerySet, Event
from events.services import letters

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 5
BACKOFF_SECONDS = (5, 30, 300, 1800)
BATCH = 100
BATCH_TOGETHER = 250  # for those who take many at once
BOX = "events"
# New ones are taken many at once; if we die over them, they are tried again so much later.
LEASE = timedelta(seconds=30)


def deliver(name: str) -> None:
    """Hand a subscriber what is due for it; more than a batch is left to the next wake-up.

    What was tried before is taken alone: an event that kills its worker takes no other along.
    """
    listener = subscriber(name)
    if listener is None:
        log.error("events.subscriber_gone", subscriber=name)
        return
    if listener.handle_all is None:
        alone = _take_new(name, BATCH)
    else:
        alone = _deliver_together(listener.handle_all, _take_new(name, BATCH_TOGETHER))
    for pk in alone:
        _deliver_one(pk)
    waiting = Delivery.objects.due(name)
    for pk in list(waiting.filter(attempts__gt=0).values_list("pk", flat=True)[:BATCH]):
        if _take_again(pk):
            _deliver_one(pk)
    if waiting.exists():
        with transaction.atomic():
            agenda.append(DELIVER, name)


@transaction.atomic
def _take_new(name: str, limit: int) -> list[int]:
    """Count the attempt first, in a transaction of its own: a handler that kills us counts."""
    new = Delivery.objects.due(name).filter(attempts=0).select_for_update(skip_locked=True)
    taken = list(new.values_list("pk", flat=True)[:limit])
    Delivery.objects.filter(pk__in=taken).update(attempts=1, due_at=timezone.now() + LEASE)
    return taken


@transaction.atomic
def _take_again(pk: int) -> bool:
    """The same for one that was tried before; False if there is nothing to try any more."""
    row = Delivery.objects.due().select_for_update(skip_locked=True).filter(pk=pk).first()
    if row is None:
        return False
    if row.attempts >= MAX_ATTEMPTS:
        _give_up(row, row.error or KILLED)
        return False
    row.attempts += 1
    row.due_at = timezone.now() + _wait(row)
    row.save(update_fields=["attempts", "due_at"])
    return True


def _wait(row: Delivery) -> timedelta:
    """How long after its last attempt the next one is."""
    return timedelta(seconds=BACKOFF_SECONDS[min(row.attempts, len(BACKOFF_SECONDS)) - 1])


def _deliver_together(handle_all: Callable[[Sequence[Event]], None], pks: list[int]) -> list[int]:
    """Have them handled in one transaction; those that have to be handled alone, as one of them
    failed and nothing was done."""
    if not pks:
        return []
    try:
        with transaction.atomic():
            rows = list(_locked().filter(pk__in=pks).order_by("pk"))
            handle_all([_event(row) for row in rows])
            _done([row.pk for row in rows])
    except Exception:
        log.warning("events.batch_failed", deliveries=len(pks), exc_info=True)
        return pks
    return []


def _deliver_one(pk: int) -> None:
    try:
        with transaction.atomic():
            _handle(pk)
    except Exception as error:
        log.exception("events.delivery_failed", delivery=pk)
        _record_failure(pk, f"{type(error).__name__}: {error}"[:500])


def _handle(pk: int) -> None:
    row = _locked().filter(pk=pk).first()
    if row is None:
        return
    if listener := subscriber(row.subscriber):
        listener.handle(_event(row))
    _done([pk])


def _locked() -> DeliveryQuerySet:
    """Locked, so that whoever thinks us dead and takes one again does not handle it beside us."""
    rows = Delivery.objects.filter(state=DeliveryState.PENDING).select_related("event")
    return rows.select_for_update(of=("self",), skip_locked=True)


def _event(row: Delivery) -> Event:
    row.event.run = row.run
    return row.event


def _done(pks: Sequence[int]) -> None:
    Delivery.objects.filter(pk__in=pks).update(state=DeliveryState.DONE, error="")


def _record_failure(pk: int, error: str) -> None:
    row = Delivery.objects.get(pk=pk)
    if row.attempts >= MAX_ATTEMPTS:
        _give_up(row, error)
        return
    due_at = timezone.now() + _wait(row)
    with transaction.atomic():
        Delivery.objects.filter(pk=pk).update(error=error, due_at=due_at)
        agenda.append(DELIVER, row.subscriber, due_at)


@transaction.atomic
def _give_up(row: Delivery, error: str) -> None:
    Delivery.objects.filter(pk=row.pk).update(
        state=DeliveryState.DEAD, error=error, due_at=timezone.now()
    )
    letters.quarantined(BOX)
    log.error("events.delivery_dead", delivery=row.pk, subscriber=row.subscriber)


def dead() -> QuerySet[Delivery]:
    """What was given up (`events.dead_letters.Box`)."""
    return Delivery.objects.filter(state=DeliveryState.DEAD).select_related("event")


def letter(row: Delivery) -> Letter:
    """A delivery that was given up, as people see it."""
    return Letter(
        key=str(row.pk),
        title=row.event.type,
        of=row.subscriber,
        error=row.error,
        at=row.due_at,
        attempts=row.attempts,
        url=reverse("event", args=[row.event_id]),
    )


@transaction.atomic
def redrive(keys: Sequence[int]) -> None:
    """Have deliveries that were given up tried again from the start, as the same run."""
    rows = Delivery.objects.filter(pk__in=keys, state=DeliveryState.DEAD)
    names = sorted(set(rows.values_list("subscriber", flat=True)))
    rows.update(state=DeliveryState.PENDING, attempts=0, error="", due_at=timezone.now())
    for name in names:
        agenda.append(DELIVER, name)


def discard(keys: Sequence[int]) -> None:
    """Leave them; the event's trace still shows that it was never handled."""
    rows = Delivery.objects.filter(pk__in=keys, state=DeliveryState.DEAD)
    rows.update(state=DeliveryState.DROPPED)


def due(name: str | None) -> Iterable[tuple[str, datetime]]:
    """The agenda's selector: subscribers with events outstanding, each with its earliest time."""
    rows = Delivery.objects.filter(state=DeliveryState.PENDING)
    if name is not None:
        rows = rows.filter(subscriber=name)
    return rows.values_list("subscriber").annotate(at=Min("due_at"))
