"""The addresses of Graph, with or without a version."""

from __future__ import annotations

from aiohttp import web

from sandbox.meta import media, messages, numbers, templates
from sandbox.meta.access import token_of
from sandbox.meta.errors import no_such_object
from sandbox.state import SANDBOX


async def read(request: web.Request) -> web.StreamResponse:
    """``GET /{id}``: whatever kind of object has this id."""
    object_id, accounts = request.match_info["id"], request.app[SANDBOX].accounts
    if accounts.by_number(object_id):
        return await numbers.detail(request)
    if accounts.get(object_id):
        return await numbers.account(request)
    if accounts.by_template(object_id):
        return await templates.detail(request)
    return await media.detail(request)


async def write(request: web.Request) -> web.StreamResponse:
    """``POST /{id}``: a phone number or a template."""
    if request.app[SANDBOX].accounts.by_number(request.match_info["id"]):
        return await numbers.change(request)
    return await templates.edit(request)


async def unknown(request: web.Request) -> web.Response:
    """Everything else."""
    token_of(request)
    raise no_such_object(request.match_info["rest"], request.method)


_VERSION = r"/graph/{version:v\d+\.\d+}"
_ID = r"/{id:\d+}"


def add_routes(app: web.Application) -> None:
    """Attach Graph to the application; the hot route first, the router tries them in order."""
    router = app.router
    router.add_post(_VERSION + _ID + "/messages", messages.send)
    router.add_get("/graph/lookaside/whatsapp_business/attachments/", media.download)
    for edge, method, handler in (
        ("/media", "POST", media.upload),
        ("/message_templates", "GET", templates.index),
        ("/message_templates", "POST", templates.create),
        ("/message_templates", "DELETE", templates.delete),
        ("/phone_numbers", "GET", numbers.index),
        ("/subscribed_apps", "POST", numbers.subscribe),
        ("/subscribed_apps", "GET", numbers.subscriptions),
        ("/subscribed_apps", "DELETE", numbers.unsubscribe),
        ("/register", "POST", numbers.registration),
        ("/deregister", "POST", numbers.registration),
        ("{end:/?}", "GET", read),
        ("{end:/?}", "POST", write),
        ("{end:/?}", "DELETE", media.delete),
    ):
        router.add_route(method, _VERSION + _ID + edge, handler)
    router.add_get(_VERSION + "/debug_token", numbers.debug_token)
    router.add_route("*", "/graph/{rest:.*}", unknown)
