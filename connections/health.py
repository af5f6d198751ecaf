"""How a number is doing, in one look: what lists, cards and the API show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections.enums import ConnectionState, Quality
from connections.models import Connection
from connections.providers.base import Explanation
from connections.selectors import explain, provider_of

TOKEN_ENDS_SOON = timedelta(days=7)
_QUALITY_TONES = {Quality.GREEN: "success", Quality.YELLOW: "warning", Quality.RED: "danger"}
_STATE_TONES = {
    ConnectionState.ACTIVE: "success",
    ConnectionState.PAUSED: "warning",
    ConnectionState.STOPPED: "danger",
}
# Meta, "Messaging limits": people reached outside their windows in 24 hours.
_TIERS: dict[str, str | Promise] = {
    "TIER_50": _("50 people a day"),
    "TIER_250": _("250 people a day"),
    "TIER_1K": _("1,000 people a day"),
    "TIER_2K": _("2,000 people a day"),
    "TIER_10K": _("10,000 people a day"),
    "TIER_100K": _("100,000 people a day"),
    "TIER_UNLIMITED": _("Without limit"),
}


@dataclass(frozen=True, slots=True)
class Health:
    """A connection with what is known of its condition; `reason` says what holds it, if a code
    does."""

    connection: Connection
    provider_label: str
    channel: str
    state_label: str
    state_tone: str
    quality_label: str
    quality_tone: str
    tier_label: str | Promise
    reason: Explanation | None
    callbacks_work: bool
    callbacks_detail: str
    token_ends_soon: bool

    @property
    def needs_attention(self) -> bool:
        return self.connection.state == ConnectionState.STOPPED

    @property
    def is_paused(self) -> bool:
        return self.connection.state == ConnectionState.PAUSED


def tier_label(tier: str) -> str | Promise:
    """The messaging limit in words; one that we do not know stays as the provider writes it."""
    return _TIERS.get(tier, tier)


def health_of(connection: Connection) -> Health:
    """What there is to say; asks no database and no provider."""
    speaker, quality = provider_of(connection), Quality(connection.quality)
    callbacks: dict[str, Any] = connection.config.get("callbacks") or {}
    ends = connection.token_expires_at
    return Health(
        connection=connection,
        provider_label=speaker.label,
        channel=speaker.channel,
        state_label=connection.get_state_display(),
        state_tone=_STATE_TONES.get(ConnectionState(connection.state), "neutral"),
        quality_label=str(quality.label),
        quality_tone=_QUALITY_TONES.get(quality, "neutral"),
        tier_label=tier_label(connection.tier),
        reason=explain(connection.provider, connection.state_code)
        if connection.state_code
        else None,
        callbacks_work=callbacks.get("state") == "ok" or connection.last_inbound_at is not None,
        callbacks_detail=str(callbacks.get("detail") or ""),
        token_ends_soon=ends is not None and ends - timezone.now() < TOKEN_ENDS_SOON,
    )
