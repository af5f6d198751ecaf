"""Who asks, and whether what they name is theirs."""

from __future__ import annotations

import base64
import binascii

from aiohttp import web

from sandbox.state import SANDBOX
from sandbox.twilio.accounts import SmsNumber, TwilioAccount
from sandbox.twilio.errors import TwilioError, no_such_resource


def account_of(request: web.Request) -> TwilioAccount:
    """The caller's account, which must be the one in the path if one is. Raises TwilioError."""
    sid, token = _pair(request)
    account = request.app[SANDBOX].twilio.accounts.get(sid)
    if account is None or account.auth_token != token:
        raise TwilioError(20003)
    if request.match_info.get("account", sid) != sid:
        raise no_such_resource(request.path)
    if account.status != "active" and request.method != "GET":
        raise TwilioError(20005)
    return account


def number_of(request: web.Request) -> tuple[TwilioAccount, SmsNumber]:
    """The number in the path. Raises TwilioError 20404 when it is not theirs."""
    account = account_of(request)
    number = account.by_sid(request.match_info["sid"])
    if number is None:
        raise no_such_resource(request.path)
    return account, number


def _pair(request: web.Request) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise TwilioError(20003)
    try:
        sid, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise TwilioError(20003) from error
    return sid, token
