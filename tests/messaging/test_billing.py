"""What receipts say of money: settled once, in the provider's words; failures cost nothing."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connections.models import Connection
from connections.providers.base import FailureClass, Receipt
from messaging.gate import Candidate, Moment
from messaging.models import Budget, Message, SendingPolicy
from messaging.pricing import Price
from messaging.services import receipts, spending
from tenants.models import Company
from tests.messaging import factories

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
MARKETING, UTILITY = Decimal("0.0625"), Decimal("0.0068")


@pytest.fixture
def connection(company: Company) -> Connection:
    SendingPolicy.objects.create(currency="USD")
    return factories.a_connection()


@pytest.fixture
def message(connection: Connection) -> Message:
    """Accepted, its estimate held."""
    sent = factories.an_outgoing(
        connection,
        kind="template",
        dispatch="accepted",
        external_id="wamid.1",
        at=NOW,
        cost=MARKETING,
        currency="USD",
    )
    moment = Moment(NOW, effects=True, is_at_wire=True)
    prices = {sent.pk: Price(MARKETING, "USD", "marketing")}
    spending.hold(moment, [Candidate.of(sent)], prices)
    return sent


def tell(connection: Connection, kind: str, **fields: Any) -> None:
    told = Receipt(
        number_id=connection.external_id,
        account_id=connection.account_id,
        external_id="wamid.1",
        kind=kind,
        at=NOW,
        **fields,
    )
    receipts.apply(connection=connection, receipts=[told])


def booked(message: Message) -> tuple[Decimal | None, bool, Decimal]:
    """The message's cost, whether it is the provider's word, and what the month counts."""
    message.refresh_from_db()
    used = Budget.objects.get(stream=None, currency="USD").used
    return message.cost, message.is_billed, used


@pytest.mark.parametrize(
    ("pricing", "cost"),
    [
        ({"billable": True, "category": "utility", "pricing_model": "PMP"}, UTILITY),
        ({"billable": False, "category": "service", "type": "free_customer_service"}, Decimal(0)),
        ({"billable": True, "amount": "-0.05500", "currency": "USD"}, Decimal("0.055")),
    ],
)
def test_the_first_price_told_is_the_messages_price(
    connection: Connection, message: Message, pricing: dict[str, Any], cost: Decimal
) -> None:
    tell(connection, "sent", pricing=pricing)
    tell(connection, "delivered", pricing={"billable": True, "category": "marketing"})
    assert booked(message) == (cost, True, cost)


@pytest.mark.parametrize(
    "pricing", [None, {}, {"billable": True, "amount": "much"}, {"category": "unheard of"}]
)
def test_without_a_price_the_estimate_stands(
    connection: Connection, message: Message, pricing: dict[str, Any] | None
) -> None:
    tell(connection, "sent", pricing=pricing)
    assert booked(message) == (MARKETING, False, MARKETING)


def test_a_failure_costs_nothing_and_a_delivery_after_all_costs_what_is_told(
    connection: Connection, message: Message
) -> None:
    tell(connection, "failed", code="131026", klass=FailureClass.REJECTED)
    assert booked(message) == (None, False, Decimal(0))

    tell(connection, "delivered", pricing={"billable": True, "category": "marketing"})
    assert booked(message) == (MARKETING, True, MARKETING)
    before = booked(message)
    spending.recount()
    assert booked(message) == before
