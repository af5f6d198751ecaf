"""The application: all routes over one state."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from sandbox import control, mail
from sandbox.config import Config
from sandbox.grapfy import routes as grapfy_routes
from sandbox.kommo import routes as kommo_routes
from sandbox.meta import routes as meta_routes
from sandbox.phone import routes as phone_routes
from sandbox.state import SANDBOX, Sandbox
from sandbox.strike import strike
from sandbox.twilio import routes as twilio_routes
from sandbox.wire import reply

_LARGEST_BODY = 110 * 1024 * 1024


def create_app(config: Config) -> web.Application:
    """The whole sandbox as an aiohttp application, its state in ``app[SANDBOX]``."""
    app = web.Application(middlewares=[strike], client_max_size=_LARGEST_BODY)
    app[SANDBOX] = Sandbox(config)
    meta_routes.add_routes(app)
    twilio_routes.add_routes(app)
    kommo_routes.add_routes(app)
    grapfy_routes.add_routes(app)
    control.add_routes(app)
    phone_routes.add_routes(app)
    app.router.add_get("/health", _health)
    app.on_shutdown.append(_shut)
    app.cleanup_ctx.append(_smtp)
    app.on_cleanup.append(_close)
    return app


async def _health(request: web.Request) -> web.Response:
    return reply({"status": "ok"})


async def _smtp(app: web.Application) -> AsyncIterator[None]:
    sandbox = app[SANDBOX]
    if not sandbox.config.smtp_port:
        yield
        return
    server = await mail.serve(
        sandbox.mailbox,
        sandbox.hub.tell,
        host=sandbox.config.host,
        port=sandbox.config.smtp_port,
    )
    yield
    server.close()


async def _shut(app: web.Application) -> None:
    """Open event streams and hanging answers end now, so that stopping takes no time."""
    app[SANDBOX].closing.set()
    app[SANDBOX].hub.wake()


async def _close(app: web.Application) -> None:
    await app[SANDBOX].close()
