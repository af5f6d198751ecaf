"""A definition in sentences, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from webhooks.automations import registry
from webhooks.automations.definition import BRANCH, Definition


@dataclass(frozen=True, slots=True)
class Sentence:
    """A line of a definition.

    Attributes:
        step: the id of its step; "" for the trigger, "conditions" for what is asked first.
        depth: how many branches it stands in.
        way: "then" or "else" for the first line of a branch's way, which names it.
    """

    step: str
    text: str
    icon: str
    depth: int = 0
    way: str = ""


def definition_lines(definition: Definition) -> list[Sentence]:
    """All of it, from top to bottom; what is missing in a draft reads “…”."""
    lines = [Sentence("", trigger_sentence(definition.get("trigger") or {}), _icon(definition))]
    asked = group_sentence(definition.get("conditions") or {})
    if asked:
        lines.append(Sentence("conditions", asked, "filter"))
    return [*lines, *_steps(definition.get("steps") or (), 0)]


def trigger_sentence(trigger: Mapping[str, Any]) -> str:
    """“PIX created”."""
    found = registry.trigger_of(str(trigger.get("kind") or ""))
    return _safely(found.sentence, trigger.get("params")) if found else _("not chosen yet")


def step_sentence(step: Mapping[str, Any]) -> str:
    """“Add the tags: VIP”."""
    kind = str(step.get("kind") or "")
    if kind == BRANCH:
        return _("If %(conditions)s") % {"conditions": group_sentence(step.get("if") or {}) or "…"}
    found = registry.action_of(kind) or registry.wait_of(kind)
    return _safely(found.sentence, step.get("params")) if found else kind or "…"


def step_icon(step: Mapping[str, Any]) -> str:
    """The lucide name of a step."""
    kind = str(step.get("kind") or "")
    found = registry.action_of(kind) or registry.wait_of(kind)
    return found.icon if found else "split"


def group_sentence(group: Mapping[str, Any]) -> str:
    """“Amount is greater than 50.00 and (Tags has any of VIP)”; empty without conditions."""
    items: Sequence[Mapping[str, Any]] = group.get("items") or ()
    joiner = _(" and ") if group.get("join", "all") == "all" else _(" or ")
    texts = [
        f"({group_sentence(item)})" if "items" in item else condition_sentence(item)
        for item in items
    ]
    return joiner.join(texts)


def condition_sentence(item: Mapping[str, Any]) -> str:
    """“Tags has any of VIP”."""
    condition, argument = registry.condition_of(str(item.get("kind") or ""))
    if condition is None:
        return "…"
    operator = condition.operator(str(item.get("op") or ""), argument)
    parts = [condition_name(item), str(operator.label) if operator else "…"]
    if operator is not None and item.get("value") is not None:
        parts.append(_words(operator, item["value"]))
    return " ".join(filter(None, parts))


def condition_name(item: Mapping[str, Any]) -> str:
    """What a condition asks about: “Field “Cidade””, “Amount”."""
    condition, argument = registry.condition_of(str(item.get("kind") or ""))
    if condition is None:
        return str(item.get("kind") or "…")
    if not argument:
        return str(condition.label)
    options = condition.arguments() if condition.arguments else ()
    label = next((str(one.label) for one in options if one.value == argument), argument)
    return label if condition.kind in ("event", "contact") else f"{condition.label}: {label}"


def _steps(steps: Sequence[Mapping[str, Any]], depth: int) -> Iterator[Sentence]:
    for step in steps:
        name = str(step.get("id") or "")
        yield Sentence(name, step_sentence(step), step_icon(step), depth)
        for way, label in (("then", _way(step, "then")), ("else", _way(step, "else"))):
            inner = step.get(way) or ()
            if inner:
                yield Sentence(name, label, "corner-down-right", depth + 1, way)
                yield from _steps(inner, depth + 1)


def _way(step: Mapping[str, Any], way: str) -> str:
    """How a way of a step is called."""
    if step.get("kind") == BRANCH:
        return _("Then") if way == "then" else _("Otherwise")
    return _("If it came") if way == "then" else _("If it did not come")


def _icon(definition: Definition) -> str:
    found = registry.trigger_of(str((definition.get("trigger") or {}).get("kind") or ""))
    return found.icon if found else "zap"


def _safely(sentence: Any, params: Any) -> str:
    """A draft may hold anything (names where ids belong): what cannot be said reads “…”."""
    try:
        return str(sentence(params if isinstance(params, Mapping) else {}))
    except Exception:  # whatever a kind of value raises, the page is shown
        return "…"


def _words(operator: registry.Operator, value: Any) -> str:
    return _safely(lambda _params: operator.value.words(value), {})
