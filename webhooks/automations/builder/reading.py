"""What a page sends back: the definition in its hidden field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from webhooks.automations import definition as definitions
from webhooks.automations.definition import Definition


def read(text: str) -> Definition:
    """The definition that a page holds, complete or not.

    Raises:
        core.errors.Invalid: it is none, as when somebody changed it by hand.
    """
    try:
        given = json.loads(text)
        # What PostgreSQL cannot keep is no definition either: NaN, half a pair of surrogates, NUL.
        json.dumps(given, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or "\\u0000" in text:
        raise _broken()
    kept = definitions.shaped(given)
    if not _is_sound(kept):
        raise _broken()
    return kept


def written(definition: Definition) -> str:
    """A definition as the hidden field holds it."""
    return json.dumps(definition, ensure_ascii=False, separators=(",", ":"))


def _broken() -> Invalid:
    message = _("This page is broken. Reload it; what you saved is still there.")
    return Invalid({"definition": message}, message=message)


def _is_sound(kept: Mapping[str, Any]) -> bool:
    """Whether every part has the type that the cards count on."""
    parts = (kept["trigger"], kept["conditions"], kept["limits"])
    if not all(isinstance(one, dict) for one in parts) or not isinstance(kept["steps"], list):
        return False
    if not _has_params(kept["trigger"]) or not _is_group(kept["conditions"]):
        return False
    return all(_is_step(step) for step in definitions.steps_of(kept))


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
    return all(_is_item(item) for item in _each(given))


def _is_item(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    return _is_group(item) if "items" in item else isinstance(item.get("kind", ""), str)


def _each(group: Mapping[str, Any]) -> Iterable[Any]:
    return group.get("items", ())
