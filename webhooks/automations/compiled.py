"""Definitions as the engine reads them: looked up in the registries once, kept by process.

A version never changes, so what was made of it holds for ever; a process keeps the thousand that
it used last. Automations ask much the same: what one of them saw of an event and found, the scene
remembers for the others (`Scene.memo`).
"""

from __future__ import annotations

import json
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import eq
from typing import Any, NamedTuple
from uuid import UUID

from webhooks.automations import registry
from webhooks.automations.conditions.standard import in_segments
from webhooks.automations.definition import BRANCH, Definition, limits_of
from webhooks.automations.registry import Condition, Operator, Trigger
from webhooks.automations.scene import Scene

KEPT = 1000
SEGMENT = "segment"
_OF_THE_EVENT = "event:"
_kept: OrderedDict[UUID, Compiled] = OrderedDict()


# What a text condition looks at: its name, and how it makes texts comparable.
Subject = tuple[str, Callable[[Any], Any]]


class Answer(NamedTuple):
    """Whether conditions held, and what was seen of each that was asked, as JSON."""

    held: bool
    lines: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Test:
    """One condition of a definition.

    Attributes:
        name: its kind with what stands behind the colon.
        key: the same for the same question, whichever version asks it.
        wanted: its value as the operator compares it.
        is_cheap: the event itself answers it, without a query.
    """

    name: str
    argument: str
    op: str
    value: Any
    condition: Condition | None
    operator: Operator | None
    key: str
    wanted: Any
    is_cheap: bool

    def holds(self, scene: Scene) -> bool:
        """One whose kind is no longer known does not hold: better nothing than something wrong."""
        known: bool | None = scene.memo.get(self.key)
        if known is None:
            known = scene.memo[self.key] = self._compare(scene)
        return known

    def line(self, scene: Scene) -> dict[str, Any]:
        """What was seen of it and whether it held, as JSON."""
        seen = self._seen(scene)
        line = {"kind": self.name, "op": self.op, "seen": seen, "held": self.holds(scene)}
        return line if self.value is None else {**line, "value": self.value}

    @property
    def subject(self) -> Subject | None:
        """What has to equal `wanted`; None where it is no such question."""
        if self.operator is None or self.operator.read is None or self.operator.holds is not eq:
            return None
        return self.name, self.operator.read

    def seen(self, scene: Scene) -> Any:
        """What it looks at, as the operator compares it."""
        read = self.operator.read if self.operator else None
        if read is None:
            return self._seen(scene)
        key = (self.name, read)
        if key not in scene.memo:
            scene.memo[key] = read(self._seen(scene))
        return scene.memo[key]

    def _compare(self, scene: Scene) -> bool:
        if self.condition is None or self.operator is None:
            return False
        return bool(self.operator.holds(self.seen(scene), self.wanted))

    def _seen(self, scene: Scene) -> Any:
        if self.condition is None or self.operator is None:
            return None
        if self.name == SEGMENT:
            return in_segments(scene, self.value)
        if self.name not in scene.memo:
            scene.memo[self.name] = self.condition.look(scene, self.argument)
        return scene.memo[self.name]


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by all or any; none of them holds. What decides ends the questions.

    Attributes:
        quick: the same ones, those first that cost no query.
    """

    join: str
    items: Sequence[Test | Group]
    quick: Sequence[Test | Group]
    is_cheap: bool

    def holds(self, scene: Scene) -> bool:
        """Whether they hold, found in whatever order is the quickest."""
        is_all = self.join == "all"
        for item in self.quick:
            if item.holds(scene) != is_all:
                return not is_all
        return is_all or not self.items

    def ask(self, scene: Scene) -> Answer:
        """The same in the order of whoever wrote them, with what was seen."""
        is_all = self.join == "all"
        lines: list[dict[str, Any]] = []
        for item in self.items:
            if isinstance(item, Group):
                held, asked = item.ask(scene)
                lines += asked
            else:
                held = item.holds(scene)
                lines.append(item.line(scene))
            if held != is_all:
                return Answer(held, lines)
        return Answer(is_all or not self.items, lines)

    def key(self) -> Test | None:
        """A condition without which they never hold, and which asks for one value."""
        if self.join != "all":
            return None
        tests = (item for item in self.quick if isinstance(item, Test))
        return next((item for item in tests if item.subject is not None), None)

    def segments(self) -> Iterator[UUID]:
        """The saved audiences that it asks about."""
        for item in self.items:
            if isinstance(item, Group):
                yield from item.segments()
            elif item.name == SEGMENT:
                yield from map(UUID, item.value or ())


@dataclass(frozen=True, slots=True)
class Step:
    """A step with what stands behind it.

    Attributes:
        next: the step that follows, "" at the end.
        ways: the first step of `then` and of `else` (what follows, where a way is empty).
    """

    id: str
    kind: str
    params: Mapping[str, Any]
    next: str
    test: Group | None = None
    ways: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A definition, ready to run."""

    trigger: Trigger | None
    params: Mapping[str, Any]
    conditions: Group
    first: str
    steps: Mapping[str, Step]
    limits: Mapping[str, Any]
    segments: frozenset[UUID]


def compiled(version_id: UUID, definition: Definition | None) -> Compiled | None:
    """A version as the engine reads it.

    Args:
        definition: None if the caller has not read it; then the answer is None unless it is kept.
    """
    found = _kept.get(version_id)
    if found is not None:
        _kept.move_to_end(version_id)
        return found
    if definition is None:
        return None
    found = _kept[version_id] = compile_definition(definition)
    if len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found


def compile_definition(definition: Definition) -> Compiled:
    """A validated definition as the engine reads it."""
    steps: dict[str, Step] = {}
    first = _thread(definition["steps"], "", steps)
    trigger = definition["trigger"]
    conditions = group_of(definition["conditions"])
    tests = [conditions, *(step.test for step in steps.values() if step.test is not None)]
    return Compiled(
        trigger=registry.trigger_of(trigger["kind"]),
        params=trigger["params"],
        conditions=conditions,
        first=first,
        steps=steps,
        limits=limits_of(definition),
        segments=frozenset(pk for test in tests for pk in test.segments()),
    )


def group_of(given: Mapping[str, Any]) -> Group:
    """The group that a definition has."""
    items = [
        group_of(item) if "items" in item else _test(item) for item in given.get("items") or ()
    ]
    return Group(
        join=given.get("join", "all"),
        items=items,
        quick=sorted(items, key=lambda item: not item.is_cheap),
        is_cheap=all(item.is_cheap for item in items),
    )


def _test(item: Mapping[str, Any]) -> Test:
    name, op, value = item["kind"], item["op"], item.get("value")
    condition, argument = registry.condition_of(name)
    operator = condition.operator(op, argument) if condition else None
    return Test(
        name=name,
        argument=argument,
        op=op,
        value=value,
        condition=condition,
        operator=operator,
        key=sys.intern(json.dumps([name, op, value], sort_keys=True)),
        wanted=operator.read(value) if operator and operator.read else value,
        is_cheap=name.startswith(_OF_THE_EVENT),
    )


def _thread(given: Sequence[Mapping[str, Any]], behind: str, steps: dict[str, Step]) -> str:
    """Put steps into the map, each with what follows; the id of the first."""
    following = behind
    for item in reversed(given):
        ways = None
        if item["kind"] == BRANCH or "then" in item:
            ways = (
                _thread(item.get("then") or (), following, steps),
                _thread(item.get("else") or (), following, steps),
            )
        steps[item["id"]] = Step(
            id=item["id"],
            kind=item["kind"],
            params=item.get("params") or {},
            next=following,
            test=group_of(item["if"]) if item["kind"] == BRANCH else None,
            ways=ways,
        )
        following = item["id"]
    return following
