"""POSTs to endpoints on the wire of a slice (`core.http.Wire`), and what came of them."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core import http
from core.http import BlockedAddress, NotConnected, SendingSession, post
from webhooks.endpoints.enums import Failure

TOTAL_SECONDS = 15.0
READ_BYTES = 64 * 1024
# How long the slice goes on waiting before it looks what else is due.
PATIENCE = 0.05
# Receivers are slower than providers, and each outcome that comes along saves its statements.
FLOCK_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Request:
    """A POST as it leaves."""

    id: UUID  # the dispatch
    endpoint_id: UUID
    number: int  # of the attempt
    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: None when nothing did.
        failure: empty for a 2xx.
        body: its first 64 KiB.
    """

    request: Request
    milliseconds: int
    status: int | None = None
    failure: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Wire(http.Wire[None, Answer]):
    """Requests to endpoints of a company, however many; who sees to it that each endpoint gets a
    few at once is who starts them."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit, flock=FLOCK_SECONDS)

    def start(self, requests: Iterable[Request]) -> None:
        """Put requests on the wire; they move on while `collect` runs."""
        self.launch((None, exchange(self.session, request)) for request in requests)

    def collect(self) -> list[Answer]:
        """The answers that came in, together with those of the next moment; none if there was
        none in `PATIENCE` seconds."""
        return [task.result() for _key, task in self.landed(PATIENCE)]


async def exchange(session: SendingSession, request: Request) -> Answer:
    """One request and what it came to; it raises nothing."""
    begun = time.monotonic()
    status: int | None = None
    headers: dict[str, str] = {}
    body = b""
    try:
        async with asyncio.timeout(TOTAL_SECONDS):
            response = await post(
                session,
                request.url,
                data=request.body,
                headers=request.headers,
                max_bytes=READ_BYTES,
                cuts=True,
            )
        status, headers, body = response.status, dict(response.headers), response.content
        failure = _of_status(status)
    except Exception as error:  # whatever it is, the attempt failed
        failure = _of_error(error)
    milliseconds = int((time.monotonic() - begun) * 1000)
    return Answer(request, milliseconds, status, failure, headers, body)


def _of_status(status: int) -> str:
    if 200 <= status < 300:
        return ""
    return Failure.REDIRECT if 300 <= status < 400 else Failure.STATUS


def _of_error(error: Exception) -> Failure:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BlockedAddress):
            return Failure.BLOCKED
        if isinstance(cause, TimeoutError):
            return Failure.TIMEOUT
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, NotConnected | socket.gaierror):
        return Failure.NO_CONNECTION
    return Failure.BROKEN
