"""What the answers of other systems have in common: JSON that we can keep, and how long to wait."""

from __future__ import annotations

from typing import Any

from core import http
from integrations.providers.base import Unreachable, storable

MOST_SECONDS = 3_600.0


def data_of(answer: http.Response) -> dict[str, Any]:
    """The object that an answer holds, without characters that PostgreSQL cannot keep.

    Raises:
        Unreachable: it is none.
    """
    try:
        data = answer.json()
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise Unreachable("unreadable", answer.text[:200])
    return {storable(name): _kept(value) for name, value in data.items()}


def seconds_asked(answer: http.Response, usual: float) -> float:
    """What `Retry-After` asks for in seconds, an hour at most; `usual` where it asks for none."""
    told = answer.headers.get("Retry-After") or ""
    if not told.isascii() or not told.isdigit():
        return usual
    return min(max(1.0, float(told)), MOST_SECONDS)


def _kept(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_kept(item) for item in value]
    if isinstance(value, dict):
        return {storable(name): _kept(item) for name, item in value.items()}
    return value
