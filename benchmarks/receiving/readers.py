"""People who read the inbox: each opens the list, its next page and a conversation, and begins
again, with a moment between two pages."""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks import load
from benchmarks.report import quantile

_MORE = re.compile(r'hx-get="([^"]*cursor=[^"]*)"')
_CONVERSATION = re.compile(r'href="([^"?]*/inbox/[0-9a-f-]{36}/)')


@dataclass
class Readers:
    """How often and how fast pages came; times in milliseconds."""

    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def at(self, share: float) -> float:
        """A quantile of the times."""
        return quantile(self.times, share)


async def read(
    port: int, path: str, headers: Mapping[str, str], *, people: int, pause: float, until: float
) -> Readers:
    """Have so many people read until a `time.monotonic()`; `pause` in seconds."""
    found = Readers()

    async def person(delay: float) -> None:
        await asyncio.sleep(delay)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for page in _ways(path):
            if time.monotonic() >= until:
                break
            began = time.perf_counter()
            writer.write(load.request_bytes(port, page.path, {**headers, **page.headers}))
            status, body = await load.answer(reader)
            found.times.append((time.perf_counter() - began) * 1000)
            found.statuses[status] = found.statuses.get(status, 0) + 1
            page.body = body.decode("utf-8", "replace")
            await asyncio.sleep(pause)
        writer.close()

    async with asyncio.TaskGroup() as group:
        for index in range(people):
            group.create_task(person(index * pause / people))
    return found


@dataclass
class _Page:
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


def _ways(inbox: str) -> Iterator[_Page]:
    """The pages that one person asks for; each is filled in before the next is asked for."""
    fragment = {"HX-Request": "true"}
    turn = 0
    while True:
        page = _Page(inbox)
        yield page
        chats = _CONVERSATION.findall(page.body)
        if more := _MORE.search(page.body):
            yield _Page(html.unescape(more[1]), fragment)
        if chats:
            yield _Page(html.unescape(chats[turn % len(chats)]), fragment)
        turn += 1
