"""Definitions as the engine reads them: looked up in the registries once, kept by process.

A version never changes, so what was made of it holds for ever; a process keeps the thousand that
it used last.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from webhooks.automations import registry
from webhooks.automations.conditions.standard import in_segments
from webhooks.automations.definition import BRANCH, Definition, limits_of
from webhooks.automations.registry import Condition, Operator, Trigger
from webhooks.automations.scene import Scene

KEPT = 1000
SEGMENT = "segment"
_kept: OrderedDict[UUID, Compiled] = OrderedDict()


class Answer(NamedTuple):
    """Whether conditions held, and what was seen of each that was asked, as JSON."""

    held: bool
    lines: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Test:
    """One condition of a definition."""

    kind: str
    argument: str
    op: str
    value: Any
    condition: Condition | None
    operator: Operator | None

    def ask(self, scene: Scene) -> Answer:
        """One whose kind is no longer known does not hold: better nothing than something wrong."""
        if self.condition is None or self.operator is None:
            return Answer(False, [self._line(None, held=False)])
        if self.kind == SEGMENT:
            seen: Any = in_segments(scene, self.value)
        else:
            seen = self.condition.look(scene, self.argument)
        held = self.operator.holds(seen, self.value)
        return Answer(held, [self._line(seen, held=held)])

    def _line(self, seen: Any, *, held: bool) -> dict[str, Any]:
        name = f"{self.kind}:{self.argument}" if self.argument else self.kind
        line = {"kind": name, "op": self.op, "seen": seen, "held": held}
        return line if self.value is None else {**line, "value": self.value}


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by all or any; none of them holds. What decides ends the questions."""

    join: str
    items: Sequence[Test | Group]

    def ask(self, scene: Scene) -> Answer:
        lines: list[dict[str, Any]] = []
        for item in self.items:
            answer = item.ask(scene)
            lines += answer.lines
            if answer.held != (self.join == "all"):
                return Answer(answer.held, lines)
        return Answer(self.join == "all" or not self.items, lines)

    def segments(self) -> Iterator[UUID]:
        """The saved audiences that it asks about."""
        for item in self.items:
            if isinstance(item, Group):
                yield from item.segments()
            elif item.kind == SEGMENT:
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
    items = given.get("items") or ()
    return Group(
        given.get("join", "all"),
        [group_of(item) if "items" in item else _test(item) for item in items],
    )


def _test(item: Mapping[str, Any]) -> Test:
    condition, argument = registry.condition_of(item["kind"])
    operator = condition.operator(item["op"], argument) if condition else None
    kind = item["kind"].partition(":")[0]
    return Test(kind, argument, item["op"], item.get("value"), condition, operator)


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
