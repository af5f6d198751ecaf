"""One connection of the sending loop: a request at a time, and the answer to it.

HTTP itself is read by llhttp (`httptools`), Node's parser. What breaks after the request was
written is `Interrupted`: the other side may have acted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import httptools

from core.http.errors import Interrupted, ResponseTooLarge
from core.http.headers import Headers
from core.http.sync import Response

HEAD_BYTES = 64 * 1024
_FRAMED_BY = frozenset({b"content-length", b"transfer-encoding"})


class Exchange(asyncio.Protocol):
    """A connection to one host. `ask` again only after the answer, and while `is_usable`.

    Args:
        host: named in errors.
        closed: called once, when the connection is gone.
    """

    def __init__(self, host: str, closed: Callable[[Exchange], None]) -> None:
        self.deadline = 0.0  # when the request under way must be over, by the loop's clock
        self.idle_since = 0.0
        self._host = host
        self._closed = closed
        self._transport: asyncio.Transport | None = None
        self._parser: Any = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[Response] | None = None
        self._max_bytes = 0
        self._cuts = False
        self._received = 0
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._is_head_complete = False

    @property
    def is_usable(self) -> bool:
        """Whether another request may be written."""
        return self._transport is not None and not self._transport.is_closing()

    def ask(
        self,
        request: bytes,
        answer: asyncio.Future[Response],
        max_bytes: int,
        *,
        cuts: bool = False,
    ) -> None:
        """Write a whole request; `answer` is settled with the response or an `OutboundError`.

        Args:
            cuts: an answer that is too large ends there, instead of being an error.
        """
        if self._transport is None:
            raise RuntimeError("not connected")
        self._answer, self._max_bytes, self._received = answer, max_bytes, 0
        self._cuts = cuts
        self._transport.write(request)

    def abort(self, error: Exception | None = None) -> None:
        """Drop the connection at once; a request under way fails with `error`."""
        self._fail(error or Interrupted(f"the connection to {self._host} was dropped"))
        if self._transport is not None:
            self._transport.abort()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self.abort()  # nobody asked
            return
        self._received += len(data)
        if self._received > self._max_bytes + HEAD_BYTES and not self._may_cut():
            self.abort(self._too_large())
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.abort(Interrupted(f"{self._host} answered no HTTP: {type(error).__name__}"))
        if self._received > self._max_bytes + HEAD_BYTES and self._answer is not None:
            self._settle()  # with what is here; the rest is not read
            self.abort()

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and error is None and self._ends_with_connection():
            self._settle()
        detail = type(error).__name__ if error else "closed"
        self._fail(Interrupted(f"the connection to {self._host} broke: {detail}"))
        self._transport = None
        self._closed(self)

    # -- httptools

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        self._is_head_complete = True

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._status < 200:  # "continue" and the like: the answer is still to come
            self._forget()
            return
        keeps = self._parser.should_keep_alive()
        self._settle()
        if not keeps and self._transport is not None:
            self._transport.close()

    # -- ourselves

    def _may_cut(self) -> bool:
        return self._cuts and self._is_head_complete

    def _ends_with_connection(self) -> bool:
        """Whether the answer has no length of its own: its end is the connection's."""
        return self._is_head_complete and not any(
            name.lower() in _FRAMED_BY for name, _ in self._headers
        )

    def _settle(self) -> None:
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            if len(body) > self._max_bytes and not self._cuts:
                answer.set_exception(self._too_large())
            else:
                kept = body[: self._max_bytes]
                answer.set_result(Response(self._status, Headers(self._headers), kept))
        self._forget()

    def _forget(self) -> None:
        self._headers, self._body, self._is_head_complete = [], [], False

    def _fail(self, error: Exception) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def _too_large(self) -> ResponseTooLarge:
        return ResponseTooLarge(f"{self._host} answered more than {self._max_bytes} bytes")
