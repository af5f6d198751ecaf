"""Accounts, their numbers, and numbers that can be had."""

from __future__ import annotations

import hashlib
from typing import Any

from aiohttp import web

from sandbox.phones import digits
from sandbox.state import SANDBOX
from sandbox.twilio.access import account_of, number_of
from sandbox.twilio.accounts import SmsNumber, TwilioAccount
from sandbox.twilio.errors import TwilioError, no_such_resource
from sandbox.twilio.messages import paged
from sandbox.wire import reply

# country: kind → (digits before the part that is made up, places)
_FREE: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "BR": {
        "Mobile": ("55119", ("São Paulo", "Campinas")),
        "Local": ("551140", ("São Paulo", "Santos")),
    },
    "US": {
        "Local": ("1415", ("San Francisco", "Oakland")),
        "Mobile": ("1628", ("San Francisco",)),
        "TollFree": ("1888", ("",)),
    },
}
_LENGTHS = {"BR": {"Mobile": 13, "Local": 12}, "US": {"Local": 11, "Mobile": 11, "TollFree": 11}}
_PRICES = {
    "BR": {"mobile": "15.00", "local": "4.25"},
    "US": {"local": "1.15", "mobile": "1.15", "toll free": "2.15"},
}
_TRIED = 400  # made-up numbers that a search looks through


async def show_account(request: web.Request) -> web.Response:
    """``GET /Accounts/{sid}.json``."""
    account = account_of(request)
    return reply(
        {
            "sid": account.account_sid,
            "friendly_name": account.friendly_name,
            "status": account.status,
            "type": "Full",
        }
    )


async def index(request: web.Request) -> web.Response:
    """``GET /IncomingPhoneNumbers.json?PhoneNumber=``."""
    account, wanted = account_of(request), digits(request.query.get("PhoneNumber", ""))
    rows = [
        number_row(account, one)
        for one in account.numbers.values()
        if not wanted or wanted in one.number
    ]
    return reply(paged(request, "incoming_phone_numbers", rows))


async def show(request: web.Request) -> web.Response:
    """``GET /IncomingPhoneNumbers/{PN}.json``."""
    return reply(number_row(*number_of(request)))


async def buy(request: web.Request) -> web.Response:
    """``POST /IncomingPhoneNumbers.json``: one that a search offers."""
    account, sandbox = account_of(request), request.app[SANDBOX]
    form = await request.post()
    wanted = f"+{digits(str(form.get('PhoneNumber', '')))}"
    if len(wanted) < 8:
        raise TwilioError(21421)
    if sandbox.twilio.accounts.by_number(wanted):
        raise TwilioError(21422)
    number = account.add(wanted)
    _change(number, form)
    sandbox.twilio.accounts.save()
    sandbox.ledger.append(
        provider="twilio", connection=wanted, recipient="", kind="number_buy", body=b""
    )
    return reply(number_row(account, number), 201)


async def change(request: web.Request) -> web.Response:
    """``POST /IncomingPhoneNumbers/{PN}.json``: its name and where its messages go."""
    account, number = number_of(request)
    _change(number, await request.post())
    request.app[SANDBOX].twilio.accounts.save()
    return reply(number_row(account, number))


async def release(request: web.Request) -> web.Response:
    """``DELETE /IncomingPhoneNumbers/{PN}.json``."""
    account, number = number_of(request)
    del account.numbers[number.number]
    sandbox = request.app[SANDBOX]
    sandbox.twilio.accounts.save()
    sandbox.ledger.append(
        provider="twilio", connection=number.number, recipient="", kind="number_release", body=b""
    )
    return web.Response(status=204)


async def available(request: web.Request) -> web.Response:
    """``GET /AvailablePhoneNumbers/{country}/{kind}.json?Contains=``."""
    account_of(request)
    country, kind = request.match_info["country"], request.match_info["kind"]
    if kind not in _FREE.get(country, {}):
        raise no_such_resource(request.path)
    taken = request.app[SANDBOX].twilio.accounts
    wanted = digits(request.query.get("Contains", ""))
    limit = int(request.query.get("PageSize") or 20)
    rows = [
        row
        for index in range(_TRIED)
        if not taken.by_number((row := _free(country, kind, index))["phone_number"])
        and wanted in row["phone_number"]
    ]
    return reply({"uri": request.path, "available_phone_numbers": rows[:limit]})


async def prices(request: web.Request) -> web.Response:
    """``GET /PhoneNumbers/Countries/{country}``."""
    account_of(request)
    country = request.match_info["country"]
    if country not in _PRICES:
        raise no_such_resource(request.path)
    rows = [
        {"number_type": kind, "base_price": price, "current_price": price}
        for kind, price in _PRICES[country].items()
    ]
    return reply({"iso_country": country, "price_unit": "USD", "phone_number_prices": rows})


async def service(request: web.Request) -> web.Response:
    """``GET`` and ``POST /v1/Services/{MG}``."""
    account = account_of(request)
    found = account.services.get(request.match_info["sid"])
    if found is None:
        raise no_such_resource(request.path)
    if request.method == "POST":
        form = await request.post()
        found.inbound_request_url = str(form.get("InboundRequestUrl", found.inbound_request_url))
        request.app[SANDBOX].twilio.accounts.save()
    return reply(
        {
            "sid": found.sid,
            "account_sid": account.account_sid,
            "friendly_name": found.friendly_name,
            "inbound_request_url": found.inbound_request_url or None,
            "inbound_method": "POST",
        }
    )


def number_row(account: TwilioAccount, number: SmsNumber) -> dict[str, Any]:
    """The IncomingPhoneNumber resource."""
    return {
        "sid": number.sid,
        "account_sid": account.account_sid,
        "phone_number": number.number,
        "friendly_name": number.friendly_name,
        "sms_url": number.sms_url,
        "sms_method": "POST",
        "status": "in-use",
        "capabilities": {"voice": True, "sms": number.sms, "mms": False, "fax": False},
    }


def _change(number: SmsNumber, form: Any) -> None:
    if "SmsUrl" in form:
        number.sms_url = str(form["SmsUrl"])
    if "FriendlyName" in form:
        number.friendly_name = str(form["FriendlyName"])


def _free(country: str, kind: str, index: int) -> dict[str, Any]:
    """The same number at the same place in every run."""
    head, places = _FREE[country][kind]
    length = _LENGTHS[country][kind] - len(head)
    seed = hashlib.md5(f"{head}:{index}".encode(), usedforsecurity=False).hexdigest()
    number = f"+{head}{int(seed, 16) % 10**length:0{length}d}"
    return {
        "phone_number": number,
        "friendly_name": number,
        "locality": places[index % len(places)],
        "region": "SP" if country == "BR" else "CA",
        "iso_country": country,
        "address_requirements": "none",
        "beta": False,
        "capabilities": {"voice": True, "SMS": True, "MMS": False},
    }
