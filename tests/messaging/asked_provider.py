"""A provider that can be asked what became of a send, for tests: Meta's own with a memory."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from connections import registry
from connections.providers.base import Credentials, ProviderError, SendResult
from connections.providers.whatsapp_cloud.provider import WhatsAppCloud


@dataclass
class Memory:
    """What the provider knows: the id of a text, or an error for whoever asks."""

    found: dict[str, str] = field(default_factory=dict)
    error: ProviderError | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    known: list[set[str]] = field(default_factory=list)
    since: list[datetime] = field(default_factory=list)

    def forget(self) -> None:
        """Know nothing."""
        self.found, self.error, self.asked, self.known, self.since = {}, None, [], [], []


memory = Memory()


class Asked(WhatsAppCloud):
    slug = "asked"
    capabilities = replace(WhatsAppCloud.capabilities, can_look_up=True)

    def look_up(
        self,
        credentials: Credentials,
        *,
        to: str,
        text: str,
        since: datetime,
        known: Collection[str] = (),
    ) -> SendResult | None:
        memory.asked.append((to, text))
        memory.known.append(set(known))
        memory.since.append(since)
        if memory.error is not None:
            raise memory.error
        external_id = memory.found.get(text)
        return SendResult(external_id) if external_id else None


@contextmanager
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    """Have the provider known under its slug, and its memory empty."""
    memory.forget()
    monkeypatch.setitem(registry.PROVIDERS, "asked", f"{__name__}.Asked")
    yield memory
    registry.provider.cache_clear()
