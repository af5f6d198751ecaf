"""The addresses of the Kommo stand-in, and what steers it."""

from __future__ import annotations

from aiohttp import web

from sandbox.kommo import entities, oauth
from sandbox.kommo.errors import KommoError
from sandbox.state import SANDBOX
from sandbox.wire import json_object, reply

_API = "/kommo/{subdomain}/api/v4"


async def unknown(request: web.Request) -> web.Response:
    """Any other address."""
    raise KommoError(404, "Not found")


async def show(request: web.Request) -> web.Response:
    """``GET /_sandbox/kommo``: every account with what it holds."""
    return reply({"results": [account.public() for account in request.app[SANDBOX].kommo]})


async def steer(request: web.Request) -> web.Response:
    """``POST /_sandbox/kommo``: ``rate`` and ``token_seconds`` of all; of the account
    ``subdomain`` ``contacts`` (added), ``token`` (good for ever), ``expire``, ``revoke``."""
    data, sandbox = await json_object(request), request.app[SANDBOX]
    if "rate" in data:
        sandbox.kommo.rate = int(data["rate"])
        sandbox.kommo.recent.clear()
    sandbox.kommo.token_seconds = int(data.get("token_seconds", sandbox.kommo.token_seconds))
    if "subdomain" not in data:
        return reply({})
    account = sandbox.kommo.ensure(str(data["subdomain"]))
    now = int(sandbox.clock.now())
    for row in data.get("contacts", ()):
        entities.put_contact(account, row, now)
    if data.get("token"):
        account.tokens[str(data["token"])] = 0
    if data.get("expire"):
        account.tokens = dict.fromkeys(account.tokens, float(now - 1))
    if data.get("revoke"):
        account.revoke()
    return reply(account.public())


def add_routes(app: web.Application) -> None:
    """Attach them."""
    router = app.router
    router.add_get("/_sandbox/kommo", show)
    router.add_post("/_sandbox/kommo", steer)
    router.add_get("/kommo/oauth", oauth.page)
    router.add_post("/kommo/oauth", oauth.answer)
    router.add_post("/kommo/{subdomain}/oauth2/access_token", oauth.exchange)
    router.add_get(_API + "/account", entities.account)
    router.add_get(_API + "/contacts/custom_fields", entities.custom_fields)
    router.add_get(_API + "/contacts", entities.list_contacts)
    router.add_post(_API + "/contacts", entities.create_contacts)
    router.add_get(_API + r"/contacts/{id:\d+}", entities.show_contact)
    router.add_patch(_API + r"/contacts/{id:\d+}", entities.change_contact)
    router.add_post(_API + "/leads", entities.create_leads)
    router.add_get(_API + r"/leads/{id:\d+}", entities.show_lead)
    router.add_get(_API + r"/leads/{id:\d+}/notes", entities.list_notes)
    router.add_post(_API + r"/leads/{id:\d+}/notes", entities.create_notes)
    router.add_route("*", "/kommo/{rest:.*}", unknown)
