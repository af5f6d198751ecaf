"""Synchronous requests: httpx over one guarded transport, which all clients share.

A TLS context costs 30 ms to make and connections are kept, so clients for single providers are
``client()`` over the same transport and cost nothing.
"""

from __future__ import annotations

import contextlib
import functools
import json as jsonlib
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import IO, Any

import httpcore
import httpx

from core.http import guard
from core.http.errors import (
    BlockedAddress,
    Interrupted,
    NotConnected,
    OutboundError,
    ResponseTooLarge,
    how_far,
)

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 30.0
MAX_BYTES = 1024 * 1024
CHUNK_BYTES = 64 * 1024
MAX_REDIRECTS = 3
TIMEOUT = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
USER_AGENT = "MasterIA/1"

# When the request under way must be over (monotonic); no limit for clients of libraries.
_deadline: ContextVar[float | None] = ContextVar("outbound_deadline", default=None)


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer. ``headers`` are looked up whatever their case."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 is replaced."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; raises ``ValueError`` if it is none."""
        try:
            return jsonlib.loads(self.content)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def client(**options: Any) -> httpx.Client:
    """A new httpx client over the shared transport, for libraries. Do not close it: the
    transport is everybody's."""
    defaults: dict[str, Any] = {"timeout": TIMEOUT, "follow_redirects": False, "trust_env": False}
    return httpx.Client(transport=_transport(), **{**defaults, **options})


def request(
    method: str,
    url: str,
    *,
    params: Mapping[str, Any] | None = None,
    json: Any = None,
    data: Mapping[str, Any] | None = None,
    content: bytes | None = None,
    files: Any = None,
    headers: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
    total: float = TOTAL_SECONDS,
    max_bytes: int = MAX_BYTES,
    follow_redirects: bool = False,
) -> Response:
    """Send a request and read the whole answer, whatever its status.

    Raises ``NotConnected`` (``BlockedAddress``) or ``Interrupted`` (``ResponseTooLarge``), never
    an error of the library. A redirect that is followed is checked like a first address, and
    ``Authorization`` does not travel to another host.
    """
    body: dict[str, Any] = {
        "params": params, "json": json, "data": data, "content": content, "files": files,
        "headers": headers,
    }  # fmt: skip
    with _answer(
        method, url, total=total, follow_redirects=follow_redirects, auth=auth, **body
    ) as answer:
        received = b"".join(_capped(answer.iter_bytes(CHUNK_BYTES), max_bytes, answer.url.host))
        return Response(answer.status_code, answer.headers, received)


def download(
    url: str,
    into: IO[bytes],
    *,
    max_bytes: int,
    headers: Mapping[str, str] | None = None,
    total: float = 120.0,
    follow_redirects: bool = False,
) -> Response:
    """Stream the body of a successful answer into a file; ``content`` of the result is empty.

    The body of any other status is not read. Raises as ``request`` does.
    """
    with _answer(
        "GET", url, headers=headers, total=total, follow_redirects=follow_redirects
    ) as answer:
        if answer.is_success:
            for chunk in _capped(answer.iter_bytes(CHUNK_BYTES), max_bytes, answer.url.host):
                into.write(chunk)
        return Response(answer.status_code, answer.headers, b"")


@contextlib.contextmanager
def _answer(
    method: str, url: str, *, total: float, follow_redirects: bool, auth: Any = None, **body: Any
) -> Iterator[httpx.Response]:
    token = _deadline.set(time.monotonic() + total)
    try:
        outgoing = _shared_client().build_request(method, url, **body)
        answer = _shared_client().send(
            outgoing, auth=auth, stream=True, follow_redirects=follow_redirects
        )
        try:
            yield answer
        finally:
            answer.close()
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise _translated(error, url) from None
    finally:
        _deadline.reset(token)


def _translated(error: Exception, url: str) -> OutboundError:
    """Our error for the library's, without the path and query of the address."""
    with contextlib.suppress(httpx.InvalidURL):
        url = httpx.URL(url).host
    reason = f"{type(error).__name__} at {url[:253]}"
    cause = error.__cause__ or error.__context__
    while cause is not None:
        if isinstance(cause, BlockedAddress):
            return cause
        cause = cause.__cause__ or cause.__context__
    return NotConnected(reason) if how_far(error) == "not_connected" else Interrupted(reason)


def _capped(chunks: Iterable[bytes], max_bytes: int, host: str) -> Iterator[bytes]:
    received = 0
    for chunk in chunks:
        received += len(chunk)
        if received > max_bytes:
            raise ResponseTooLarge(f"{host} answered with more than {max_bytes} bytes")
        yield chunk


@functools.cache
def _shared_client() -> httpx.Client:
    return client(max_redirects=MAX_REDIRECTS, headers={"User-Agent": USER_AGENT})


@functools.cache
def _transport() -> httpx.HTTPTransport:
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30)
    transport = httpx.HTTPTransport(trust_env=False, limits=limits)
    # httpx has no public place for a network backend; the tests of the guard hold this line.
    transport._pool._network_backend = _GuardedBackend()
    return transport


class _GuardedBackend(httpcore.SyncBackend):
    """Connects only to addresses that ``guard`` has checked."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = guard.resolve(host, port)
        except BlockedAddress as error:
            raise httpcore.ConnectError(str(error)) from error
        except (socket.gaierror, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} is not known") from error
        for position, address in enumerate(addresses, 1):
            try:
                stream = super().connect_tcp(
                    address, port, _left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if position == len(addresses):
                    raise
            else:
                return _TimedStream(stream)
        raise httpcore.ConnectError(f"{host} has no address")


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every wait ends with the deadline of the request, so that a server which
    drips one byte at a time cannot hold a thread."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None) -> float | None:
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    left = max(0.001, deadline - time.monotonic())
    return left if timeout is None else min(timeout, left)
