"""Grapfy, a Brazilian checkout: `eventType` and the order beside it, or inside `data`/`payload`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from webhooks.sources import guessing, values
from webhooks.sources.normalised import Normalised
from webhooks.sources.presets.base import Preset


def normalise(data: Any, headers: Mapping[str, str]) -> list[Normalised]:
    """Amounts are in reais; an order number with the event is the key where there is no id."""
    return [
        _with_payment(one, item)
        for item in guessing.items(data)
        if isinstance(item, dict)
        for one in guessing.normalise(item)
    ]


def _with_payment(one: Normalised, item: dict[str, Any]) -> Normalised:
    method = values.text(item, "paymentMethod", "data.paymentMethod", "payload.paymentMethod")
    return one.but(fields={"payment_method": method}) if method else one


PRESET = Preset(
    slug="grapfy",
    label="Grapfy",
    text=_("Orders, PIX and leads of a Grapfy checkout."),
    normalise=normalise,
    steps=(
        _("In Grapfy, open Integrations, then Webhooks, and add a webhook."),
        _("Paste the address from here and choose the events."),
        _("Save, then send a test: it appears on this page within seconds."),
    ),
    is_verified=True,
)
