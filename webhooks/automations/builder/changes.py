"""What people do to a flow with one click."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from webhooks.automations import describe
from webhooks.automations.builder import tree
from webhooks.automations.definition import Definition, new_step_id

GROUPS = "items"


@dataclass(frozen=True, slots=True)
class Change:
    """A definition after a change.

    Attributes:
        focus: the id in the page of the card that changed.
        removed: what was taken out, in words.
    """

    definition: Definition
    focus: str = ""
    removed: str = ""


def apply(definition: Definition, *, op: str, place: str, value: str = "") -> Change:
    """One click. `op` is show, up, down, remove, duplicate, group or join (`value`: all, any).

    Raises:
        core.errors.Conflict: the place or the click is not known (any more).
    """
    try:
        return _OPS[op](definition, place, value)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):
        message = _("This card is not there any more. Reload the page.")
        raise Conflict("card_gone", message) from None


def card_id(step: dict[str, Any]) -> str:
    """The id in the page of a step's card."""
    return f"card-{step['id']}"


def _moved(distance: int) -> Callable[[Definition, str, str], Change]:
    def move(definition: Definition, place: str, value: str) -> Change:
        step = _there(definition, place)
        moved, _place = tree.move(definition, place, distance)
        return Change(moved, card_id(step))

    return move


def _remove(definition: Definition, place: str, value: str) -> Change:
    return Change(tree.remove(definition, place), removed=_words(_there(definition, place)))


def _duplicate(definition: Definition, place: str, value: str) -> Change:
    _there(definition, place)
    copied, following = tree.duplicate(definition, place)
    renamed = _renamed(tree.at(copied, following))
    return Change(tree.put(copied, following, renamed), card_id(renamed))


def _group(definition: Definition, place: str, value: str) -> Change:
    """An empty group joined the other way than what it stands in."""
    outer = tree.at(definition, place.rpartition(f".{GROUPS}.")[0])
    join = "all" if outer.get("join") == "any" else "any"
    return Change(tree.insert(_with_items(definition, place), place, {"join": join, GROUPS: []}))


def _join(definition: Definition, place: str, value: str) -> Change:
    group = copy.deepcopy(_there(definition, place))
    return Change(
        tree.put(definition, place, {**group, "join": "any" if value == "any" else "all"})
    )


def add_condition(definition: Definition, place: str, item: dict[str, Any]) -> Definition:
    """A condition put in at a place, whose group may not have any yet."""
    return tree.insert(_with_items(definition, place), place, item)


def _with_items(definition: Definition, place: str) -> Definition:
    group = place.rpartition(f".{GROUPS}.")[0]
    found = _there(definition, group)
    return definition if GROUPS in found else tree.put(definition, group, {**found, GROUPS: []})


def _there(definition: Definition, place: str) -> Any:
    found = tree.at(definition, place)
    if not isinstance(found, dict):
        raise KeyError(place)
    return found


def _renamed(step: dict[str, Any]) -> dict[str, Any]:
    """A copied step and all in it under ids of their own."""
    ways = {way: [_renamed(inner) for inner in step[way]] for way in tree.LANES if way in step}
    return {**step, "id": new_step_id(), **ways}


def _words(found: dict[str, Any]) -> str:
    if "id" in found:
        return describe.step_sentence(found)
    return describe.group_sentence(found) if GROUPS in found else describe.condition_sentence(found)


_OPS: dict[str, Callable[[Definition, str, str], Change]] = {
    "show": lambda definition, place, value: Change(definition),
    "up": _moved(-1),
    "down": _moved(1),
    "remove": _remove,
    "duplicate": _duplicate,
    "group": _group,
    "join": _join,
}
