"""Small helpers for JSON over HTTP."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web


def reply(data: Any, status: int = 200) -> web.Response:
    """``data`` as a JSON response."""
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


async def json_object(request: web.Request) -> dict[str, Any]:
    """The request's body as a JSON object; an empty body is an empty object.

    Raises web.HTTPBadRequest with a sentence when it is anything else.
    """
    raw = await request.read()
    try:
        data = orjson.loads(raw) if raw.strip() else {}
    except orjson.JSONDecodeError as error:
        raise bad_request(f"the body is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise bad_request("a JSON object is expected")
    return data


def bad_request(detail: str) -> web.HTTPBadRequest:
    """An answer for callers of ``/_sandbox/`` who asked for something impossible."""
    return web.HTTPBadRequest(
        body=orjson.dumps({"detail": detail}), content_type="application/json"
    )
