"""Asynchronous requests for the sending loop: aiohttp, guarded as the synchronous side is.

One session per loop and slice; hundreds of requests at once. Nothing here knows a company or
touches the database.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver, ResolveResult

from core.http import guard
from core.http.errors import Interrupted, ResponseTooLarge
from core.http.sync import Response

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 30.0
KEEPALIVE_SECONDS = 30.0
MAX_BYTES = 256 * 1024


def sending_session(limit: int = 200) -> aiohttp.ClientSession:
    """A session with at most ``limit`` connections; close it with ``async with``.

    Redirects are refused, not followed: a provider that answers a send with one has not sent.
    """
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_refuse_redirect)
    resolver = _GuardedResolver()
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=limit,
            resolver=resolver,
            socket_factory=resolver.checked_socket,
            keepalive_timeout=KEEPALIVE_SECONDS,
        ),
        timeout=aiohttp.ClientTimeout(
            total=TOTAL_SECONDS, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS
        ),
        json_serialize=lambda value: orjson.dumps(value).decode(),
        trust_env=False,
        trace_configs=[trace],
    )


async def post(
    session: aiohttp.ClientSession,
    url: str,
    *,
    json: Any = None,
    data: Any = None,
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
) -> Response:
    """POST and read the whole answer, whatever its status, without following redirects.

    Raises aiohttp's errors, ``TimeoutError`` or ``ResponseTooLarge``; ask
    ``how_far`` about them.
    """
    async with session.post(
        url, json=json, data=data, headers=headers, allow_redirects=False
    ) as answer:
        body = bytearray()
        async for chunk in answer.content.iter_any():
            body += chunk
            if len(body) > max_bytes:
                answer.close()
                raise ResponseTooLarge(f"{answer.url.host} answered more than {max_bytes} bytes")
        return Response(answer.status, answer.headers, bytes(body))


async def _refuse_redirect(
    session: aiohttp.ClientSession, context: SimpleNamespace, params: Any
) -> None:
    raise Interrupted(f"{params.url.host} redirects, which is not followed")


class _GuardedResolver(AbstractResolver):
    """Resolves through the guard, and makes sockets only to what it has let pass.

    aiohttp does not ask a resolver about hosts that are written as an address, so the second
    check, on the very address of the socket, is the one that covers them.
    """

    def __init__(self) -> None:
        self._plain = aiohttp.ThreadedResolver()
        self._listed: set[tuple[str, int]] = set()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._plain.resolve(host, port, family)
        addresses = [entry["host"] for entry in found]
        guard.check(host, port, addresses)
        if guard.is_listed(host, port):
            self._listed.update((address, port) for address in addresses)
        return found

    async def close(self) -> None:
        await self._plain.close()

    def checked_socket(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = info
        host, port = str(address[0]), int(address[1])
        if (host, port) not in self._listed:
            guard.check(host, port, [host])
        return socket.socket(family, kind, protocol)
