"""From an event to the runs that it starts.

One query finds the automations of its type, one bundle of facts (`Scene`) answers all their
conditions, and the runs are written in one statement: an event costs the same number of queries
with a hundred automations as with one. What does not match costs no row, but for the last ones of
each automation, which tell why (`Miss`).
"""

from __future__ import annotations

import random
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from core import agenda, statements
from core.bulk import insert_ignoring
from core.ids import uuid7
from events.services import incidents
from webhooks.automations.agenda import RUN
from webhooks.automations.compiled import Answer, Compiled, compiled
from webhooks.automations.enums import Outcome, RunState
from webhooks.automations.happening import Happening
from webhooks.automations.models import Automation, Miss, Run, RunStep, Version
from webhooks.automations.notices import LOOP
from webhooks.automations.scene import Scene
from webhooks.automations.values import seconds_of
from webhooks.automations.words import CONDITIONS, START

MOST_DEPTH = 5
MISSES_KEPT = 50
# Events that start nothing are noted so often an automation, at once and a second.
_BURST, _PER_SECOND = 20.0, 1.0
_BUCKETS = 5000

_HEARD = """
    SELECT a.id, a.current_id FROM automations_listener l
    JOIN automations_automation a ON a.id = l.automation_id
    WHERE l.type = %(type)s AND a.current_id IS NOT NULL
    ORDER BY a.id
"""


class Heard(NamedTuple):
    """An automation that an event may start."""

    automation_id: UUID
    version_id: UUID
    plan: Compiled


@dataclass(frozen=True, slots=True)
class Missed:
    """Why an event started nothing."""

    heard: Heard
    code: str
    lines: list[dict[str, Any]]


@transaction.atomic
def start(happening: Happening) -> int:
    """Start all that the event starts, once for each contact that it names; how many runs."""
    heard = list(_heard(happening.type))
    if not heard:
        return 0
    now = timezone.now()
    people: Sequence[UUID | None] = happening.contact_ids() or [None]
    return sum(_start_for(happening, contact_id, heard, now) for contact_id in people)


def start_for(
    happening: Happening,
    contact_id: UUID | None,
    automation_id: UUID,
    version: Version,
    now: datetime,
) -> int:
    """The same for one automation, where a clock found the occasion."""
    plan = compiled(version.pk, version.definition)
    assert plan is not None  # noqa: S101 -- it was given
    return _start_for(happening, contact_id, [Heard(automation_id, version.pk, plan)], now)


def verdict(plan: Compiled, scene: Scene) -> tuple[str, Answer]:
    """Whether an event starts a plan: an empty code if it does, and what was asked."""
    trigger = plan.trigger
    if trigger is None:
        return "step_unknown", Answer(False, [])
    if trigger.needs_contact and scene.contact_id is None:
        return "no_contact", Answer(False, [])
    code = trigger.fits(plan.params, scene)
    if code:
        return code, Answer(False, [])
    answer = plan.conditions.ask(scene)
    return ("" if answer.held else CONDITIONS), answer


def _heard(type_: str) -> Iterator[Heard]:
    rows = statements.run(_HEARD, type=type_)
    known = {version: compiled(version, None) for _automation, version in rows}
    missing = [version for version, plan in known.items() if plan is None]
    if missing:
        for version in Version.objects.filter(pk__in=missing):
            known[version.pk] = compiled(version.pk, version.definition)
    for automation, version in rows:
        plan = known[version]
        if plan is not None:
            yield Heard(automation, version, plan)


def _start_for(
    happening: Happening, contact_id: UUID | None, heard: Sequence[Heard], now: datetime
) -> int:
    segments = {pk for one in heard for pk in one.plan.segments}
    scene = Scene(happening, contact_id, now=now, segments=segments)
    matched: list[tuple[Heard, Answer]] = []
    missed: list[Missed] = []
    for one in heard:
        code, answer = verdict(one.plan, scene)
        if not code:
            matched.append((one, answer))
        elif code != "another":
            missed.append(Missed(one, code, answer.lines))
    if matched:
        held_back = _guarded([one for one, _answer in matched], happening, contact_id, now)
        missed += [
            Missed(one, held_back[one.automation_id], answer.lines)
            for one, answer in matched
            if one.automation_id in held_back
        ]
        matched = [pair for pair in matched if pair[0].automation_id not in held_back]
    if missed:
        _note(missed, happening, contact_id, now)
    return _write(matched, happening, contact_id, now) if matched else 0


def _guarded(
    heard: Sequence[Heard], happening: Happening, contact_id: UUID | None, now: datetime
) -> Mapping[UUID, str]:
    """Those that a guard holds back, each with its code. Who asks for effects once more, by
    replaying the event, is not held back."""
    if happening.run:
        return {}
    ids = [one.automation_id for one in heard]
    others = Run.objects.exclude(event_uid=happening.uid).exclude(state=RunState.SKIPPED)
    recent: dict[UUID, tuple[int, datetime]] = {}
    if contact_id is not None:
        theirs = others.filter(automation__in=ids, contact=contact_id).values_list("automation")
        rows = theirs.annotate(
            day=Count("pk", filter=Q(started_at__gte=now - timedelta(days=1))),
            last=Max("started_at"),
        )
        recent = {pk: (count, last) for pk, count, last in rows}
    told: dict[UUID, datetime] = {}
    if happening.order_id:
        same = others.filter(
            automation__in=ids,
            correlation=happening.correlation(contact_id),
            event_type=happening.type,
        )
        told = dict(same.values_list("automation").annotate(Max("started_at")))
    codes = {
        one.automation_id: _guard(
            one.plan, recent.get(one.automation_id), told.get(one.automation_id), now
        )
        for one in heard
    }
    return {pk: code for pk, code in codes.items() if code}


def _guard(
    plan: Compiled, recent: tuple[int, datetime] | None, told: datetime | None, now: datetime
) -> str:
    limits = plan.limits
    hours = int(limits["same_order_hours"])
    if told is not None and hours and told > now - timedelta(hours=hours):
        return "same_order"
    if recent is None:
        return ""
    count, last = recent
    if limits["cooldown"] and last > now - timedelta(seconds=seconds_of(limits["cooldown"])):
        return "cooldown"
    return "per_day" if count >= int(limits["per_contact_per_day"]) else ""


def _write(
    matched: Sequence[tuple[Heard, Answer]],
    happening: Happening,
    contact_id: UUID | None,
    now: datetime,
) -> int:
    """The runs and what held of them; one that is there already, by event and contact, stays."""
    is_circle = happening.depth > MOST_DEPTH
    ids = [uuid7() for _one in matched]
    columns: dict[str, list[Any]] = {
        "id": ids,
        "automation_id": [one.automation_id for one, _answer in matched],
        "version_id": [one.version_id for one, _answer in matched],
        "position": ["" if is_circle else one.plan.first for one, _answer in matched],
        "wake_at": [None if is_circle else now for _one in matched],
        "finished_at": [now if is_circle else None for _one in matched],
    }
    shared = {
        "contact_id": contact_id,
        "event_uid": happening.uid,
        "event_run": happening.run,
        "event_type": happening.type,
        "event_at": happening.at,
        "data": dict(happening.data),
        "correlation": happening.correlation(contact_id),
        "depth": happening.depth,
        "state": RunState.SKIPPED if is_circle else RunState.RUNNING,
        "code": "depth" if is_circle else "",
        "started_at": now,
        "heard_from": happening.at,
    }
    written = insert_ignoring(Run, columns, shared)
    RunStep.objects.bulk_create(
        RunStep(
            run_id=pk,
            step=START,
            kind=CONDITIONS,
            outcome=Outcome.HELD,
            said={"asked": answer.lines},
            at=now,
        )
        for pk, (_one, answer) in zip(ids, matched, strict=True)
        if pk in written
    )
    if is_circle:
        _tell_of_circle(one.automation_id for one, _answer in matched)
    elif written:
        agenda.append(RUN)
    return len(written)


def _tell_of_circle(automation_ids: Iterable[UUID]) -> None:
    for automation in Automation.objects.filter(pk__in=list(automation_ids)):
        incidents.report(
            kind=LOOP,
            scope=incidents.scope_of("automation", automation.pk),
            cause="loop",
            data={"name": automation.name},
        )


# --- events that started nothing

_buckets: OrderedDict[UUID, tuple[float, float]] = OrderedDict()


def _note(
    missed: Sequence[Missed], happening: Happening, contact_id: UUID | None, now: datetime
) -> None:
    noted = [one for one in missed if _may_note(one.heard.automation_id)]
    if not noted:
        return
    Miss.objects.bulk_create(
        Miss(
            automation_id=one.heard.automation_id,
            contact_id=contact_id,
            event_uid=happening.uid,
            event_type=happening.type,
            code=one.code,
            said={"asked": one.lines},
            at=now,
        )
        for one in noted
    )
    # Now and then what is behind the last ones goes.
    if random.random() < 2 / MISSES_KEPT:  # noqa: S311 -- no secret
        forget_misses([one.heard.automation_id for one in noted])


def forget_misses(automation_ids: Sequence[UUID]) -> None:
    """Keep the last fifty of each automation."""
    statements.run(_FORGET, ids=list(automation_ids), kept=MISSES_KEPT)


_FORGET = """
    DELETE FROM automations_miss m USING (
        SELECT a.id, (SELECT i.id FROM automations_miss i WHERE i.automation_id = a.id
                      ORDER BY i.id DESC OFFSET %(kept)s LIMIT 1) AS last
        FROM unnest(%(ids)s::uuid[]) AS a(id)) v
    WHERE m.automation_id = v.id AND m.id <= v.last
"""


def _may_note(automation_id: UUID) -> bool:
    """A burst at once and then one a second, of each automation and process."""
    now = time.monotonic()
    left, at = _buckets.pop(automation_id, (_BURST, now))
    left = min(_BURST, left + (now - at) * _PER_SECOND)
    _buckets[automation_id] = (left - 1 if left >= 1 else left, now)
    if len(_buckets) > _BUCKETS:
        _buckets.popitem(last=False)
    return left >= 1
