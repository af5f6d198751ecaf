"""Where Twilio is and how we sign in there. Settings may point at a stand-in, so nothing else
writes an address."""

from __future__ import annotations

import base64
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings

from connections.providers.base import Credentials
from connections.providers.twilio_sms.forms import auth_token_of

MARK, VIA = "mid", "via"  # of our callback address: the message, and the service it came through
_SERVICE = "MG"


def account_url(credentials: Credentials, path: str = "") -> str:
    """An object of the account, `Messages.json`; the account itself without a path."""
    place = f"/{path}" if path else ".json"
    return f"{_host('api')}/2010-04-01/Accounts/{credentials.account_id}{place}"


def service_url(credentials: Credentials) -> str:
    """The messaging service that the credentials name."""
    return f"{_host('messaging')}/v1/Services/{credentials.number_id}"


def prices_url(country: str) -> str:
    """The list prices of numbers in a country."""
    return f"{_host('pricing')}/v1/PhoneNumbers/Countries/{country}"


def basic_auth(credentials: Credentials) -> dict[str, str]:
    """The header that signs us in; only ever sent to Twilio."""
    pair = f"{credentials.account_id}:{auth_token_of(credentials)}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def is_service(number_id: str) -> bool:
    """Whether it names a messaging service, a pool of numbers, and not a number."""
    return number_id.startswith(_SERVICE)


def callback_url(credentials: Credentials, mark: str = "", *, url: str = "") -> str:
    """Our address, which says what the callback will be about.

    Args:
        mark: of the message whose receipts go there; empty for what people write.
        url: our address without its query, when it is not the credentials' own.
    """
    parts = urlsplit(url or credentials.callback_url)
    query = {MARK: mark} if mark else {}
    if is_service(credentials.number_id):
        query[VIA] = credentials.number_id
    return urlunsplit(parts._replace(query=urlencode(query)))


def _host(product: str) -> str:
    return str(settings.TWILIO_BASE_URL).format(product=product)
