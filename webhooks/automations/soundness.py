"""Whether a draft has the parts that pages, sentences and the engine count on, whatever it says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any


def is_storable(given: Any) -> bool:
    """Whether PostgreSQL can keep it: no NaN, no half of a pair of surrogates, no NUL."""
    try:
        text = json.dumps(given, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return "\\u0000" not in text


def is_sound(definition: Mapping[str, Any], steps: Iterable[Any]) -> bool:
    """Whether every part has the type that the cards count on.

    Args:
        steps: all of them, those of branches, too.
    """
    parts = (definition["trigger"], definition["conditions"], definition["limits"])
    if not all(isinstance(one, dict) for one in parts):
        return False
    if not isinstance(definition["steps"], list):
        return False
    if not _has_params(definition["trigger"]) or not _is_group(definition["conditions"]):
        return False
    return all(_is_step(step) for step in steps)


def _is_step(step: Any) -> bool:
    ways = (step.get(way, []) for way in ("then", "else"))
    return (
        _has_params(step)
        and all(isinstance(way, list) for way in ways)
        and _is_group(step.get("if", {}))
    )


def _has_params(given: Any) -> bool:
    return isinstance(given.get("params", {}), dict) and isinstance(given.get("kind", ""), str)


def _is_group(given: Any) -> bool:
    if not isinstance(given, dict) or not isinstance(given.get("items", []), list):
        return False
    return all(_is_item(item) for item in given.get("items", ()))


def _is_item(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    return _is_group(item) if "items" in item else isinstance(item.get("kind", ""), str)
