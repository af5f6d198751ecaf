"""Which providers there are. Adding one is a folder, its fixtures and one line here."""

from __future__ import annotations

from functools import cache

from django.utils.module_loading import import_string

from connections.providers.base import Provider
from core.choices import any_case

# slug -> dotted path of a class; imported on first use, so that a process pays for what it speaks.
PROVIDERS: dict[str, str] = {
    "whatsapp_cloud": "connections.providers.whatsapp_cloud.provider.WhatsAppCloud",
    "twilio_sms": "connections.providers.twilio_sms.provider.TwilioSms",
}


@cache
def provider(slug: str) -> Provider:
    """The provider of that slug; the same instance each time. Raises LookupError if unknown."""
    try:
        path = PROVIDERS[slug]
    except KeyError:
        raise LookupError(f"no such provider: {slug!r}") from None
    instance: Provider = import_string(path)()
    return instance


def slugs() -> list[str]:
    """Every provider's slug, the first one being the usual."""
    return list(PROVIDERS)


def of_channel(channel: str) -> list[Provider]:
    """The providers of a channel, whatever its case; the usual one first."""
    wanted = any_case(channel)
    return [one for one in map(provider, PROVIDERS) if one.channel == wanted]
