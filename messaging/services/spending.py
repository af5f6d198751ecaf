"""Money of messages: held in the wave's transaction, released on refusal, settled by receipts.

`Message.cost` and `Budget.used` change in the same transaction, so a recount of the rows always
gives what the budgets say. Budgets count their own currency alone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from messaging.gate import Candidate
from messaging.pricing import Price


@dataclass(frozen=True, slots=True)
class Line:
    """A category of a quote."""

    category: str
    currency: str
    count: int
    amount: Decimal
    segments: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """What an audience would cost: lines by category and currency, the dearest first.

    Quotes of chunks are added: `total += quote(chunk, now=now)`, beginning with `Quote()`.
    """

    lines: tuple[Line, ...] = ()
    unknown: int = 0  # messages that no rate card has a price for

    def __add__(self, other: "Quote") -> "Quote":
        raise NotImplementedError

    @property
    def totals(self) -> dict[str, Decimal]:
        """The sum by currency."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Billing:
    """What the provider says about the money of one message (a receipt's pricing).

    Attributes:
        billable: False: it cost nothing.
        category: the provider's word where it has one ("marketing", "utility", …); the card's
            price of that category is taken.
        amount, currency: where the provider names the price itself (positive).
    """

    message_id: UUID
    billable: bool
    category: str = ""
    amount: Decimal | None = None
    currency: str = ""


def quote(candidates: Sequence[Candidate], *, now: datetime) -> Quote:
    """What these messages would cost by the card of `now`; give the ones the gate lets pass."""
    raise NotImplementedError


def hold(prices: Mapping[UUID, Price]) -> None:
    """Hold the money of messages that a wave takes to the wire, in the wave's transaction."""
    raise NotImplementedError


def release(message_ids: Collection[UUID]) -> None:
    """Give back what is held for messages that were refused or failed; repeats change nothing."""
    raise NotImplementedError


def settle(billings: Sequence[Billing]) -> None:
    """Write the provider's word in place of the estimate; call it in the receipts' transaction."""
    raise NotImplementedError


def limit_run(*, stream_id: UUID, budget: Decimal | None, currency: str) -> None:
    """Set, change or lift the budget of a run; what it has spent so far is counted anew."""
    raise NotImplementedError


def recount() -> None:
    """Count every budget anew from the messages."""
    raise NotImplementedError
