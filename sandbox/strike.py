"""How an armed fault shows on the wire: the middleware of the provider routes."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from sandbox.dialects import Dialect
from sandbox.faults import AFTER, BEFORE, FAULT, Rule
from sandbox.grapfy.routes import GRAPFY
from sandbox.kommo.dialect import KOMMO
from sandbox.meta.dialect import META
from sandbox.state import SANDBOX, Sandbox
from sandbox.twilio.dialect import TWILIO

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_DIALECTS = (META, TWILIO, KOMMO, GRAPFY)
_HTML = "<!DOCTYPE html><html><body><h1>Sorry, something went wrong.</h1></body></html>"
_HANG_SECONDS = 3600.0
_SLOW_SECONDS = 2.0
_LOOK = 0.2  # seconds between two looks at whether a hanging client is still there
_NEVER_LINGER = struct.pack("ii", 1, 0)


@web.middleware
async def strike(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer as the provider does, unless a fault says otherwise."""
    dialect = next((one for one in _DIALECTS if request.path.startswith(one.prefix)), None)
    if dialect is None:
        return await handler(request)
    sandbox = request.app[SANDBOX]
    fault = None
    if sandbox.faults.armed(dialect.provider):
        fault = sandbox.faults.take(dialect.provider, await dialect.facts(request))
    if fault is None:
        return await _answer(dialect, request, handler)
    request[FAULT] = fault
    if fault.do in BEFORE or fault.do.startswith("error:"):
        return _refuse(dialect, fault)
    answer = await _answer(dialect, request, handler)
    if fault.do not in AFTER:
        return answer
    return await _spoil(dialect, request, fault, answer)


async def _answer(dialect: Dialect, request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except dialect.refusal as error:
        response: web.StreamResponse = error.response()
        return response


def _refuse(dialect: Dialect, fault: Rule) -> web.StreamResponse:
    if fault.do == "reset_before_read":
        return Reset()
    if fault.do == "429":
        return dialect.throttled(fault)
    if fault.do == "500_json":
        return dialect.broken()
    return dialect.error(fault.code)


async def _spoil(
    dialect: Dialect, request: web.Request, fault: Rule, answer: web.StreamResponse
) -> web.StreamResponse:
    sandbox = request.app[SANDBOX]
    if fault.do == "reset_after_read":
        return Reset()
    if fault.do == "half_body":
        return Half(answer)
    if fault.do == "500_html":
        return web.Response(status=500, text=_HTML, content_type="text/html")
    if fault.do == "200_no_id":
        return dialect.without_id()
    if fault.do == "hang":
        await _wait(request, sandbox, fault.seconds or _HANG_SECONDS)
        return Reset()
    await _wait(request, sandbox, fault.seconds or _SLOW_SECONDS)
    return answer


async def _wait(request: web.Request, sandbox: Sandbox, seconds: float) -> None:
    """Wait, but not beyond the client's patience or the end of the process."""
    end = asyncio.get_running_loop().time() + seconds
    while (left := end - asyncio.get_running_loop().time()) > 0:
        if request.transport is None or request.transport.is_closing():
            return
        if sandbox.closing.is_set():
            return
        await asyncio.sleep(min(left, _LOOK))


class Reset(web.Response):
    """No answer at all: the connection is torn down with a TCP reset."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        if request.transport is not None:
            raw: Any = request.transport.get_extra_info("socket")
            if raw is not None:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NEVER_LINGER)
            request.transport.abort()
        raise ConnectionResetError("reset on purpose")


class Half(web.StreamResponse):
    """The promised length, half the bytes, then the end of the connection."""

    def __init__(self, whole: web.StreamResponse) -> None:
        super().__init__(status=whole.status)
        self._whole = bytes(getattr(whole, "body", b"") or b"{}")

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        self.content_type = "application/json"
        self.content_length = len(self._whole)
        await super().prepare(request)
        await self.write(self._whole[: len(self._whole) // 2])
        if request.transport is not None:
            request.transport.close()
        raise ConnectionResetError("cut on purpose")
