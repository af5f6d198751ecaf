"""Which systems there are. Adding one is a folder and one line here."""

from __future__ import annotations

from functools import cache

from django.utils.module_loading import import_string

from integrations.providers.base import Provider

# slug -> dotted path of a class; imported on first use.
PROVIDERS: dict[str, str] = {
    "kommo": "integrations.providers.kommo.provider.Kommo",
    "grapfy": "integrations.providers.grapfy.provider.Grapfy",
}


@cache
def provider(slug: str) -> Provider:
    """The provider of that slug; the same instance each time. Raises LookupError if unknown."""
    try:
        path = PROVIDERS[slug]
    except KeyError:
        raise LookupError(f"no such integration: {slug!r}") from None
    instance: Provider = import_string(path)()
    return instance


def slugs() -> list[str]:
    """Every slug, as the gallery shows them."""
    return list(PROVIDERS)
