"""Numbers to be had at Twilio.

Source: Twilio, "AvailablePhoneNumber resource", "IncomingPhoneNumber resource", "Pricing: phone
numbers".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from connections.providers.base import (
    Credentials,
    FailureClass,
    NumberOffer,
    OwnedNumber,
    ProviderError,
)
from connections.providers.loose import mapping, objects, text
from connections.providers.twilio_sms import client
from connections.providers.twilio_sms.addresses import account_url, prices_url
from connections.providers.twilio_sms.numbers import NUMBER_ROWS, NUMBERS, find, number_url

# How Twilio calls a kind in its addresses, and in its price list.
_KINDS = {
    "mobile": ("Mobile", "mobile"),
    "local": ("Local", "local"),
    "tollfree": ("TollFree", "toll free"),
}
_NONE_OF_THIS_KIND = "20404"

Prices = dict[str, Decimal]


class Shop:
    """Twilio's numbers behind the port."""

    countries: Sequence[str] = ("BR", "US", "PT", "AR", "CL", "CO", "MX", "ES", "GB")

    def search(
        self, credentials: Credentials, *, country: str, contains: str = "", limit: int = 20
    ) -> list[NumberOffer]:
        currency, prices = self._prices(credentials, country)
        return [
            NumberOffer(
                number=text(row, "phone_number"),
                kind=kind,
                place=text(row, "locality") or text(row, "region"),
                price=prices.get(kind),
                currency=currency,
            )
            for kind in _KINDS
            for row in self._free(credentials, country, kind, contains, -(-limit // len(_KINDS)))
        ][:limit]

    def owned(self, credentials: Credentials) -> list[OwnedNumber]:
        return [_owned(row) for row in client.rows(credentials, NUMBERS, NUMBER_ROWS, {})]

    def buy(self, credentials: Credentials, *, number: str) -> OwnedNumber:
        """Asks first whether it is ours, so that a repeat after a lost answer buys nothing."""
        row = find(credentials, number)
        if row is None:
            form = {"PhoneNumber": number}
            row = dict(client.post(credentials, account_url(credentials, NUMBERS), form))
        return _owned(row)

    def let_go(self, credentials: Credentials, *, number: str) -> None:
        row = find(credentials, number)
        if row is None:
            return
        try:
            client.delete(credentials, number_url(credentials, row))
        except ProviderError as error:
            if error.code != _NONE_OF_THIS_KIND:
                raise

    def _free(
        self, credentials: Credentials, country: str, kind: str, contains: str, limit: int
    ) -> Iterator[dict[str, object]]:
        """Free numbers of a kind; countries lack some kinds."""
        path = f"AvailablePhoneNumbers/{country}/{_KINDS[kind][0]}.json"
        params = {"SmsEnabled": "true", "PageSize": limit}
        if contains:
            params["Contains"] = contains
        try:
            answer = client.get(credentials, account_url(credentials, path), params)
        except ProviderError as error:
            if error.code != _NONE_OF_THIS_KIND:
                raise
            return
        yield from objects(answer, "available_phone_numbers")

    def _prices(self, credentials: Credentials, country: str) -> tuple[str, Prices]:
        """Currency and monthly price by kind; unknown ones are left out."""
        try:
            answer = client.get(credentials, prices_url(country))
        except ProviderError as error:
            if error.klass in (FailureClass.AUTH, FailureClass.REJECTED):
                return "", {}
            raise
        prices: Prices = {}
        for row in objects(answer, "phone_number_prices"):
            for kind, (_, name) in _KINDS.items():
                if text(row, "number_type").lower() == name:
                    prices.update(_price(kind, text(row, "current_price")))
        return text(answer, "price_unit").upper(), prices


def _price(kind: str, value: str) -> Prices:
    try:
        return {kind: Decimal(value)}
    except InvalidOperation:
        return {}


def _owned(row: dict[str, object]) -> OwnedNumber:
    return OwnedNumber(
        number=text(row, "phone_number"),
        name=text(row, "friendly_name"),
        sends_texts=mapping(row, "capabilities").get("sms") is True,
        receives_at=text(row, "sms_url"),
    )
