"""Numbers that can be had at a provider: looked for, bought, given our address, let go.

Every step may be repeated: buying what is ours already is no second purchase, and letting go of
what is gone is fine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from connections.providers.base import Credentials


@dataclass(frozen=True, slots=True)
class NumberOffer:
    """A number that may be bought. `kind`: mobile, local or tollfree; `number` in E.164."""

    number: str
    kind: str
    place: str = ""  # city or region, as the provider has it
    price: Decimal | None = None  # a month, where the provider tells
    currency: str = ""


@dataclass(frozen=True, slots=True)
class OwnedNumber:
    """A number of the account. `receives_at` is the address its messages are posted to now."""

    number: str
    name: str
    sends_texts: bool
    receives_at: str = ""


class NumberMarket(Protocol):
    """All of it blocks (workers and pages) and raises ProviderError."""

    countries: Sequence[str]  # ISO 3166-1 alpha-2, the usual first

    def search(
        self, credentials: Credentials, *, country: str, contains: str = "", limit: int = 20
    ) -> list[NumberOffer]:
        """Numbers for text messages that are free, with their monthly price; `contains` are digits
        to look for. Raises REJECTED where the country has none."""
        ...

    def owned(self, credentials: Credentials) -> list[OwnedNumber]:
        """Every number of the account."""
        ...

    def buy(self, credentials: Credentials, *, number: str) -> OwnedNumber:
        """Buy a number for this account; at once ours if it is already."""
        ...

    def let_go(self, credentials: Credentials, *, number: str) -> None:
        """Give a number back to the provider: it is gone for good. Already gone is fine."""
        ...
