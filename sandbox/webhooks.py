"""Webhooks to the product: due times, batches, order, retries.

What is due for one address goes out in order, one POST at a time, as many items together as the
``batch`` setting allows. A POST that is not answered by 2xx is repeated unchanged with growing
pauses, behind whatever became due meanwhile; order is then lost, as with the real providers.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import aiohttp
from yarl import URL

from sandbox.settings import Settings

Item = TypeVar("Item")
_GRID = 0.02  # due times are rounded up to this many seconds, so that batches form
_LONGEST_PAUSE = 30.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """One POST, ready to go and to be repeated."""

    url: str
    body: bytes
    headers: dict[str, str]
    attempt: int = 1
    repeat: bool = True


@dataclass(slots=True)
class _Lane(Generic[Item]):
    items: deque[Item] = field(default_factory=deque)
    parcels: deque[Parcel] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None


class Outbox(Generic[Item]):
    """Schedules items per address; ``pack`` turns a batch of them into parcels."""

    def __init__(self, settings: Settings, pack: Callable[[str, list[Item]], list[Parcel]]) -> None:
        self._settings = settings
        self._pack = pack
        self._due: list[tuple[float, int, str, Item]] = []
        self._lanes: dict[str, _Lane[Item]] = {}
        self._timer: asyncio.Handle | None = None
        self._wakes_at = math.inf
        self._count = 0
        self._session: aiohttp.ClientSession | None = None
        self._retries: set[asyncio.TimerHandle] = set()
        self.counters = {"posted": 0, "refused": 0, "given_up": 0, "without_address": 0}

    def schedule(self, delay: float, url: str, item: Item) -> None:
        """Have ``item`` go to ``url`` in ``delay`` seconds; nowhere when there is no address."""
        if not url:
            self.counters["without_address"] += 1
            return
        moment = asyncio.get_running_loop().time() + delay
        due = (int(moment / _GRID) + 1) * _GRID if delay > 0 else moment
        self._count += 1
        heapq.heappush(self._due, (due, self._count, url, item))
        if due < self._wakes_at:
            self._wake_at(due)

    async def now(self, url: str, items: list[Item]) -> int:
        """Post ``items`` past the queue and return the last HTTP status, 0 for no answer.

        What fails is retried like everything else.
        """
        status = 0
        for parcel in self._pack(url, items) if url else ():
            status = await self._post(parcel)
        return status

    def pending(self) -> int:
        """How many items and repeats have not gone out yet."""
        lanes = self._lanes.values()
        waiting = sum(len(lane.items) + len(lane.parcels) for lane in lanes)
        running = sum(lane.task is not None and not lane.task.done() for lane in lanes)
        return len(self._due) + waiting + running + len(self._retries)

    def forget(self) -> None:
        """Drop everything that has not gone out."""
        self._due.clear()
        self._wakes_at = math.inf
        for handle in self._retries:
            handle.cancel()
        self._retries.clear()
        for lane in self._lanes.values():
            lane.items.clear()
            lane.parcels.clear()

    async def close(self) -> None:
        """Stop; what is not out stays unsent."""
        self.forget()
        if self._timer:
            self._timer.cancel()
        tasks = [lane.task for lane in self._lanes.values() if lane.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    def _wake_at(self, due: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._wakes_at = due
        self._timer = asyncio.get_running_loop().call_at(due, self._move_due)

    def _move_due(self) -> None:
        self._timer, self._wakes_at = None, math.inf
        now = asyncio.get_running_loop().time() + 0.001
        while self._due and self._due[0][0] <= now:
            _, _, url, item = heapq.heappop(self._due)
            self._lane(url).items.append(item)
            self._run(url)
        if self._due:
            self._wake_at(self._due[0][0])

    def _lane(self, url: str) -> _Lane[Item]:
        return self._lanes.setdefault(url, _Lane())

    def _run(self, url: str) -> None:
        lane = self._lane(url)
        if lane.task is None or lane.task.done():
            lane.task = asyncio.get_running_loop().create_task(self._drain(url, lane))

    async def _drain(self, url: str, lane: _Lane[Item]) -> None:
        while lane.items or lane.parcels:
            if lane.items:
                size = min(len(lane.items), max(1, self._settings.batch))
                batch = [lane.items.popleft() for _ in range(size)]
                lane.parcels.extend(self._pack(url, batch))
            while lane.parcels:
                await self._post(lane.parcels.popleft())

    async def _post(self, parcel: Parcel) -> int:
        status = await self._answer_to(parcel)
        if 200 <= status < 300:
            self.counters["posted"] += 1
        else:
            self.counters["refused"] += 1
            self._again(parcel)
        return status

    async def _answer_to(self, parcel: Parcel) -> int:
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        timeout = aiohttp.ClientTimeout(total=self._settings.webhook_timeout)
        try:
            async with self._session.post(
                URL(parcel.url, encoded=True),  # the signature is over the address as it was given
                data=parcel.body,
                headers=parcel.headers,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return 0

    def _again(self, parcel: Parcel) -> None:
        if not parcel.repeat:
            return
        if parcel.attempt >= self._settings.webhook_attempts:
            self.counters["given_up"] += 1
            return
        following = replace(parcel, attempt=parcel.attempt + 1)
        pause = min(0.5 * 2 ** (parcel.attempt - 1), _LONGEST_PAUSE)

        def resume() -> None:
            self._retries.discard(handle)
            self._lane(parcel.url).parcels.append(following)
            self._run(parcel.url)

        handle = asyncio.get_running_loop().call_later(pause, resume)
        self._retries.add(handle)
