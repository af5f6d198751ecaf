"""Triggers that no event starts: an automation says when it has to be looked at next, and what is
found then starts runs as an event would.

An occasion has a key, of which the run's `event_uid` is made: whoever finds it again starts
nothing. A moment is gone through in pieces of some hundred contacts, each committed with how far
it came.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core import agenda
from webhooks.automations import registry
from webhooks.automations.agenda import CLOCK
from webhooks.automations.enums import AutomationState
from webhooks.automations.happening import Happening
from webhooks.automations.models import Automation
from webhooks.automations.registry import Occasion
from webhooks.automations.services import starting
from webhooks.automations.triggers.times import PIECE

_NAMESPACE = uuid.UUID("0196f0a4-7c1e-7a55-9d53-6b6f1f0e7a12")


def tick(key: str) -> None:
    """The agenda's handler: two seconds of one automation's occasions, then the rest."""
    agenda.in_slices(CLOCK, key, lambda: _piece(UUID(key), timezone.now()))


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Automations that a clock starts, each with when it is looked at (the agenda's selector)."""
    rows = Automation.objects.filter(state=AutomationState.ON, clock_at__isnull=False)
    if key is not None:
        rows = rows.filter(pk=key)
    return [(str(pk), at) for pk, at in rows.values_list("pk", "clock_at") if at is not None]


@transaction.atomic
def _piece(automation_id: UUID, now: datetime) -> bool:
    """Some hundred occasions of the moment that is due; False when nothing is left of it."""
    rows = Automation.objects.select_for_update(of=("self",)).select_related("current")
    automation = rows.filter(pk=automation_id, state=AutomationState.ON, clock_at__lte=now).first()
    if automation is None or automation.current is None:
        return False
    trigger = automation.current.definition["trigger"]
    found = registry.trigger_of(trigger["kind"])
    if found is None or found.timing is None:
        automation.clock_at = None
        automation.save(update_fields=["clock_at"])
        return False
    since = automation.clock_from or now
    occasions = found.timing.find(trigger["params"], now, since, automation.clock_cursor)
    meetings = [
        starting.Meeting(happening_of(automation.pk, trigger["kind"], one), one.contact_id)
        for one in occasions
    ]
    starting.start_one(meetings, automation.pk, automation.current, now)
    if len(occasions) >= PIECE:
        automation.clock_cursor = occasions[-1].contact_id
    else:
        if found.timing.settled is not None and automation.clock_at is not None:
            # As of when it was due: the first piece looked then, or later.
            settled = found.timing.settled(trigger["params"], automation.clock_at)
            automation.clock_from = max(since, settled)
        automation.clock_cursor = None
        automation.clock_at = found.timing.next_at(trigger["params"], now)
        agenda.append(CLOCK, str(automation.pk), automation.clock_at)
    automation.save(update_fields=["clock_cursor", "clock_at", "clock_from"])
    return automation.clock_cursor is not None


def happening_of(automation_id: UUID, kind: str, occasion: Occasion) -> Happening:
    """An occasion as an event: found again it is the same one."""
    uid = uuid.uuid5(_NAMESPACE, f"{automation_id}:{occasion.contact_id}:{occasion.key}")
    return Happening(uid=uid, type=f"clock.{kind}", at=occasion.at, data=dict(occasion.data))
