"""How Graph's requests are read and refused when a fault strikes."""

from __future__ import annotations

import orjson
from aiohttp import web

from sandbox.dialects import Dialect
from sandbox.faults import Facts, Rule
from sandbox.meta.errors import GraphError
from sandbox.wire import reply


async def _facts(request: web.Request) -> Facts:
    connection = request.match_info.get("id", "")
    path, method = request.path, request.method
    if request.content_type != "application/json":
        return Facts(path, method, connection=connection)
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        return Facts(path, method, connection=connection)
    return Facts(
        path,
        method,
        recipient=str(body.get("to") or body.get("recipient") or ""),
        connection=connection,
        type=str(body.get("type") or ("read" if "status" in body else "text")),
        text=orjson.dumps(body).decode(),
    )


def _throttled(fault: Rule) -> web.Response:
    response = GraphError(130429, "Too many requests.", status=429).response()
    response.headers["Retry-After"] = str(fault.retry_after)
    return response


META = Dialect(
    provider="meta",
    prefix="/graph/",
    refusal=GraphError,
    facts=_facts,
    throttled=_throttled,
    broken=lambda: GraphError(131000, "Internal error.", status=500).response(),
    error=lambda code: GraphError(code).response(),
    without_id=lambda: reply({"messaging_product": "whatsapp", "messages": []}),
)
