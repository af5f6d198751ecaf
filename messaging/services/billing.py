"""What receipts say of money: the provider's price replaces our estimate, a failure frees it."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from messaging.delivery import Change, Line, Row
from messaging.enums import DispatchState
from messaging.services import spending
from messaging.services.spending import Billing


def book(
    rows: Mapping[UUID, Row], fresh: Mapping[UUID, Sequence[Line]], changes: Sequence[Change]
) -> None:
    """Settle and release in the receipts' transaction, after the messages were written.

    A message is settled by the first receipt that tells a price (Meta repeats it in each status);
    one that failed cost nothing.
    """
    failed = {change.row.id for change in changes if _has_failed(change)}
    spending.settle(
        [
            billing
            for key, lines in fresh.items()
            if key not in failed
            and not rows[key].is_billed
            and (billing := billing_of(key, lines)) is not None
        ]
    )
    spending.release(failed)


def billing_of(message_id: UUID, lines: Iterable[Line]) -> Billing | None:
    """The provider's word on a message's price, where one of its receipts has it.

    Keys (the port's, `connections.providers.items.Receipt.pricing`): `billable`, `category`, and
    `amount` with `currency` where the provider names the price itself.
    """
    pricing = next((line.told.pricing for line in lines if line.told.pricing), None)
    if pricing is None:
        return None
    return Billing(
        message_id=message_id,
        billable=bool(pricing.get("billable", True)),
        category=str(pricing.get("category") or "").lower(),
        amount=_amount(pricing.get("amount")),
        currency=str(pricing.get("currency") or ""),
    )


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value)) if value is not None else None
    except InvalidOperation:
        return None
    return abs(amount) if amount is not None and amount.is_finite() else None


def _has_failed(change: Change) -> bool:
    is_final = change.failed_at is not None and not change.clears_failure
    return is_final or change.dispatch == DispatchState.RETRY_WAIT
