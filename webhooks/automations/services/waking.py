"""An event that runs wait for wakes them. They look at the log themselves: to wake one for nothing
costs a look, and one that nobody woke finds the event when its time is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import agenda, locks, statements
from webhooks.automations.agenda import RUN
from webhooks.automations.enums import RunState
from webhooks.automations.happening import Happening, contacts_of
from webhooks.automations.models import Run

MOST_LOCKED = 20  # contacts of one fact; of larger batches nobody's wait is that urgent

_WAITED_FOR = """
    SELECT DISTINCT type FROM automations_version, unnest(waits_for) AS type
    WHERE waits_for && %(types)s::varchar[] AND type = ANY(%(types)s)
"""


@transaction.atomic
def wake(happenings: Sequence[Happening]) -> int:
    """Have the runs that wait for such events look now; how many they are.

    Where no version waits for a type, nobody has to be held up: who publishes one from now on
    finds the event in the log.
    """
    types = _waited_for({one.type for one in happenings})
    told = [one for one in happenings if one.type in types]
    if not told:
        return 0
    people = contacts_of(told)
    locks.hold_all(
        key
        for happening, theirs in zip(told, people, strict=True)
        for key in _keys(happening, theirs if len(theirs) <= MOST_LOCKED else ())
    )
    about = Q(contact__in={pk for theirs in people for pk in theirs})
    orders = {one.correlation(None) for one in told} - {""}
    if orders:
        about |= Q(correlation__in=orders)
    waiting = Run.objects.filter(about, state=RunState.WAITING).exclude(waits_for=[])
    # Whoever holds one is about to look at the log, once our lock is gone.
    rows = waiting.filter(waits_for__overlap=list(types)).select_for_update(
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
    locks.hold_all(_keys(happening, people))


def _keys(happening: Happening, people: Iterable[UUID | None]) -> set[str]:
    about = {happening.correlation(None), *(f"contact:{pk}" for pk in people if pk)} - {""}
    return {f"automations:{one}" for one in about}


def _waited_for(types: Iterable[str]) -> set[str]:
    return {type_ for (type_,) in statements.run(_WAITED_FOR, types=list(types))}
