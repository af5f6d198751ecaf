"""Tells open pages that something changed; they fetch what they show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

_PAUSE = 0.15  # seconds between two hints to one page


class Hub:
    """A set of listening pages; each learns the topics that changed since its last hint."""

    def __init__(self) -> None:
        self._pages: set[_Page] = set()

    def tell(self, topic: str) -> None:
        """``topic`` changed: ``mail`` or ``<connection>:<contact>``."""
        for page in self._pages:
            page.topics.add(topic)
            page.changed.set()

    async def listen(self, closing: asyncio.Event) -> AsyncIterator[list[str]]:
        """Yield lists of changed topics until ``closing``; an empty list every 15 s as a pulse."""
        page = _Page()
        self._pages.add(page)
        try:
            while not closing.is_set():
                try:
                    await asyncio.wait_for(page.changed.wait(), timeout=15)
                except TimeoutError:
                    yield []
                    continue
                page.changed.clear()
                topics, page.topics = sorted(page.topics), set()
                yield topics
                await asyncio.sleep(_PAUSE)
        finally:
            self._pages.discard(page)

    def wake(self) -> None:
        """Let every listener look at ``closing`` now."""
        for page in self._pages:
            page.changed.set()


class _Page:
    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.topics: set[str] = set()
