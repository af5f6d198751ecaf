"""Numbers at a provider: looked for, bought, made this company's, given back.

Each step may be repeated: what is bought already is only connected, and what is gone is fine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from connections import registry
from connections.models import Connection
from connections.providers.base import (
    Credentials,
    FailureClass,
    NumberMarket,
    NumberOffer,
    OwnedNumber,
    ProviderError,
)
from connections.selectors import callback_url, credentials_of, provider_of
from connections.services import connections, routes
from core.errors import Conflict, FieldError, Invalid, NotFound

Answer = TypeVar("Answer")

REFUSED = (FailureClass.REJECTED, FailureClass.AUTH)


@dataclass(frozen=True, slots=True)
class Line:
    """A number of the account. `connection`: where it is this company's; `receives_here`: whether
    its messages come to that connection's address."""

    number: OwnedNumber
    connection: Connection | None
    receives_here: bool


def search(
    *, provider: str, values: Mapping[str, str], country: str, contains: str = ""
) -> list[NumberOffer]:
    """Numbers for text messages that are free in a country, with their price.

    Args:
        values: what signs us in: the provider's fields without the number.
        contains: digits to look for.

    Raises:
        core.errors.Invalid: the provider refuses, in everyday words.
        core.errors.Unavailable: it cannot be asked now.
    """
    market, credentials = _market(provider), _credentials(values)
    return _asked(provider, lambda: market.search(credentials, country=country, contains=contains))


def owned(connection: Connection) -> list[Line]:
    """The numbers of the connection's account, and which of them are connected here.

    Raises:
        core.errors.Invalid, core.errors.Unavailable: as in `search`.
    """
    market = _market(connection.provider)
    found = _asked(connection.provider, lambda: market.owned(credentials_of(connection)))
    here = {
        one.external_id: one
        for one in Connection.objects.filter(provider=connection.provider, deleted_at=None)
    }
    return [_line(number, here.get(number.number)) for number in found]


def buy(
    *,
    provider: str,
    values: Mapping[str, str],
    number: str,
    name: str = "",
    actor: str = "system",
) -> Connection:
    """Buy a number (unless it is the account's already) and connect it.

    Raises:
        core.errors.Invalid: the provider refuses, in everyday words.
        core.errors.Conflict: it is connected already.
        core.errors.Unavailable: the provider cannot be asked now.
    """
    market, credentials = _market(provider), _credentials(values)
    bought = _asked(provider, lambda: market.buy(credentials, number=number))
    found = {**values, connections.NUMBER_ID: bought.number}
    return connections.connect(provider=provider, values=found, name=name, actor=actor)


def assign(
    connection: Connection, *, number: str, name: str = "", actor: str = "system"
) -> Connection:
    """Connect another number of the same account; its messages come here from now on.

    Raises:
        core.errors.Invalid, core.errors.Conflict, core.errors.Unavailable: as in `buy`.
    """
    found = {**values_of(connection), connections.NUMBER_ID: number}
    return connections.connect(provider=connection.provider, values=found, name=name, actor=actor)


def give_back(connection: Connection, *, number: str, actor: str = "system") -> None:
    """Let a number of the account go for good: at the provider, and here if it is connected.

    Raises:
        core.errors.Conflict: another company uses it.
        core.errors.Invalid, core.errors.Unavailable: as in `search`; the number is still there.
    """
    market, credentials = _market(connection.provider), credentials_of(connection)
    if routes.is_elsewhere(provider=connection.provider, number=number):
        raise Conflict("number_taken", _("Another company uses this number."))
    _asked(connection.provider, lambda: market.let_go(credentials, number=number))
    here = Connection.objects.filter(
        provider=connection.provider, external_id=number, deleted_at=None
    ).first()
    if here is not None:
        connections.release(here, actor=actor)


def values_of(connection: Connection) -> dict[str, str]:
    """What signs us in at the connection's account, as the wizard's fields would."""
    names = [field.name for field in provider_of(connection).fields if field.secret]
    secrets = {name: connection.credentials.get(name, "") for name in names}
    return {connections.ACCOUNT_ID: connection.account_id, **secrets}


def _line(number: OwnedNumber, connection: Connection | None) -> Line:
    receives = connection is not None and number.receives_at == callback_url(connection)
    return Line(number, connection, receives)


def _market(provider: str) -> NumberMarket:
    market = registry.provider(provider).market
    if market is None:
        raise NotFound
    return market


def _credentials(values: Mapping[str, str]) -> Credentials:
    given = {name: str(value or "").strip() for name, value in values.items()}
    account = given.pop(connections.ACCOUNT_ID, "")
    given.pop(connections.NUMBER_ID, None)
    return Credentials("", account, given)


def _asked(provider: str, ask: Callable[[], Answer]) -> Answer:
    """Ask the provider; its "no" becomes ours, in everyday words."""
    try:
        return ask()
    except ProviderError as error:
        if error.klass not in REFUSED:
            raise connections.unavailable(provider, error) from error
        known = registry.provider(provider).explain(error.code)
        sentence = f"{known.sentence} {known.advice}" if known else error.detail
        raise Invalid({"": FieldError("refused", sentence)}) from error
