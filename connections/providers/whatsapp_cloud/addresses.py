"""Where Graph is. Settings may point at a stand-in, so nothing else writes an address."""

from __future__ import annotations

from django.conf import settings

from connections.providers.base import Credentials
from connections.providers.whatsapp_cloud.forms import token_of


def graph_url(path: str) -> str:
    """The address of an object or edge, `106540352242922/messages`."""
    return f"{settings.GRAPH_BASE_URL}/{settings.GRAPH_VERSION}/{path}"


def bearer(credentials: Credentials) -> dict[str, str]:
    """The header that carries the token; only ever sent to Graph."""
    return {"Authorization": f"Bearer {token_of(credentials)}"}
