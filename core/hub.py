"""Fan-out to the sockets of this process: one Redis subscription, each frame encoded once.

Channels groups send each member its own message through the layer and drown at a thousand
sockets; here the bytes that Redis delivered go to every local outlet that listens. The hub lives
in one event loop. It knows topics, not rights: a consumer subscribes only what it may.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import uuid
from collections import deque
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import RedisError

from core import realtime, redis

logger = logging.getLogger(__name__)

OUTBOX_FRAMES = 512
RECONNECT_SECONDS = 1.0
SENDS_BETWEEN_YIELDS = 200
# Tells pages that frames may have been missed: they ask /live?since= with their cursor.
CATCH_UP = '{"event":"catch_up"}'

Send = Callable[[str], Awaitable[None]]


class Outlet:
    """One socket's bounded queue. A socket that cannot keep up is closed, reconnects and catches
    up by its cursor, instead of holding the memory of all the others."""

    def __init__(
        self,
        send: Send,
        *,
        overflow: Callable[[], Awaitable[None]],
        recheck: Callable[[], Awaitable[None]],
        member_id: uuid.UUID | None = None,
        limit: int = OUTBOX_FRAMES,
    ) -> None:
        self._send = send
        self._overflow = overflow
        self.recheck = recheck
        self.member_id = member_id
        self._limit = limit
        self._frames: deque[str] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._closed = False

    def offer(self, frame: str) -> None:
        """Queue a frame; never waits."""
        if self._closed:
            return
        if len(self._frames) >= self._limit:
            self.close()
            _keep(asyncio.ensure_future(self._overflow()))
            return
        self._frames.append(frame)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.ensure_future(self._drain())

    def close(self) -> None:
        """Take no more frames and forget the queued ones."""
        self._closed = True
        self._frames.clear()
        if self._writer is not None and self._writer is not asyncio.current_task():
            self._writer.cancel()

    async def _drain(self) -> None:
        while self._frames:
            try:
                await self._send(self._frames.popleft())
            except Exception:  # the socket is gone; its consumer is told by the server
                logger.debug("socket gone while sending", exc_info=True)
                self.close()


class Hub:
    """Who listens to what in this process."""

    def __init__(self) -> None:
        self._topics: dict[str, dict[str, set[Outlet]]] = {}
        self._outlets: dict[str, set[Outlet]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._server: AsyncRedis | None = None

    async def join(self, company_id: uuid.UUID, outlet: Outlet) -> None:
        """Count a socket in; returns when frames published from now on would reach it (or after
        a second without Redis: the socket lives, and catches up when it is back)."""
        if self._reader is None or self._reader.done():
            self._reader = asyncio.ensure_future(self._read())
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._ready.wait(), RECONNECT_SECONDS)
        self._outlets.setdefault(str(company_id), set()).add(outlet)

    def leave(self, company_id: uuid.UUID, outlet: Outlet) -> None:
        """Count a socket out, with everything it listened to."""
        key = str(company_id)
        outlet.close()
        for topic in list(self._topics.get(key, ())):
            self.unsubscribe(company_id, topic, outlet)
        outlets = self._outlets.get(key, set())
        outlets.discard(outlet)
        if not outlets:
            self._outlets.pop(key, None)

    def subscribe(self, company_id: uuid.UUID, topic: str, outlet: Outlet) -> None:
        self._topics.setdefault(str(company_id), {}).setdefault(topic, set()).add(outlet)

    def unsubscribe(self, company_id: uuid.UUID, topic: str, outlet: Outlet) -> None:
        topics = self._topics.get(str(company_id), {})
        listeners = topics.get(topic, set())
        listeners.discard(outlet)
        if not listeners:
            topics.pop(topic, None)
        if not topics:
            self._topics.pop(str(company_id), None)

    async def stop(self) -> None:
        """End the subscription (tests, and shutting down)."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None

    async def _read(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                logger.warning("live updates interrupted: %s", type(error).__name__)
            self._ready.clear()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        async with redis.async_client() as server, server.pubsub() as pubsub:
            self._server = server
            # One pattern for all companies: no races between joining and reading, and frames of
            # companies without a local socket cost one dictionary look-up.
            await pubsub.psubscribe("live:*")
            async for message in pubsub.listen():
                if message["type"] == "psubscribe":
                    self._begin()
                elif message["type"] == "pmessage":
                    await self._deliver(message["channel"].decode(), message["data"].decode())

    def _begin(self) -> None:
        """Frames arrive from now on; those who were here before may have missed some."""
        self._ready.set()
        for company_id, outlets in self._outlets.items():
            for outlet in outlets:
                outlet.offer(CATCH_UP)
            _keep(asyncio.ensure_future(self._flush_after(company_id, 0)))

    async def _deliver(self, channel: str, data: str) -> None:
        if channel == realtime.WAKE_CHANNEL:
            hint = json.loads(data)
            if hint["company"] in self._outlets:
                wait = hint["wait"] / 1000
                _keep(asyncio.ensure_future(self._flush_after(hint["company"], wait)))
            return
        kind, _, company_id = channel.removeprefix("live:").rpartition(":")
        if kind == "control":
            self._recheck(company_id, json.loads(data)["member"])
        elif not kind:
            await self._fan_out(company_id, data)

    async def _fan_out(self, company_id: str, frame: str) -> None:
        topics = self._topics.get(company_id)
        if not topics:
            return
        listeners = topics.get(json.loads(frame)["topic"], ())
        for count, outlet in enumerate(tuple(listeners), 1):
            outlet.offer(frame)
            if count % SENDS_BETWEEN_YIELDS == 0:
                await asyncio.sleep(0)

    def _recheck(self, company_id: str, member_id: str | None) -> None:
        for outlet in self._outlets.get(company_id, ()):
            if member_id is None or str(outlet.member_id) == member_id:
                _keep(asyncio.ensure_future(outlet.recheck()))

    async def _flush_after(self, company_id: str, wait: float) -> None:
        """Send what the coalescing held back, when its window is over."""
        await asyncio.sleep(wait + 0.002)
        keys = (realtime.stream_key(company_id), realtime.late_key(company_id))
        if self._server is None:
            return
        try:
            await self._server.eval(
                realtime.FLUSH, 2, *keys, realtime.STREAM_LENGTH, realtime.STREAM_SECONDS
            )
        except (RedisError, OSError) as error:
            # It stays in Redis: the next push, poll or reconnection sends it.
            logger.warning("held back live update: %s", type(error).__name__)


_tasks: set[asyncio.Future[None]] = set()


def _keep(task: asyncio.Future[None]) -> None:
    """The loop holds its tasks weakly; keep this one until it is done."""
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running event loop: one per process, as a process has one loop."""
    loop = asyncio.get_running_loop()
    for other in [known for known in _hubs if known.is_closed()]:
        del _hubs[other]
    return _hubs.setdefault(loop, Hub())
