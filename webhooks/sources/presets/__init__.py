"""Which systems we know. Adding one is a module, its samples (tests/sources/samples) and a line."""

from __future__ import annotations

from webhooks.sources.presets import (
    asaas,
    custom,
    generic,
    grapfy,
    hotmart,
    kiwify,
    mercado_pago,
    nuvemshop,
    shopify,
    woovi,
    yampi,
)
from webhooks.sources.presets.base import Preset

_MODULES = (
    *(grapfy, kiwify, hotmart, yampi, woovi, asaas, mercado_pago, shopify, nuvemshop),
    *(generic, custom),
)
PRESETS: dict[str, Preset] = {module.PRESET.slug: module.PRESET for module in _MODULES}


def preset(slug: str) -> Preset:
    """The preset of that slug; one that this version does not have any more is `custom`."""
    return PRESETS.get(slug, custom.PRESET)
