"""The wire of one slice: an asyncio loop, one HTTP session, and no database.

Synchronous code starts requests and collects their answers (as `messaging.dispatch.wire` does);
what is on the wire moves on while `collect` waits.
"""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from uuid import UUID

import structlog
import uvloop

from core.http import BlockedAddress, NotConnected, SendingSession, post, sending_session
from webhooks.endpoints.enums import Failure

log = structlog.get_logger(__name__)

TOTAL_SECONDS = 15.0
READ_BYTES = 64 * 1024


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


class Wire:
    """Requests to one endpoint, a few at once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._flight: set[asyncio.Task[Answer]] = set()

    def __enter__(self) -> Wire:
        self._session = self._runner.run(self._open())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._flight:
            task.cancel()
        self._runner.run(self._session.close())
        self._runner.close()

    @property
    def flying(self) -> int:
        """How many requests have no answer yet."""
        return len(self._flight)

    def start(self, request: Request) -> None:
        """Put a request on the wire."""
        task = self._runner.get_loop().create_task(exchange(self._session, request))
        self._flight.add(task)

    def collect(self) -> list[Answer]:
        """The answers that came in, as soon as there is one."""
        done = self._runner.run(self._wait())
        self._flight -= done
        return [task.result() for task in done]

    async def _open(self) -> SendingSession:
        return sending_session(self._limit)

    async def _wait(self) -> set[asyncio.Task[Answer]]:
        done, _ = await asyncio.wait(self._flight, return_when=asyncio.FIRST_COMPLETED)
        return done


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
