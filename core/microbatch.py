"""One call for many: threads of a process that ask for the same kind of work at once share it.

As a database's group commit does: who comes while the work of others is under way waits for its
end, and then one of those who waited does the work of all. Nobody is held back to wait for
company: alone, a call goes at once.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

One = TypeVar("One")
Answer = TypeVar("Answer")
FOREVER = -1.0  # as Lock.acquire has it


class Busy(Exception):
    """The calls before ours take too long. Ours may be done yet, with theirs."""


class Microbatch(Generic[One, Answer]):
    """Work on a sequence, called with one.

    Args:
        work: does many at a time and gives an answer for each, in their order. It runs in the
            thread (so with the database connection) of one of the callers, and what it raises
            reaches all whose work it was.
        most: so many at a time at most.
    """

    def __init__(self, work: Callable[[Sequence[One]], Sequence[Answer]], *, most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[tuple[One, Future[Answer]]] = deque()
        self._turn = Lock()

    def __call__(self, one: One, *, patience: float = FOREVER) -> Answer:
        """The answer for `one`, when its work is done.

        Args:
            patience: how long to wait for the calls before, in seconds.

        Raises:
            Busy: they took longer.
            Exception: whatever the work raised.
        """
        answer: Future[Answer] = Future()
        self._waiting.append((one, answer))
        if not self._turn.acquire(timeout=patience):
            answer.cancel()  # unless somebody has taken it along
            raise Busy
        try:
            # Calls are taken in turn only, so ours is done by now or still among the waiting.
            while not answer.done():
                self._do(self._next())
        finally:
            self._turn.release()
        return answer.result()

    def has_waiting(self) -> bool:
        """Whether calls wait whose work has not begun."""
        return bool(self._waiting)

    def _next(self) -> list[tuple[One, Future[Answer]]]:
        calls: list[tuple[One, Future[Answer]]] = []
        while self._waiting and len(calls) < self._most:
            call = self._waiting.popleft()
            if call[1].set_running_or_notify_cancel():
                calls.append(call)
        return calls

    def _do(self, calls: Sequence[tuple[One, Future[Answer]]]) -> None:
        try:
            answers = self._work([one for one, _ in calls])
            answered = list(zip(calls, answers, strict=True))
        except BaseException as error:
            for _, answer in calls:
                answer.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            for (_, answer), value in answered:
                answer.set_result(value)
