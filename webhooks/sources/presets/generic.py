"""Any system whose posts speak for themselves: flat, nested or in a list, found by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from webhooks.sources import guessing
from webhooks.sources.normalised import Normalised
from webhooks.sources.presets.base import Preset


def normalise(data: Any, headers: Mapping[str, str]) -> list[Normalised]:
    """By what the fields are called."""
    return guessing.normalise(data)


PRESET = Preset(
    slug="generic",
    label=_("Any system"),
    text=_("Finds name, phone, amount and event by how the fields are called; you can correct it."),
    normalise=normalise,
    is_verified=True,
)
