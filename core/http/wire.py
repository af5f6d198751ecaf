"""The wire of one slice: an asyncio loop on uvloop and one session, and no database.

Synchronous code launches requests and takes in what became of them; between the two it may take
its time with statements, for the answers wait in the sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import uvloop

from core.http.sending import SendingSession, sending_session

FLOCK_SECONDS = 0.001

Key = TypeVar("Key")
Result = TypeVar("Result")


class Wire(Generic[Key, Result]):
    """Requests that are under way together.

    Args:
        limit: connections to one place.
        flock: so many seconds without an answer end a flock (`landed`).
    """

    def __init__(self, limit: int, *, flock: float = FLOCK_SECONDS) -> None:
        self._limit = limit
        self._flock = flock
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._flight: dict[asyncio.Task[Result], Key] = {}
        self._done: list[asyncio.Task[Result]] = []
        self._enough = 0
        self._woken: asyncio.Event | None = None

    def __enter__(self) -> Self:
        self.session: SendingSession = self._runner.run(self._open())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._flight:
            task.cancel()
        self._runner.run(self.session.close())
        self._runner.close()

    @property
    def flying(self) -> int:
        """How many have not been taken in yet."""
        return len(self._flight)

    def launch(self, requests: Iterable[tuple[Key, Coroutine[Any, Any, Result]]]) -> None:
        """Put requests on the wire; they move on while `landed` runs."""
        loop = self._runner.get_loop()
        for key, request in requests:
            task = loop.create_task(request)
            task.add_done_callback(self._note)
            self._flight[task] = key
        self._runner.run(asyncio.sleep(0))

    def landed(self, patience: float, enough: int = 1) -> list[tuple[Key, asyncio.Task[Result]]]:
        """What came to an end, as soon as there are `enough`, after `patience` seconds at the
        latest."""
        self._runner.run(self._wait(patience, enough))
        done, self._done = self._done, []
        return [(self._flight.pop(task), task) for task in done]

    async def _open(self) -> SendingSession:
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
            await asyncio.sleep(self._flock)

    def _note(self, task: asyncio.Task[Result]) -> None:
        self._done.append(task)
        if self._woken is not None and len(self._done) >= self._enough:
            self._woken.set()
