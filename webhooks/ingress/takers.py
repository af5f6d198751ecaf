"""Who takes over envelopes that hold no provider's callbacks: whole, in the worker that splits.

An app that stores posts of its own kind (`webhooks.sources`) registers for its `provider` in
AppConfig.ready(); everything else is split into items of connections.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tenants.models import Route


@dataclass(frozen=True, slots=True)
class Taken:
    """An envelope with the address that it came to (None: the address is gone)."""

    id: UUID
    route: Route | None
    received_at: datetime
    body: bytes


# Safe to repeat: what was taken over before changes nothing.
Taker = Callable[[Sequence[Taken]], None]
_takers: dict[str, Taker] = {}


def register(provider: str, take: Taker) -> None:
    """Have envelopes of `provider` taken over as they are.

    Raises:
        ValueError: somebody does already.
    """
    if provider in _takers:
        message = f"envelopes of {provider} are taken already"
        raise ValueError(message)
    _takers[provider] = take


def taker(provider: str) -> Taker | None:
    """Who takes them over; None if they are split."""
    return _takers.get(provider)
