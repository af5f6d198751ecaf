"""What a post says in our words: by the company's mapping if there is one, else by its preset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from webhooks.sources import mapping
from webhooks.sources.normalised import Normalised
from webhooks.sources.presets import preset

log = structlog.get_logger(__name__)
DETAILS = "details"


def understand(
    *, preset_slug: str, described: Mapping[str, Any], data: Any, details: Any = None,
    headers: Mapping[str, str] | None = None,
) -> list[Normalised]:  # fmt: skip
    """All that it says; nothing where it says nothing.

    Args:
        described: the source's mapping; empty if there is none.
        details: what the vendor said when it was asked for more.
    """
    if details is not None and isinstance(data, dict):
        data = {**data, DETAILS: details}
    if is_described(described):
        return mapping.normalise(described, data)
    return preset(preset_slug).normalise(data, headers or {})


def is_described(described: Mapping[str, Any]) -> bool:
    """Whether a mapping says anything."""
    return bool(described.get("fields") or described.get("always"))
