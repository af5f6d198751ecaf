"""Asynchronous requests for the sending loop, guarded as the synchronous side is.

One session per loop and slice; hundreds of requests at once over kept connections. Nothing here
knows a company or touches the database. A client of our own because a message's whole budget is
the cost of one request in the general ones (docs/decisions/15-sending-client.md); it speaks what
a provider's JSON API needs and no more: POST, whole answers, no redirects, no cookies, no proxies.
"""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson

from core.http import guard
from core.http.errors import NotConnected
from core.http.exchange import Exchange
from core.http.sync import USER_AGENT, Response

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 30.0
KEEPALIVE_SECONDS = 30.0
MAX_BYTES = 256 * 1024
CHECKS = 60  # how often a request's time is looked at before it is over
_SAFE_IN_PATH = "/%:=&?~#+!$,;'@()*[]"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where connections go: all requests to one place share them."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class _Target:
    place: _Place
    head: str  # the request line and the headers that never change


class SendingSession:
    """Connections to providers, at most `limit` to each place, for one event loop.

    Use it with `async with`, or `close` it.
    """

    def __init__(self, limit: int = 200) -> None:
        self._limit = limit
        self._idle: dict[_Place, list[Exchange]] = defaultdict(list)
        self._opened: dict[_Place, int] = defaultdict(int)
        self._waiting: dict[_Place, deque[asyncio.Future[None]]] = defaultdict(deque)
        self._addresses: dict[_Place, asyncio.Task[list[str]]] = {}
        self._busy: set[Exchange] = set()
        self._watch: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def __aenter__(self) -> SendingSession:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Drop every connection; requests under way fail as interrupted."""
        self._is_closed = True
        if self._watch is not None:
            self._watch.cancel()
        for exchange in [*self._busy, *(one for idle in self._idle.values() for one in idle)]:
            exchange.abort()
        await asyncio.sleep(0)  # the loop lets go of them

    async def exchange(
        self, target: _Target, request: bytes, max_bytes: int, *, cuts: bool = False
    ) -> Response:
        """Write a request on a free connection and wait for its answer.

        Raises:
            NotConnected: nothing was written.
            Interrupted, TimeoutError: nobody knows.
        """
        place = target.place
        connection = self._take_idle(place) or await self._connection(place)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Response] = loop.create_future()
        connection.deadline = loop.time() + TOTAL_SECONDS
        self._busy.add(connection)
        self._keep_watch(loop)
        connection.ask(request, answer, max_bytes, cuts=cuts)
        try:
            return await answer
        except asyncio.CancelledError:
            connection.abort()
            raise
        finally:
            self._give_back(place, connection, loop.time())

    def _take_idle(self, place: _Place) -> Exchange | None:
        idle = self._idle[place]
        while idle:
            connection = idle.pop()
            age = asyncio.get_running_loop().time() - connection.idle_since
            if connection.is_usable and age < KEEPALIVE_SECONDS:
                return connection
            connection.abort()
        return None

    async def _connection(self, place: _Place) -> Exchange:
        """A free connection, made now if there is room."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                while self._opened[place] >= self._limit:
                    turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self._waiting[place].append(turn)
                    await turn
                    if connection := self._take_idle(place):
                        return connection
                return await self._open(place)
        except NotConnected:
            raise
        except (OSError, UnicodeError) as error:  # refused, unknown, TLS; or the time is over
            raise NotConnected(f"no connection to {place.host}: {type(error).__name__}") from error

    async def _open(self, place: _Place) -> Exchange:
        if self._is_closed:
            raise NotConnected("the session is closed")
        self._opened[place] += 1
        try:
            return await self._connect(place)
        except BaseException:
            self._forget(place)
            raise

    async def _connect(self, place: _Place) -> Exchange:
        """To the first of the checked addresses that answers."""
        addresses = await self._checked_addresses(place)
        secure: dict[str, Any] = {}
        if place.scheme == "https":
            secure = {"ssl": _tls(), "server_hostname": place.host}
        failure: OSError = OSError("no address")
        for address in addresses:
            try:
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Exchange(place.host, lambda _: self._forget(place)),
                    address,
                    place.port,
                    **secure,
                )
            except OSError as error:
                failure = error
            else:
                return connection
        raise failure

    async def _checked_addresses(self, place: _Place) -> list[str]:
        """Resolved once for a session; connections go to exactly what the guard let pass."""
        task = self._addresses.get(place)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._addresses[place] = asyncio.ensure_future(_resolve(place))
        return await asyncio.shield(task)

    def _give_back(self, place: _Place, connection: Exchange, now: float) -> None:
        self._busy.discard(connection)
        if connection.is_usable:
            connection.idle_since = now
            self._idle[place].append(connection)
            self._let_one_in(place)

    def _forget(self, place: _Place) -> None:
        """A connection is gone, or was never made: there is room for another."""
        self._opened[place] -= 1
        self._let_one_in(place)

    def _let_one_in(self, place: _Place) -> None:
        waiting = self._waiting[place]
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def _keep_watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """One timer for all requests: a timer for each would cost as much as sending it."""
        if self._watch is None:
            self._watch = loop.call_later(TOTAL_SECONDS / CHECKS, self._end_late_ones, loop)

    def _end_late_ones(self, loop: asyncio.AbstractEventLoop) -> None:
        self._watch = None
        now = loop.time()
        for connection in [one for one in self._busy if one.deadline <= now]:
            connection.abort(TimeoutError(f"no answer in {TOTAL_SECONDS:.0f} s"))
        if self._busy:
            self._keep_watch(loop)


def sending_session(limit: int = 200) -> SendingSession:
    """A session with at most `limit` connections to each place."""
    return SendingSession(limit)


async def post(
    session: SendingSession,
    url: str,
    *,
    json: Any = None,
    data: bytes | Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    cuts: bool = False,
) -> Response:
    """POST and read the whole answer, whatever its status; a redirect is an answer, too.

    Args:
        data: the body as it is, or the fields of a form.
        cuts: of an answer that is larger, the first `max_bytes` count, instead of an error.

    Raises:
        NotConnected, Interrupted (`ResponseTooLarge`), TimeoutError; ask `how_far` about them.
    """
    target = _target(url)
    request = _request(target, json, data, headers or {})
    return await session.exchange(target, request, max_bytes, cuts=cuts)


def _request(
    target: _Target,
    json: Any,
    data: bytes | Mapping[str, str] | None,
    headers: Mapping[str, str],
) -> bytes:
    kind = ""
    if json is not None:
        body, kind = orjson.dumps(json), "application/json"
    elif isinstance(data, Mapping):
        body, kind = urlencode(data).encode(), "application/x-www-form-urlencoded"
    else:
        body = data or b""
    lines = dict(headers) if not kind else {"Content-Type": kind, **headers}
    head = "".join([f"{name}: {value}\r\n" for name, value in lines.items()])
    if head.count("\n") != len(lines) or head.count("\r") != len(lines) or not head.isascii():
        raise NotConnected("a header of the request cannot be sent")
    return f"{target.head}{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@functools.lru_cache(maxsize=256)
def _target(url: str) -> _Target:
    """Where a request goes. Raises NotConnected when that is no web address."""
    try:
        parts = urlsplit(url)
        port = guard.port_of(parts)
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError):
        raise NotConnected("not a web address") from None
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None:
        raise NotConnected("not a web address")
    path = quote(parts._replace(scheme="", netloc="", fragment="").geturl() or "/", _SAFE_IN_PATH)
    shown = f"[{host}]" if ":" in host else host
    shown = shown if parts.port is None else f"{shown}:{port}"
    return _Target(
        _Place(parts.scheme, host, port),
        f"POST {path} HTTP/1.1\r\nHost: {shown}\r\nUser-Agent: {USER_AGENT}\r\n"
        "Accept: */*\r\nAccept-Encoding: identity\r\n",
    )


async def _resolve(place: _Place) -> list[str]:
    """The addresses of a host, all of them allowed (core.http.guard)."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    guard.check(place.host, place.port, addresses)
    return addresses


@functools.cache
def _tls() -> ssl.SSLContext:
    """Made once: reading the certificates of the authorities takes 20 ms."""
    return ssl.create_default_context()
