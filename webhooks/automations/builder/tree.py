"""Taking cards in, out and elsewhere in a definition.

A place is the way to a card in the definition's JSON, joined by dots: `steps.0`, or
`steps.2.then.0` for the first step of a branch. The errors of a definition name the same places.
All functions return a new definition and leave the given one as it was.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

Definition = dict[str, Any]
Step = dict[str, Any]

LANES = ("then", "else")  # of a branch, in the order in which they are read


def at(definition: Definition, place: str) -> Any:
    """What stands there; None where nothing does."""
    found: Any = definition
    for part in place.split("."):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def put(definition: Definition, place: str, value: Any) -> Definition:
    """Replace what stands there."""
    changed = copy.deepcopy(definition)
    parent, key = _split(changed, place)
    parent[key] = value
    return changed


def insert(definition: Definition, place: str, value: Any) -> Definition:
    """Let it stand there; what stood there and below moves down."""
    changed = copy.deepcopy(definition)
    lane, _dot, number = place.rpartition(".")
    rows = _lane(changed, lane)
    rows.insert(min(int(number), len(rows)), value)
    return changed


def remove(definition: Definition, place: str) -> Definition:
    """Take it out."""
    changed = copy.deepcopy(definition)
    parent, key = _split(changed, place)
    del parent[key]
    return changed


def duplicate(definition: Definition, place: str) -> tuple[Definition, str]:
    """A copy of a step right after it, and where that is."""
    lane, _dot, number = place.rpartition(".")
    following = f"{lane}.{int(number) + 1}"
    return insert(definition, following, copy.deepcopy(at(definition, place))), following


def move(definition: Definition, place: str, distance: int) -> tuple[Definition, str]:
    """A step one line up (-1) or down (1), and where it is then.

    The lines are those of the page: past a branch's head a step goes into the branch, past its end
    out of it again. At the top and at the bottom it stays.
    """
    step = at(definition, place)
    without = remove(definition, place)
    slots = list(_slots(without["steps"], "steps"))
    target = slots.index(place) + distance
    if not 0 <= target < len(slots):
        return definition, place
    return insert(without, slots[target], step), slots[target]


def _slots(lane: list[Step], name: str) -> Iterator[str]:
    """Every place at which a step can stand, from the top of the page to its bottom."""
    for number, step in enumerate(lane):
        yield f"{name}.{number}"
        for inner in LANES:
            if inner in step:
                yield from _slots(step[inner], f"{name}.{number}.{inner}")
    yield f"{name}.{len(lane)}"


def _split(definition: Definition, place: str) -> tuple[Any, Any]:
    way, _dot, last = place.rpartition(".")
    parent = at(definition, way) if way else definition
    if isinstance(parent, list):
        return parent, int(last)
    if isinstance(parent, dict):
        return parent, last
    raise KeyError(place)


def _lane(definition: Definition, place: str) -> list[Any]:
    rows = at(definition, place)
    if not isinstance(rows, list):
        raise KeyError(place)
    return rows
