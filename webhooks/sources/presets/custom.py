"""A system that only its own company knows: nothing is understood before a sample is mapped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from webhooks.sources.normalised import Normalised
from webhooks.sources.presets.base import Preset


def normalise(data: Any, headers: Mapping[str, str]) -> list[Normalised]:
    """Nothing: the mapping says what it means."""
    return []


PRESET = Preset(
    slug="custom",
    label=_("My own system"),
    text=_("You choose how it proves itself, and click the fields in a sample."),
    normalise=normalise,
    is_mapped=True,
)
