"""A definition as the cards that a page shows, with what is wrong at each.

A card's place is its way in the definition (`builder.tree`); its id in the page is made of the
step's own, so that it stays the same card when it is moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from core.errors import FieldError
from crm.audiences.values import Text
from webhooks.automations import describe, registry
from webhooks.automations.builder import limits
from webhooks.automations.builder.comparison import Line
from webhooks.automations.definition import BRANCH, Definition
from webhooks.automations.values import Field

Problems = Mapping[str, FieldError]


@dataclass(frozen=True)
class Asked:
    """A condition in words."""

    place: str
    id: str
    sentence: str
    errors: Sequence[Text] = ()


@dataclass(frozen=True)
class Group:
    """Conditions that hold together; one level of groups may stand among them."""

    place: str
    id: str
    join: str
    rows: Sequence[Asked | Group] = ()
    errors: Sequence[Text] = ()

    @property
    def end(self) -> str:
        """Where another one is put in."""
        return f"{self.place}.items.{len(self.rows)}"


@dataclass(frozen=True)
class Lane:
    """Steps one under the other; those of a branch have a word above them."""

    place: str
    cards: Sequence[Card] = ()
    word: str = ""
    tone: str = "neutral"
    icon: str = ""
    is_open: bool = True  # nothing can follow a step that ends the run
    errors: Sequence[Text] = ()

    @property
    def end(self) -> str:
        """Where another one is put in."""
        return f"{self.place}.{len(self.cards)}"


@dataclass(frozen=True)
class Card:
    """The trigger, or a step."""

    place: str
    id: str
    tone: str  # when, do, wait, branch or stop
    icon: str
    title: str
    quote: str = ""  # the text that it sends or writes
    errors: Sequence[Text] = ()
    conditions: Group | None = None
    lanes: Sequence[Lane] = ()
    is_step: bool = True


@dataclass(frozen=True)
class Flow:
    """All of it, from top to bottom."""

    trigger: Card
    conditions: Group
    lane: Lane
    limits: Card
    errors: Sequence[Text] = ()


def first_wrong(flow: Flow) -> str:
    """The id of the first card, condition or group that something is wrong with; empty if none."""
    parts = [flow.trigger, *_parts(flow.conditions), *_cards(flow.lane), flow.limits]
    return next((one.id for one in parts if one.errors), "")


def _parts(group: Group) -> Iterator[Asked | Group]:
    for row in group.rows:
        yield from _parts(row) if isinstance(row, Group) else [row]
    yield group


def _cards(lane: Lane) -> Iterator[Card | Asked | Group]:
    for card in lane.cards:
        yield card
        yield from _parts(card.conditions) if card.conditions else ()
        for inner in card.lanes:
            yield from _cards(inner)


def flow_of(definition: Definition, problems: Problems | None = None) -> Flow:
    """The cards of a definition, complete or not."""
    return _Outline(problems or {}).flow(definition)


def lines_of(definition: Definition) -> list[Line]:
    """The same as plain lines, for comparisons."""
    said = describe.definition_lines(definition)
    lines = [Line(one.text, one.depth) for one in said]
    return [*lines, Line(limits.sentence(definition.get("limits") or {}))]


@dataclass
class _Outline:
    problems: Problems
    _shown: set[str] = field(default_factory=set)

    def flow(self, definition: Definition) -> Flow:
        trigger = self._trigger(definition.get("trigger") or {})
        conditions = self._group(definition.get("conditions") or {}, "conditions", "conditions")
        lane = self._lane(definition.get("steps"), "steps", "steps")
        limits = self._limits(definition.get("limits") or {})
        rest = [error.message for place, error in self.problems.items() if place not in self._shown]
        return Flow(trigger, conditions, lane, limits, rest)

    def _trigger(self, given: Mapping[str, Any]) -> Card:
        spec = registry.trigger_of(str(given.get("kind") or ""))
        return Card(
            place="trigger",
            id="card-trigger",
            tone="when",
            icon=spec.icon if spec else "zap",
            title=describe.trigger_sentence(given) if spec else _("Choose when it starts"),
            errors=self._errors("trigger"),
            is_step=False,
        )

    def _limits(self, given: Mapping[str, Any]) -> Card:
        return Card(
            place="limits",
            id="card-limits",
            tone="do",
            icon="gauge",
            title=limits.sentence(given),
            errors=self._errors("limits"),
            is_step=False,
        )

    def _lane(self, steps: Any, place: str, named: str, **look: str) -> Lane:
        rows = steps if isinstance(steps, list) else []
        cards = [self._step(step, f"{place}.{index}") for index, step in enumerate(rows)]
        last = registry.action_of(str(rows[-1].get("kind"))) if rows else None
        wrong = [self.problems[named].message] if named in self.problems else []
        self._shown.add(named)
        is_open = last is None or not last.ends
        return Lane(place, cards, is_open=is_open, errors=wrong, **look)

    def _step(self, step: Mapping[str, Any], place: str) -> Card:
        named, kind = f"steps.{step.get('id')}", str(step.get("kind") or "")
        if kind == BRANCH:
            return self._branch(step, place, named)
        action, wait = registry.action_of(kind), registry.wait_of(kind)
        spec = action or wait
        quote = _text_of(spec.fields if spec else (), step.get("params"))
        lanes: Sequence[Lane] = ()
        if wait is not None and wait.branches:
            lanes = self._ways(step, place, named, (_("If it came"), _("If it did not come")))
        return Card(
            place=place,
            id=f"card-{step.get('id')}",
            tone="wait" if wait else "stop" if action and action.ends else "do",
            icon=spec.icon if spec else "circle-help",
            title=str(spec.label) if spec and quote else describe.step_sentence(step),
            quote=quote,
            errors=self._errors(named, (f"{named}.then", f"{named}.else")),
            lanes=lanes,
        )

    def _branch(self, step: Mapping[str, Any], place: str, named: str) -> Card:
        group = self._group(step.get("if") or {}, f"{place}.if", f"{named}.if")
        return Card(
            place=place,
            id=f"card-{step.get('id')}",
            tone="branch",
            icon="split",
            title=_("If"),
            errors=[*group.errors, *self._errors(named, (f"{named}.",))],
            conditions=group,
            lanes=self._ways(step, place, named, (_("Then"), _("Otherwise"))),
        )

    def _ways(
        self, step: Mapping[str, Any], place: str, named: str, words: tuple[str, str]
    ) -> Sequence[Lane]:
        yes, no = words
        return (
            self._lane(
                step.get("then"),
                f"{place}.then",
                f"{named}.then",
                word=yes,
                tone="success",
                icon="corner-down-right",
            ),
            self._lane(
                step.get("else"),
                f"{place}.else",
                f"{named}.else",
                word=no,
                icon="corner-down-right",
            ),
        )

    def _group(self, given: Mapping[str, Any], place: str, named: str) -> Group:
        items = given.get("items")
        rows = [
            self._asked(item, f"{place}.items.{index}", f"{named}.items.{index}")
            for index, item in enumerate(items if isinstance(items, list) else [])
        ]
        return Group(
            place=place,
            id=f"place-{place}",
            join="any" if given.get("join") == "any" else "all",
            rows=rows,
            errors=self._errors(named, (f"{named}.items",)),
        )

    def _asked(self, item: Any, place: str, named: str) -> Asked | Group:
        if isinstance(item, Mapping) and "items" in item:
            return self._group(item, place, named)
        return Asked(
            place=place,
            id=f"place-{place}",
            sentence=describe.condition_sentence(item if isinstance(item, Mapping) else {}),
            errors=self._errors(named),
        )

    def _errors(self, named: str, others: tuple[str, ...] = ()) -> list[Text]:
        """What is wrong there and below, but for what other cards show."""
        found = []
        for place, error in self.problems.items():
            is_here = place == named or place.startswith(f"{named}.")
            is_of_others = any(place != named and place.startswith(other) for other in others)
            if is_here and not is_of_others:
                self._shown.add(place)
                found.append(error.message)
        return list(dict.fromkeys(found))


def _text_of(fields: Sequence[Field], params: Any) -> str:
    """The long text among the values of a step."""
    values = params if isinstance(params, Mapping) else {}
    texts = [values.get(one.name) for one in fields if one.value.input == "textarea"]
    return next((str(text) for text in texts if text), "")
