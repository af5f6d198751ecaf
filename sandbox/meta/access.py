"""Who asks, and whether the object they name is theirs."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from aiohttp import web

from sandbox.accounts import Account, Number, Template
from sandbox.meta.errors import GraphError, no_such_object
from sandbox.state import SANDBOX


def token_of(request: web.Request) -> str:
    """The caller's valid token. Raises GraphError 104 (none) or 190 (unknown, expired)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "oauth"):
        token = request.query.get("access_token", "")
    if not token:
        raise GraphError(104)
    sandbox = request.app[SANDBOX]
    expiry = sandbox.accounts.expiry(token)
    if expiry is None:
        raise GraphError(190, message="Invalid OAuth access token - Cannot parse access token")
    if expiry and expiry <= sandbox.clock.now():
        when = datetime.fromtimestamp(expiry, UTC).strftime("%A, %d-%b-%y %H:%M:%S UTC")
        raise GraphError(
            190,
            message=f"Error validating access token: Session has expired on {when}.",
            subcode=463,
        )
    _check_proof(request, token)
    return token


def _check_proof(request: web.Request, token: str) -> None:
    """``appsecret_proof``, when given, must be made of the token and its app's secret."""
    given = request.query.get("appsecret_proof")
    if given is None:
        return
    proofs = [
        hmac.new(account.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        for account in request.app[SANDBOX].accounts.by_token(token)
    ]
    if given not in proofs:
        raise GraphError(
            100,
            message="Invalid appsecret_proof provided in the API argument",
            kind="GraphMethodException",
        )


def number_of(request: web.Request) -> tuple[Account, Number]:
    """The phone number in the path. Raises GraphError 190, or 100/33 when it is not theirs."""
    token, object_id = token_of(request), request.match_info["id"]
    account = request.app[SANDBOX].accounts.by_number(object_id)
    if account is None or token not in account.tokens:
        raise no_such_object(object_id, request.method)
    return account, account.numbers[object_id]


def account_of(request: web.Request) -> Account:
    """The WABA in the path, under the same conditions."""
    token, object_id = token_of(request), request.match_info["id"]
    account = request.app[SANDBOX].accounts.get(object_id)
    if account is None or token not in account.tokens:
        raise no_such_object(object_id, request.method)
    return account


def template_of(request: web.Request) -> tuple[Account, Template]:
    """The template in the path, under the same conditions."""
    token, object_id = token_of(request), request.match_info["id"]
    account = request.app[SANDBOX].accounts.by_template(object_id)
    if account is None or token not in account.tokens:
        raise no_such_object(object_id, request.method)
    return account, account.templates[object_id]
