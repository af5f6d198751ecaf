"""From events to the runs that they start.

Events are heard many at once. One query finds the automations of their types, one bundle of facts
(`Background`) answers the conditions of all of them, and the runs are written in one statement: a
batch costs the same number of queries whatever its size, with a hundred automations as with one.
What does not match costs no row, but for the last ones of each automation (`misses`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core import agenda, statements
from core.bulk import insert_ignoring
from core.ids import uuid7
from events.services import incidents
from webhooks.automations.agenda import RUN
from webhooks.automations.background import Background
from webhooks.automations.compiled import compiled
from webhooks.automations.enums import Outcome, RunState
from webhooks.automations.happening import Happening, contacts_of
from webhooks.automations.models import Automation, Run, RunStep, Version
from webhooks.automations.notices import LOOP
from webhooks.automations.scene import Scene
from webhooks.automations.services import listeners, misses
from webhooks.automations.services.guards import Guards, Start
from webhooks.automations.services.listeners import Heard, Listeners
from webhooks.automations.services.misses import Missed
from webhooks.automations.verdicts import ANOTHER, misfit
from webhooks.automations.words import CONDITIONS, START

MOST_DEPTH = 5
PIECE = 500  # contacts of events that are looked at together


class Meeting(NamedTuple):
    """An event and one of its contacts."""

    happening: Happening
    contact_id: UUID | None


class Match(NamedTuple):
    """What would start a run, with what was seen of it."""

    heard: Heard
    scene: Scene

    @property
    def start(self) -> Start:
        return Start(
            self.heard.automation_id,
            self.heard.plan,
            self.scene.happening,
            self.scene.contact_id,
        )

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The conditions, each with what was seen."""
        return self.heard.plan.conditions.ask(self.scene).lines

    def missed(self, code: str, *, was_asked: bool = True) -> Missed:
        """It starts nothing, and this is why."""
        return Missed(
            self.heard.automation_id,
            self.scene.happening,
            self.scene.contact_id,
            code,
            self.asked if was_asked else [],
        )


@transaction.atomic
def start(happenings: Sequence[Happening]) -> int:
    """Start all that events start, once for each contact that they name; how many runs."""
    listening = listeners.of_types({one.type for one in happenings})
    listened = [one for one in happenings if one.type in listening]
    if not listened:
        return 0
    return _start(list(_meetings(listened)), listening, timezone.now())


def start_one(
    meetings: Sequence[Meeting], automation_id: UUID, version: Version, now: datetime
) -> int:
    """The same for one automation, where a clock found the occasions."""
    plan = compiled(version.pk, version.definition)
    assert plan is not None  # noqa: S101 -- it was given
    alone = Listeners([Heard(automation_id, version.pk, plan, misses.allowance(automation_id))])
    return _start(meetings, {one.happening.type: alone for one in meetings}, now)


def _meetings(happenings: Sequence[Happening]) -> Iterator[Meeting]:
    for happening, people in zip(happenings, contacts_of(happenings), strict=True):
        if not people:
            yield Meeting(happening, None)
        for contact_id in people:
            yield Meeting(happening, contact_id)


def _start(meetings: Sequence[Meeting], listening: Mapping[str, Listeners], now: datetime) -> int:
    segments = {pk for some in listening.values() for pk in some.segments}
    started = 0
    for first in range(0, len(meetings), PIECE):
        piece = meetings[first : first + PIECE]
        background = Background(
            [one.happening for one in piece],
            [one.contact_id for one in piece],
            now=now,
            segments=segments,
        )
        scenes = [
            Scene(happening, contact_id, now=now, background=background)
            for happening, contact_id in piece
        ]
        started += _start_in(scenes, listening, now)
    return started


def _start_in(scenes: Sequence[Scene], listening: Mapping[str, Listeners], now: datetime) -> int:
    matched: list[Match] = []
    missed: list[Missed] = []
    for scene in scenes:
        for one in listening[scene.happening.type].meant(scene):
            code = misfit(one.plan, scene)
            if not code:
                matched.append(Match(one, scene))
            elif code != ANOTHER and one.allowance.take():
                missed.append(Match(one, scene).missed(code, was_asked=code == CONDITIONS))
    let_through = list(_let_through(matched, missed, now)) if matched else []
    if missed:
        misses.note(missed, now)
    return _write(let_through, now) if let_through else 0


def _let_through(matched: Sequence[Match], missed: list[Missed], now: datetime) -> Iterator[Match]:
    """Those that no guard holds back; the others join what was missed."""
    guards = Guards([one.start for one in matched], now)
    for match in matched:
        start = match.start
        code = guards.code(start)
        if code:
            if match.heard.allowance.take():
                missed.append(match.missed(code))
            continue
        if not _is_circle(start.happening):
            guards.count(start)
        yield match


def _is_circle(happening: Happening) -> bool:
    return happening.depth > MOST_DEPTH


def _write(matched: Sequence[Match], now: datetime) -> int:
    """The runs and what held of them; one that is there already, by event and contact, stays."""
    ids = [uuid7() for _one in matched]
    rows = [_row(pk, match, now) for pk, match in zip(ids, matched, strict=True)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    written = insert_ignoring(Run, columns, {"started_at": now})
    RunStep.objects.bulk_create(
        RunStep(
            run_id=pk,
            step=START,
            kind=CONDITIONS,
            outcome=Outcome.HELD,
            said={"asked": match.asked},
            at=now,
        )
        for pk, match in zip(ids, matched, strict=True)
        if pk in written
    )
    circles = {one.heard.automation_id for one in matched if _is_circle(one.scene.happening)}
    if circles:
        _tell_of_circles(circles)
    if any(row["wake_at"] for row in rows if row["id"] in written):
        agenda.append(RUN)
    return len(written)


def _row(pk: UUID, match: Match, now: datetime) -> dict[str, Any]:
    happening, contact_id = match.scene.happening, match.scene.contact_id
    is_circle = _is_circle(happening)
    return {
        "id": pk,
        "automation_id": match.heard.automation_id,
        "version_id": match.heard.version_id,
        "contact_id": contact_id,
        "event_uid": happening.uid,
        "event_run": happening.run,
        "event_type": happening.type,
        "event_at": happening.at,
        "data": statements.text(happening.data),
        "correlation": happening.correlation(contact_id),
        "depth": happening.depth,
        "state": (RunState.SKIPPED if is_circle else RunState.RUNNING).value,
        "position": "" if is_circle else match.heard.plan.first,
        "code": "depth" if is_circle else "",
        "wake_at": None if is_circle else now,
        "finished_at": now if is_circle else None,
        "heard_from": happening.at,
    }


def _tell_of_circles(automation_ids: Iterable[UUID]) -> None:
    for automation in Automation.objects.filter(pk__in=list(automation_ids)):
        incidents.report(
            kind=LOOP,
            scope=incidents.scope_of("automation", automation.pk),
            cause="loop",
            data={"name": automation.name},
        )
