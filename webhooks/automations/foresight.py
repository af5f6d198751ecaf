"""One event through one definition without any effect: what a dry run writes down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from core.errors import DomainError
from webhooks.automations import registry, related
from webhooks.automations.compiled import Compiled, Step
from webhooks.automations.definition import BRANCH
from webhooks.automations.enums import Outcome
from webhooks.automations.happening import Happening
from webhooks.automations.registry import Done
from webhooks.automations.scene import Scene
from webhooks.automations.verdicts import verdict
from webhooks.automations.words import CONDITIONS, START

# What tells two lines apart, whatever moment they were made at.
_COMPARED = ("kind", "outcome", "code")
_COMPARED_SAID = ("text", "tags", "lists", "field", "value", "who", "came")


@dataclass(slots=True)
class Foreseen:
    """What would have become of an event.

    Attributes:
        code: why it starts nothing.
        lines: as `RunStep` keeps them.
    """

    starts: bool
    code: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def actions(self) -> Counter[str]:
        """How often each kind of action would be done."""
        return Counter(line["kind"] for line in self._acted if line["outcome"] == Outcome.DONE)

    @property
    def refused(self) -> Counter[str]:
        """Why actions would not be done: code → how often."""
        return Counter(line["code"] for line in self._acted if line["outcome"] == Outcome.REFUSED)

    def is_like(self, other: Foreseen) -> bool:
        """Whether both come to the same."""
        return self.starts == other.starts and self._told() == other._told()

    @property
    def _acted(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if registry.action_of(line["kind"])]

    def _told(self) -> list[tuple[Any, ...]]:
        return [
            (
                *(line[name] for name in _COMPARED),
                *(str(line["said"].get(name)) for name in _COMPARED_SAID),
            )
            for line in self._acted
        ]


def foresee(
    plan: Compiled, happening: Happening, contact_id: UUID | None, *, now: datetime
) -> Foreseen:
    """Go through a definition with an event of the log.

    The contact is seen as it is now. Time passes as the definition says: a wait for something
    looks at what was told until its end.
    """
    scene = Scene(happening, contact_id, now=now, segments=plan.segments)
    code, answer = verdict(plan, scene)
    asked = _line(
        START, CONDITIONS, Done(Outcome.NOT_HELD if code else Outcome.HELD, code,
                                {"asked": answer.lines}), happening.at,
    )  # fmt: skip
    if code:
        return Foreseen(starts=False, code=code, lines=[asked])
    told = Foreseen(starts=True, lines=[asked])
    if contact_id is not None and scene.contact is None:
        told.lines.append(
            _line(START, CONDITIONS, Done(Outcome.STOPPED, "contact_gone"), happening.at)
        )
        return told
    _go_through(told, plan, scene)
    return told


def _go_through(told: Foreseen, plan: Compiled, scene: Scene) -> None:
    """The way through the steps; `at` is the moment that a step would have been done at."""
    at = heard_from = scene.happening.at
    step = plan.steps.get(plan.first)
    while step is not None:
        wait = registry.wait_of(step.kind)
        if step.kind == BRANCH:
            way = _branch(told, step, scene, at)
        elif wait is not None:
            until = wait.until(step.params, at, scene)
            came = _came(step, wait, scene, heard_from, until)
            said = {"came": came[0]} if wait.types else {}
            told.lines.append(_line(step.id, step.kind, Done(Outcome.WAITED, "", said), at))
            at = heard_from = max(at, came[1]) if came[1] else until
            way = step.ways[0 if came[0] else 1] if step.ways else step.next
        else:
            if _act(told, step, scene, at):
                return
            way = step.next
        step = plan.steps.get(way)


def _branch(told: Foreseen, step: Step, scene: Scene, at: datetime) -> str:
    assert step.test is not None  # noqa: S101 -- a branch has one
    assert step.ways is not None  # noqa: S101 -- and two ways
    answer = step.test.ask(scene)
    outcome = Outcome.HELD if answer.held else Outcome.NOT_HELD
    told.lines.append(_line(step.id, step.kind, Done(outcome, "", {"asked": answer.lines}), at))
    return step.ways[0 if answer.held else 1]


def _came(
    step: Step, wait: registry.Wait, scene: Scene, since: datetime, until: datetime
) -> tuple[str, datetime | None]:
    """What came in time, and when."""
    if wait.types is None:
        return "", None
    found = related.came(
        scene.happening,
        scene.contact_id,
        list(wait.types(step.params)),
        since=since,
        now=scene.now,
    )
    if found is None or found.occurred_at > until:
        return "", None
    return found.type, found.occurred_at


def _act(told: Foreseen, step: Step, scene: Scene, at: datetime) -> bool:
    """Whether it ends there."""
    action = registry.action_of(step.kind)
    if action is None:
        done = Done(Outcome.REFUSED, "step_unknown")
    elif action.needs_contact and scene.contact_id is None:
        done = Done(Outcome.REFUSED, "no_contact")
    else:
        try:
            done = action.foresee(scene, step.params)
        except DomainError as error:  # a real run goes on behind it, too
            done = registry.refused_by(error)
    told.lines.append(_line(step.id, step.kind, done, at))
    return action is not None and action.ends


def _line(step: str, kind: str, done: Done, at: datetime) -> dict[str, Any]:
    said: Mapping[str, Any] = done.said
    return {
        "step": step,
        "kind": kind,
        "outcome": done.outcome.value,
        "code": done.code,
        "said": dict(said),
        "at": at.isoformat(),
    }
