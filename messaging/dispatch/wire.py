"""The wire of one slice: an asyncio loop on uvloop and one HTTP session, and no database.

Synchronous code starts messages and collects their answers; between the two it may take its time
with statements, for the answers wait in the sockets.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple
from uuid import UUID

import structlog
import uvloop

from connections.providers.base import (
    Credentials,
    FailureClass,
    Outgoing,
    Provider,
    SendError,
    SendResult,
    Session,
)
from core.http import sending_session

log = structlog.get_logger(__name__)

FLOCK_SECONDS = 0.001


class Answer(NamedTuple):
    """How one send ended: a result, or the error that says why there is none."""

    id: UUID
    outcome: SendResult | SendError


class Wire:
    """Sends concurrently through one provider in one connection's name."""

    def __init__(self, provider: Provider, credentials: Credentials, *, limit: int) -> None:
        self._provider = provider
        self._credentials = credentials
        self._limit = limit
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._flight: dict[asyncio.Task[SendResult], UUID] = {}
        self._done: list[asyncio.Task[SendResult]] = []
        self._enough = 0
        self._woken: asyncio.Event | None = None

    def __enter__(self) -> "Wire":
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

    def start(self, batch: Mapping[UUID, Outgoing]) -> None:
        """Put messages on the wire; they move on while `collect` runs."""
        loop = self._runner.get_loop()
        for key, message in batch.items():
            task = loop.create_task(self._provider.send(self._session, self._credentials, message))
            task.add_done_callback(self._note)
            self._flight[task] = key
        self._runner.run(asyncio.sleep(0))

    def collect(self, patience: float, enough: int) -> list[Answer]:
        """The answers that came in, as soon as there are `enough`, after `patience` seconds at
        the latest."""
        self._runner.run(self._wait(patience, enough))
        done, self._done = self._done, []
        return [Answer(self._flight.pop(task), _outcome(task)) for task in done]

    async def _open(self) -> Session:
        return sending_session(self._limit)

    async def _wait(self, patience: float, enough: int) -> None:
        self._enough, self._woken = enough, asyncio.Event()
        if len(self._done) < max(enough, 1):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), patience)
        # Answers come in flocks: those of the next moment share the statements of these.
        seen = 0
        while seen < len(self._done) < len(self._flight):
            seen = len(self._done)
            await asyncio.sleep(FLOCK_SECONDS)

    def _note(self, task: asyncio.Task[SendResult]) -> None:
        self._done.append(task)
        if self._woken is not None and len(self._done) >= self._enough:
            self._woken.set()


def _outcome(task: asyncio.Task[SendResult]) -> SendResult | SendError:
    """A provider raises SendError and nothing else; if one ever does, nobody knows what left."""
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, SendError):
        return error
    log.error("dispatch.provider_crashed", error=type(error).__name__, exc_info=error)
    return SendError(FailureClass.AMBIGUOUS, "no_answer", type(error).__name__)
