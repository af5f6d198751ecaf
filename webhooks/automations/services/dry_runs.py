"""What a definition would have done with the events of a period: nothing of it is done (X11).

Stored events go through the same conditions and the same description of each step as real ones
(`registry.Action.foresee`): the contact is seen as it is now, the gate gives its word as of now
without taking anything, and waits look at what came after the event in the log. It is a row that
goes on behind its cursor, in the background.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda, realtime, scope
from core.errors import Conflict, Invalid
from events.models import Event
from team.models import Member
from webhooks.automations import definition as definitions
from webhooks.automations import foresight, registry
from webhooks.automations.agenda import DRY_RUN
from webhooks.automations.compiled import Compiled, compile_definition
from webhooks.automations.definition import Definition
from webhooks.automations.enums import DryRunState
from webhooks.automations.foresight import Foreseen
from webhooks.automations.happening import Happening
from webhooks.automations.models import Automation, DryRun, DryRunItem

log = structlog.get_logger(__name__)

PIECE = 50
MOST_EVENTS = 10_000
MOST_PEOPLE = 50  # of a fact about a batch
USUAL, LONGEST = timedelta(days=7), timedelta(days=90)
# Events that start nothing in either definition are kept line by line so often, else counted.
MISSES_KEPT = 200
TOPIC = "automations"


@transaction.atomic
def start(
    *,
    automation: Automation,
    definition: Any = None,
    since: datetime | None = None,
    until: datetime | None = None,
    by: Member | None = None,
) -> DryRun:
    """Try a definition (the draft, if none is given) on the events of a period (the last seven
    days), and compare it with the version in force.

    Raises:
        core.errors.Invalid: what keeps it from being published, by place; `since`: the period is
            longer than 90 days or ends before it begins; `trigger`: no event starts it.
    """
    read = definitions.validate(automation.draft if definition is None else definition)
    until = until or timezone.now()
    since = since or until - USUAL
    if not since < until or until - since > LONGEST:
        raise Invalid({"since": _("Choose a period of at most 90 days.")})
    types = _types(read)
    if not types:
        raise Invalid({"trigger": _("It starts at a time, not by an event: nothing to try it on.")})
    dry = DryRun(
        automation=automation,
        definition=read,
        against=automation.current,
        since=since,
        until=until,
        requested_by=by,
    )
    found = _events(dry).count()
    dry.total, dry.is_cut = min(found, MOST_EVENTS), found > MOST_EVENTS
    if dry.is_cut:
        first = _events(dry).order_by("-sequence").values_list("sequence", flat=True)
        dry.cursor = first[MOST_EVENTS]
    dry.counts = _no_counts()
    dry.save()
    agenda.append(DRY_RUN, str(dry.pk))
    return dry


@transaction.atomic
def cancel(*, dry_run: DryRun) -> DryRun:
    """Look at no more events; what was found stays.

    Raises:
        core.errors.Conflict: `dry_run_over`.
    """
    dry = DryRun.objects.select_for_update(of=("self",)).get(pk=dry_run.pk)
    if dry.state != DryRunState.RUNNING:
        raise Conflict("dry_run_over", _("It is over already."))
    return _finish(dry, DryRunState.CANCELLED)


def go_on(key: str) -> None:
    """The agenda's handler: two seconds of it, then the rest at the next wake-up. An event that
    cannot be gone through ends it, with its cause: the next wake-up would find the same one."""
    try:
        agenda.in_slices(DRY_RUN, key, lambda: _piece(UUID(key)))
    except DatabaseError:
        raise  # it is tried again
    except Exception as error:
        log.exception("automations.dry_run_failed", dry_run=key)
        _fail(UUID(key), f"{type(error).__name__}: {error}"[:300])


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Dry runs that are not over (the agenda's selector)."""
    rows = DryRun.objects.filter(state=DryRunState.RUNNING)
    if key is not None:
        rows = rows.filter(pk=key)
    return [(str(pk), at) for pk, at in rows.values_list("pk", "created_at")]


@transaction.atomic
def _fail(dry_run_id: UUID, error: str) -> None:
    rows = DryRun.objects.select_for_update(of=("self",))
    dry = rows.filter(pk=dry_run_id, state=DryRunState.RUNNING).first()
    if dry is not None:
        dry.error = error
        _finish(dry, DryRunState.FAILED)


@transaction.atomic
def _piece(dry_run_id: UUID) -> bool:
    rows = DryRun.objects.select_for_update(of=("self",)).select_related("against")
    dry = rows.filter(pk=dry_run_id, state=DryRunState.RUNNING).first()
    if dry is None:
        return False
    new = compile_definition(dry.definition)
    old = compile_definition(dry.against.definition) if dry.against else None
    events = list(_events(dry).filter(sequence__gt=dry.cursor).order_by("sequence")[:PIECE])
    now = timezone.now()
    for event in events:
        happening = Happening.of(event)
        people: Sequence[UUID | None] = happening.contact_ids()[:MOST_PEOPLE] or [None]
        for contact_id in people:
            _try(dry, new, old, happening, contact_id, now)
    dry.done += len(events)
    if len(events) < PIECE:
        _finish(dry, DryRunState.DONE)
        return False
    dry.cursor = events[-1].sequence
    dry.save(update_fields=["cursor", "done", "counts"])
    _hint(dry)
    return True


def _try(
    dry: DryRun,
    new: Compiled,
    old: Compiled | None,
    happening: Happening,
    contact_id: UUID | None,
    now: datetime,
) -> None:
    """One event through both definitions."""
    told = foresight.foresee(new, happening, contact_id, now=now)
    before = _before(old, dry, happening, contact_id, now)
    differs = before is not None and not told.is_like(before)
    _count(dry.counts, told, before, differs=differs)
    is_nothing = not told.starts and not (before and before.starts)
    if is_nothing and dry.counts["misses"] > MISSES_KEPT:
        return
    DryRunItem.objects.create(
        dry_run=dry,
        contact_id=contact_id,
        event_uid=happening.uid,
        event_type=happening.type,
        event_at=happening.at,
        starts=told.starts,
        lines=told.lines,
        old_starts=before.starts if before else None,
        old_lines=before.lines if before and differs else None,
        differs=differs,
    )


def _before(
    old: Compiled | None,
    dry: DryRun,
    happening: Happening,
    contact_id: UUID | None,
    now: datetime,
) -> Foreseen | None:
    """What the version in force would do; nothing, where other events start it."""
    if old is None or dry.against is None:
        return None
    if happening.type not in _types(dry.against.definition):
        return Foreseen(starts=False)
    return foresight.foresee(old, happening, contact_id, now=now)


def _no_counts() -> dict[str, Any]:
    return {
        "starts": 0, "misses": 0, "actions": {}, "refused": {}, "reasons": {}, "differs": 0,
        "only_new": 0, "only_old": 0,
    }  # fmt: skip


def _count(
    counts: dict[str, Any], told: Foreseen, before: Foreseen | None, *, differs: bool
) -> None:
    counts["starts" if told.starts else "misses"] += 1
    counts["differs"] += differs
    if before is not None:
        counts["only_new"] += told.starts and not before.starts
        counts["only_old"] += before.starts and not told.starts
    if not told.starts:
        counts["reasons"] = dict(Counter(counts["reasons"]) + Counter([told.code]))
    counts["actions"] = dict(Counter(counts["actions"]) + told.actions)
    counts["refused"] = dict(Counter(counts["refused"]) + told.refused)


def _finish(dry: DryRun, state: DryRunState) -> DryRun:
    dry.state, dry.finished_at = state, timezone.now()
    dry.save()
    _hint(dry)
    return dry


def _hint(dry: DryRun) -> None:
    realtime.push_coalesced(scope.required_company_id(), TOPIC, "dry_run", str(dry.pk))


def _types(definition: Definition | Mapping[str, Any]) -> list[str]:
    """The events that start it; those of both, where it is compared."""
    trigger = registry.trigger_of(definition["trigger"]["kind"])
    return list(trigger.types(definition["trigger"]["params"])) if trigger else []


def _events(dry: DryRun) -> QuerySet[Event]:
    types = set(_types(dry.definition))
    if dry.against is not None:
        types |= set(_types(dry.against.definition))
    return Event.objects.filter(
        type__in=types, occurred_at__gte=dry.since, occurred_at__lt=dry.until
    )
