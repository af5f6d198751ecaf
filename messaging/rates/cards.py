"""The rate card of a day, as a dictionary that price look-ups take a microsecond in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from core import cache
from messaging.rates.models import Rate


class Kind(NamedTuple):
    """What a price is for; an empty provider or country stands for the others."""

    channel: str
    provider: str
    category: str
    country: str


@dataclass(frozen=True, slots=True)
class Card:
    """The prices that hold on one day: kind → currency → price."""

    prices: Mapping[Kind, Mapping[str, Decimal]]

    def price(self, kind: Kind, currency: str) -> tuple[Decimal, str] | None:
        """The price and its currency: the wished currency if the card has it, else its first.

        The most exact row holds: that of the country before that of the others, and in each that
        of the provider before that of the channel.
        """
        for country in dict.fromkeys((kind.country, "")):
            for provider in dict.fromkeys((kind.provider, "")):
                found = self.prices.get(kind._replace(country=country, provider=provider))
                if found:
                    chosen = currency if currency in found else min(found)
                    return found[chosen], chosen
        return None


class _Row(NamedTuple):
    kind: Kind
    currency: str
    price: Decimal
    begins: date
    ends: date | None


def card_of(day: date) -> Card:
    """The card that holds on this day; the table is kept for some minutes."""
    prices: dict[Kind, dict[str, Decimal]] = {}
    for row in cache.remember(_key(), cache.LONG, _load):
        if row.begins <= day and (row.ends is None or day <= row.ends):
            prices.setdefault(row.kind, {})[row.currency] = row.price
    return Card(prices)


def forget_on_commit() -> None:
    """Have the table read anew, because this transaction changes a price."""
    transaction.on_commit(lambda: cache.forget(_key()))


def _key() -> cache.CacheKey:
    return cache.shared_key("rates", "all")


def _load() -> list[_Row]:
    columns = (
        *("channel", "provider", "category", "country"),
        *("currency", "price", "effective_from", "effective_until"),
    )
    return [_Row(Kind(*values[:4]), *values[4:]) for values in Rate.objects.values_list(*columns)]
