"""A thousand open pages: sockets that listen to one group each and note when its frames come."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

AT_ONCE = 50  # pages that are opened together
Heard = Callable[["Page", dict[str, Any]], None]


@dataclass
class Page:
    """One socket; `seen` counts the frames that matter to whoever measures."""

    group: str
    line: aiohttp.ClientWebSocketResponse
    seen: int = 0


@dataclass
class Audience:
    """All pages, and how long each frame took, in milliseconds."""

    pages: list[Page] = field(default_factory=list)
    sent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    delays: list[float] = field(default_factory=list)
    broken: int = 0

    def note(self, page: Page) -> None:
        """The next message of its group reached a page."""
        self.delays.append((time.monotonic() - self.sent[page.group][page.seen]) * 1000)
        page.seen += 1

    @property
    def missing(self) -> int:
        """Messages that have not reached a page of their group (yet)."""
        return sum(len(self.sent[page.group]) - page.seen for page in self.pages)

    async def open(
        self,
        session: aiohttp.ClientSession,
        addresses: Sequence[tuple[str, str]],
        *,
        headers: Mapping[str, str],
        topics: Callable[[str], Iterable[str]] | None = None,
        heard: Heard,
    ) -> None:
        """Open a page for each (group, address) and listen until the session is closed.

        Args:
            topics: what it subscribes to; None where the address says it.
        """
        for begin in range(0, len(addresses), AT_ONCE):
            lines = (
                session.ws_connect(address, headers=headers)
                for _, address in addresses[begin : begin + AT_ONCE]
            )
            found = await asyncio.gather(*lines)
            for (group, _), line in zip(addresses[begin:], found, strict=False):
                page = Page(group, line)
                if topics is not None:
                    await _subscribe(line, list(topics(group)))
                self.pages.append(page)
                self._tasks.append(asyncio.create_task(self._listen(page, heard)))

    async def close(self) -> None:
        """Close every page."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(page.line.close() for page in self.pages), return_exceptions=True)

    async def settle(self, seconds: float) -> None:
        """Wait for what is still on its way, for so long at most."""
        until = time.monotonic() + seconds
        while self.missing and time.monotonic() < until:
            await asyncio.sleep(0.05)

    async def _listen(self, page: Page, heard: Heard) -> None:
        async for message in page.line:
            if message.type is aiohttp.WSMsgType.TEXT:
                heard(page, json.loads(message.data))
        self.broken += 1

    _tasks: list[asyncio.Task[None]] = field(default_factory=list)


async def _subscribe(line: aiohttp.ClientWebSocketResponse, topics: list[str]) -> None:
    await line.send_json({"op": "subscribe", "topics": topics, "cursor": None})
    async with asyncio.timeout(60):
        while True:
            frame = await line.receive_json()
            if frame["event"] == "subscribed":
                if frame["refused"]:
                    raise AssertionError(f"not allowed to hear {frame['refused']}")
                return


async def at_pace(rate: float, seconds: float, act: Callable[[int], Any]) -> None:
    """Call `act(number)`, which returns a coroutine, so many times a second; wait for all."""
    began, total = time.monotonic(), int(rate * seconds)
    async with asyncio.TaskGroup() as group:
        for number in range(total):
            wait = began + number / rate - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            group.create_task(act(number))
