"""A listing of past events as Grapfy might have one.

Grapfy publishes no documentation of its API that we know of, so this is not its wire protocol: it
is the historical listing that `integrations` documents and asks for, with a cursor and pages.

``GET /grapfy/v1/events?cursor=&limit=&since=`` with ``Authorization: Bearer`` →
``{"data": [event, …], "next_cursor": "…" | null}``, oldest first.
"""

from __future__ import annotations

from aiohttp import web

from sandbox.dialects import Dialect
from sandbox.faults import Facts
from sandbox.state import SANDBOX
from sandbox.wire import json_object, reply

_LARGEST_PAGE = 500


class GrapfyError(Exception):
    """A refusal."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status

    def response(self) -> web.Response:
        """The error as an HTTP answer."""
        headers = {"Retry-After": "1"} if self.status == 429 else {}
        answer = reply({"error": {"status": self.status}}, self.status)
        answer.headers.update(headers)
        return answer


async def events(request: web.Request) -> web.Response:
    """One page behind the cursor."""
    grapfy, query = request.app[SANDBOX].grapfy, request.query
    if request.headers.get("Authorization") != f"Bearer {grapfy.token}":
        raise GrapfyError(401)
    start, limit = int(query.get("cursor") or 0), int(query.get("limit") or 100)
    rows = [row for row in grapfy.events if row.get("created_at", "") >= query.get("since", "")]
    end = start + min(limit, _LARGEST_PAGE)
    following = str(end) if end < len(rows) else None
    return reply({"data": rows[start:end], "next_cursor": following})


async def steer(request: web.Request) -> web.Response:
    """``POST /_sandbox/grapfy`` ``{"events": […], "token"?}``: adds events."""
    data, grapfy = await json_object(request), request.app[SANDBOX].grapfy
    grapfy.events.extend(data.get("events", ()))
    grapfy.token = str(data.get("token") or grapfy.token)
    return reply({"events": len(grapfy.events)})


async def _facts(request: web.Request) -> Facts:
    return Facts(request.path, request.method)


GRAPFY = Dialect(
    provider="grapfy",
    prefix="/grapfy/",
    refusal=GrapfyError,
    facts=_facts,
    throttled=lambda _fault: GrapfyError(429).response(),
    broken=lambda: GrapfyError(500).response(),
    error=lambda status: GrapfyError(status).response(),
    without_id=lambda: reply({}),
)


def add_routes(app: web.Application) -> None:
    """Attach them."""
    app.router.add_get("/grapfy/v1/events", events)
    app.router.add_post("/_sandbox/grapfy", steer)
