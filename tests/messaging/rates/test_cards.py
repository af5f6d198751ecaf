"""The rate card: which price holds on which day."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from messaging.rates.cards import Card, Kind, card_of
from messaging.rates.models import Rate

BEFORE, AFTER = date(2026, 9, 30), date(2026, 10, 1)


def price(card: Card, category: str, country: str = "BR", currency: str = "USD") -> Decimal:
    found = card.price(Kind("whatsapp", "", category, country), currency)
    assert found is not None
    return found[0]


@pytest.mark.usefixtures("db")
def test_the_card_of_a_day_knows_what_is_charged_since_october_2026() -> None:
    before, after = card_of(BEFORE), card_of(AFTER)

    assert price(before, "marketing") == price(after, "marketing") == Decimal("0.0625")
    assert [price(before, "service"), price(after, "service")] == [0, Decimal("0.0068")]
    assert [price(before, "utility_window"), price(after, "utility_window")] == [
        0,
        Decimal("0.0068"),
    ]


def test_the_most_exact_price_holds_and_the_wished_currency_if_there_is_one() -> None:
    card = Card(
        {
            Kind("sms", "", "sms", ""): {"USD": Decimal(1)},
            Kind("sms", "", "sms", "BR"): {"BRL": Decimal(2), "USD": Decimal(3)},
            Kind("sms", "one", "sms", "BR"): {"USD": Decimal(4)},
        }
    )
    br, pt = Kind("sms", "two", "sms", "BR"), Kind("sms", "two", "sms", "PT")

    assert card.price(br, "BRL") == (2, "BRL")
    assert card.price(br, "EUR") == (2, "BRL")
    assert card.price(br._replace(provider="one"), "BRL") == (4, "USD")
    assert card.price(pt, "BRL") == (1, "USD")
    assert card.price(Kind("voice", "", "sms", "BR"), "BRL") is None


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("begins", "ends", "is_free"),
    [
        (date(2026, 12, 1), None, False),  # the present one has no end
        (date(2025, 1, 1), date(2025, 6, 30), True),
        (date(2025, 1, 1), date(2025, 7, 1), False),
        (date(2025, 1, 1), None, False),
    ],
)
def test_two_prices_of_a_kind_never_hold_on_the_same_day(
    begins: date, ends: date | None, is_free: bool
) -> None:
    rate = Rate(
        channel="whatsapp",
        category="marketing",
        country="BR",
        currency="USD",
        price=Decimal("0.05"),
        effective_from=begins,
        effective_until=ends,
    )
    if is_free:
        rate.full_clean()
    else:
        with pytest.raises(ValidationError, match="Another price of this kind"):
            rate.full_clean()
