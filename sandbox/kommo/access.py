"""Who asks, whether they still may, and how fast."""

from __future__ import annotations

import time
from collections import deque

from aiohttp import web

from sandbox.kommo.accounts import KommoAccount
from sandbox.kommo.errors import KommoError
from sandbox.state import SANDBOX


def named(request: web.Request) -> KommoAccount:
    """The account in the address. Raises KommoError."""
    account = request.app[SANDBOX].kommo.get(request.match_info["subdomain"])
    if account is None:
        raise KommoError(404, "Account not found")
    return account


def account_of(request: web.Request) -> KommoAccount:
    """The account in the address, which the bearer's token opens now. Raises KommoError."""
    account, sandbox = named(request), request.app[SANDBOX]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expiry = account.tokens.get(token) if scheme.lower() == "bearer" else None
    if expiry is None or (expiry and expiry <= sandbox.clock.now()):
        raise KommoError(401, "Unauthorized")
    _limit(request, account)
    return account


def _limit(request: web.Request, account: KommoAccount) -> None:
    """Not more than so many requests in any second (developers.kommo.com, "Limitations")."""
    kommo, now = request.app[SANDBOX].kommo, time.monotonic()
    recent = kommo.recent.setdefault(account.subdomain, deque())
    while recent and now - recent[0] >= 1.0:
        recent.popleft()
    if kommo.rate and len(recent) >= kommo.rate:
        raise KommoError(429, "Too many requests", retry_after=1)
    recent.append(now)
