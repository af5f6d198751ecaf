"""Reading loosely typed JSON or forms: what is missing or of another type reads as empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def text(source: Mapping[str, Any], key: str) -> str:
    """A text (numbers are written out); "" when missing or something else."""
    value = source.get(key)
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, str | int | float) else ""


def mapping(source: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A nested object; an empty one when missing or something else."""
    value = source.get(key)
    return value if isinstance(value, dict) else {}


def listed(source: Mapping[str, Any], key: str) -> list[Any]:
    """A nested list; an empty one when missing or something else."""
    value = source.get(key)
    return value if isinstance(value, list) else []


def objects(source: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects of a nested list."""
    return [item for item in listed(source, key) if isinstance(item, dict)]
