"""How Kommo's requests are read and refused when a fault strikes."""

from __future__ import annotations

from aiohttp import web

from sandbox.dialects import Dialect
from sandbox.faults import Facts, Rule
from sandbox.kommo.errors import KommoError
from sandbox.wire import reply


async def _facts(request: web.Request) -> Facts:
    _, _, rest = request.path.partition("/kommo/")
    return Facts(
        request.path,
        request.method,
        connection=rest.partition("/")[0],
        text=(await request.read()).decode("utf-8", "replace"),
    )


def _throttled(fault: Rule) -> web.Response:
    return KommoError(429, "Too many requests", retry_after=fault.retry_after).response()


KOMMO = Dialect(
    provider="kommo",
    prefix="/kommo/",
    refusal=KommoError,
    facts=_facts,
    throttled=_throttled,
    broken=lambda: KommoError(500).response(),
    error=lambda status: KommoError(status).response(),
    without_id=lambda: reply({"_embedded": {}}),
)
