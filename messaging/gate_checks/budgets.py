"""Is there money left, in this month and in this run?

Budgets are of one currency and count what is held and spent in it (`messaging.services.spending`).
Answers to customers are counted, never held back. What would go beyond waits, and its run is
paused (`messaging.services.overspending`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from core import agenda
from messaging.agenda import OVERSPENT
from messaging.gate import Candidate, Moment, Verdict, Verdicts, delay
from messaging.pricing import Price, prices_at
from messaging.services import spending

CODE = "budget_reached"
# A budget that was raised, or a new month, is seen by whatever waits within so long.
LOOK_AGAIN = timedelta(minutes=1)


@dataclass(slots=True)
class _Purse:
    """What may still be spent of one budget."""

    limit: spending.Limit
    left: Decimal

    def holds(self, price: Price) -> bool:
        """Whether this budget counts the price; each counts its own currency."""
        return self.limit.currency == price.currency

    def has(self, price: Price) -> bool:
        return not self.holds(price) or self.left >= price.amount

    def take(self, price: Price) -> None:
        if self.holds(price):
            self.left -= price.amount


def budget(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Delays those whose price no longer fits, in the order of the batch."""
    limits = spending.limits(moment, moment.streams(batch).values())
    if not limits:
        return {}
    purses = _purses(limits, moment)
    prices = prices_at(moment, batch)
    verdicts: dict[UUID, Verdict] = {}
    # Answers first: they go in any case, and what they cost is not there for the others.
    for item in sorted(batch, key=lambda item: not item.is_answer):
        price = prices.get(item.id)
        if price is None:
            continue
        asked = [purses[key] for key in {None, item.stream_id} if key in purses]
        empty = next((purse for purse in asked if not purse.has(price)), None)
        if empty is not None and not item.is_answer:
            verdicts[item.id] = _wait(empty.limit, price, moment)
            continue
        for purse in asked:
            purse.take(price)
    if moment.is_at_wire:
        _have_runs_paused(batch, verdicts)
    else:
        moment.memory.left |= {key: purse.left for key, purse in purses.items()}
    return verdicts


def _purses(limits: Sequence[spending.Limit], moment: Moment) -> dict[UUID | None, _Purse]:
    """Run (None: the month) → what is left of it, after what earlier batches imagined."""
    used = spending.used(limits)
    return {
        one.stream_id: _Purse(one, left=one.amount - used[one.stream_id])
        if moment.is_at_wire or one.stream_id not in moment.memory.left
        else _Purse(one, left=moment.memory.left[one.stream_id])
        for one in limits
    }


def _wait(limit: spending.Limit, price: Price, moment: Moment) -> Verdict:
    return delay(
        CODE,
        moment.now + LOOK_AGAIN,
        scope="month" if limit.stream_id is None else "run",
        limit=str(limit.amount),
        price=str(price.amount),
        currency=limit.currency,
    )


def _have_runs_paused(batch: Sequence[Candidate], verdicts: Verdicts) -> None:
    streams = {item.stream_id for item in batch if item.id in verdicts and item.stream_id}
    for stream_id in streams:
        agenda.append(OVERSPENT, str(stream_id))
