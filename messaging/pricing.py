"""What messages cost by the rate card of their day: looked up, never computed by a constant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from messaging.gate import Candidate


@dataclass(frozen=True, slots=True)
class Price:
    """What one message costs.

    Attributes:
        amount: of the whole message (all parts of an SMS), up to six decimals.
        currency: ISO 4217; the card's, which the company's may or may not be.
        category: `messaging.rates.enums.RateCategory`: marketing, utility, utility_window,
            authentication, service, sms.
        segments: parts of an SMS; None elsewhere.
    """

    amount: Decimal
    currency: str
    category: str
    segments: int | None = None


def price_batch(candidates: Sequence[Candidate], now: datetime) -> dict[UUID, Price]:
    """The price of each candidate if it left now; those that no card knows are left out."""
    raise NotImplementedError
