"""An event that runs wait for wakes them. They look at the log themselves: to wake one for nothing
costs a look, and one that nobody woke finds the event when its time is over."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import agenda, locks
from webhooks.automations.agenda import RUN
from webhooks.automations.enums import RunState
from webhooks.automations.happening import Happening
from webhooks.automations.models import Run

MOST_LOCKED = 20  # contacts of one fact; of larger batches nobody's wait is that urgent


@transaction.atomic
def wake(happening: Happening) -> int:
    """Have the runs that wait for such an event look now; how many they are."""
    people = happening.contact_ids()
    if not happening.order_id and not people:
        return 0
    if len(people) <= MOST_LOCKED:
        hold_all(happening, people)
    about = Q(contact__in=people)
    if happening.order_id:
        about |= Q(correlation=happening.correlation(None))
    waiting = Run.objects.filter(about, state=RunState.WAITING).exclude(waits_for=[])
    # Whoever holds one is about to look at the log, once our lock is gone.
    rows = waiting.filter(waits_for__contains=[happening.type]).select_for_update(
        of=("self",), skip_locked=True
    )
    found = list(rows.values_list("pk", flat=True))
    woken = Run.objects.filter(pk__in=found).update(wake_at=timezone.now()) if found else 0
    if woken:
        agenda.append(RUN)
    return woken


def hold_all(happening: Happening, people: Iterable[UUID | None]) -> None:
    """One at a time looks whether something came about an order or contact: who begins to wait
    sees it in the log, or is seen waiting."""
    keys = {happening.correlation(None), *(f"contact:{pk}" for pk in people if pk)} - {""}
    for key in sorted(keys):
        locks.hold(f"automations:{key}")
