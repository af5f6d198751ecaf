"""The page that asks an administrator, and the exchange of codes and refresh tokens.

Source: developers.kommo.com, "OAuth 2.0" and "Exchange authorization code": access tokens live a
day, a refresh token is good for one exchange, a code too.
"""

from __future__ import annotations

import secrets
from html import escape
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from sandbox.kommo.access import named
from sandbox.kommo.accounts import KommoAccount
from sandbox.kommo.errors import KommoError
from sandbox.state import SANDBOX
from sandbox.wire import json_object, reply

CLIENT_ID = "sandbox-kommo-client"
CLIENT_SECRET = "sandbox-kommo-secret"  # noqa: S105 -- a stand-in's secret opens nothing
CALLBACK = "/integrations/kommo/callback/"
_PAGE = """<!DOCTYPE html><html lang="pt-BR"><meta charset="utf-8"><title>Kommo</title>
<link rel="stylesheet" href="/static/base.css">
<body><main><h1>Kommo (sandbox)</h1><p>Master IA pede acesso à sua conta.</p>
<form method="post">{hidden}<p><label>Conta <select name="account">{accounts}</select></label></p>
<p><button name="answer" value="allow">Permitir</button>
<button name="answer" value="deny">Negar</button></p></form></main></body></html>"""


async def page(request: web.Request) -> web.Response:
    """``GET /kommo/oauth?client_id=&state=``: which account, and whether."""
    if request.query.get("client_id") != CLIENT_ID:
        raise KommoError(400, "Integration not found")
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(request.query.get(name, ""))}">'
        for name in ("state", "redirect_uri")
    )
    accounts = "".join(
        f"<option>{escape(account.subdomain)}</option>" for account in request.app[SANDBOX].kommo
    )
    text = _PAGE.format(hidden=hidden, accounts=accounts)
    return web.Response(text=text, content_type="text/html")


async def answer(request: web.Request) -> web.Response:
    """The administrator's answer: back to the integration's address, with a code or without."""
    form = await request.post()
    sandbox = request.app[SANDBOX]
    back = str(form.get("redirect_uri") or sandbox.config.webhook_base + CALLBACK)
    if urlsplit(back).path != CALLBACK:
        raise KommoError(400, "Redirect URI is not that of the integration")
    values = {"state": str(form.get("state", "")), "client_id": CLIENT_ID}
    if form.get("answer") != "allow":
        raise web.HTTPFound(f"{back}?{urlencode({**values, 'error': 'access_denied'})}")
    account = sandbox.kommo.ensure(str(form.get("account")))
    code = secrets.token_urlsafe(24)
    account.codes.append(code)
    referer = f"{account.subdomain}.kommo.com"
    raise web.HTTPFound(f"{back}?{urlencode({**values, 'code': code, 'referer': referer})}")


async def exchange(request: web.Request) -> web.Response:
    """``POST /oauth2/access_token``: a code or a refresh token for a new pair."""
    account, data = named(request), await json_object(request)
    if (data.get("client_id"), data.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise KommoError(401, "Client authentication failed", hint="invalid_client")
    _use_up(account, data)
    sandbox = request.app[SANDBOX]
    seconds = sandbox.kommo.token_seconds
    access, refresh = account.grant(expires_at=sandbox.clock.now() + seconds)
    sandbox.ledger.append(
        provider="kommo", connection=account.subdomain, recipient="", kind="token",
        body=await request.read(), grant=data["grant_type"],
    )  # fmt: skip
    return reply(
        {
            "token_type": "Bearer",
            "expires_in": seconds,
            "server_time": int(sandbox.clock.now()),
            "access_token": access,
            "refresh_token": refresh,
        }
    )


def _use_up(account: KommoAccount, data: dict[str, str]) -> None:
    """Each code and each refresh token once."""
    kept = {"authorization_code": account.codes, "refresh_token": account.refresh_tokens}
    names = {"authorization_code": "code", "refresh_token": "refresh_token"}
    grant = str(data.get("grant_type"))
    if grant not in kept:
        raise KommoError(400, "The grant type is not supported")
    value = str(data.get(names[grant], ""))
    if value not in kept[grant]:
        raise KommoError(400, "The refresh token is invalid.", hint="Token has been revoked")
    kept[grant].remove(value)
