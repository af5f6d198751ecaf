from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core import hub as hub_module
from core import realtime, redis
from core.hub import CATCH_UP, Hub, Outlet
from core.ids import uuid7

pytestmark = pytest.mark.usefixtures("clean_redis")


class Page:
    """What one socket received, and how it was treated."""

    def __init__(self, *, stuck: bool = False, limit: int = 512) -> None:
        self.frames: list[str] = []
        self.closed = self.rechecked = 0
        self._stuck = stuck
        self.member_id = uuid7()
        self.outlet = Outlet(
            self.send,
            overflow=self.overflow,
            recheck=self.recheck,
            member_id=self.member_id,
            limit=limit,
        )

    async def send(self, frame: str) -> None:
        if self._stuck:
            await asyncio.Event().wait()
        self.frames.append(frame)

    async def overflow(self) -> None:
        self.closed += 1

    async def recheck(self) -> None:
        self.rechecked += 1

    def events(self) -> list[str]:
        return [json.loads(frame)["event"] for frame in self.frames]


async def until(condition: Callable[[], bool], seconds: float = 3.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


def run(scenario: Callable[[Hub], Awaitable[Any]]) -> None:
    async def main() -> None:
        hub = Hub()
        try:
            await scenario(hub)
        finally:
            await hub.stop()

    asyncio.run(main())


async def seated(hub: Hub, company: uuid.UUID, *topics: str, page: Page | None = None) -> Page:
    page = page or Page()
    await hub.join(company, page.outlet)
    for topic in topics:
        hub.subscribe(company, topic, page.outlet)
    return page


async def push(company: uuid.UUID, topic: str, event: str) -> None:
    await asyncio.to_thread(realtime.push, company, topic, event, "")


def test_a_frame_reaches_exactly_those_who_listen() -> None:
    company, other = uuid7(), uuid7()

    async def scenario(hub: Hub) -> None:
        listening = [await seated(hub, company, "inbox") for _ in range(3)]
        elsewhere = await seated(hub, company, "campaign:1")
        stranger = await seated(hub, other, "inbox")
        await push(company, "inbox", "hello")
        await until(lambda: all(page.frames for page in listening))
        await push(other, "inbox", "bye")
        await until(lambda: bool(stranger.frames))
        assert [page.events() for page in listening] == [["hello"]] * 3
        assert (elsewhere.events(), stranger.events()) == ([], ["bye"])

    run(scenario)


def test_who_leaves_or_unsubscribes_hears_no_more_and_nothing_is_kept() -> None:
    company = uuid7()

    async def scenario(hub: Hub) -> None:
        leaving = await seated(hub, company, "inbox")
        quiet = await seated(hub, company, "inbox")
        staying = await seated(hub, company, "inbox")
        hub.leave(company, leaving.outlet)
        hub.unsubscribe(company, "inbox", quiet.outlet)
        await push(company, "inbox", "hello")
        await until(lambda: bool(staying.frames))
        assert (leaving.frames, quiet.frames) == ([], [])
        for page in (quiet, staying):
            hub.leave(company, page.outlet)
        assert (hub._topics, hub._outlets) == ({}, {})

    run(scenario)


def test_a_socket_that_cannot_keep_up_is_closed_and_the_others_go_on() -> None:
    company = uuid7()

    async def scenario(hub: Hub) -> None:
        stuck = await seated(hub, company, "inbox", page=Page(stuck=True, limit=5))
        healthy = await seated(hub, company, "inbox")
        for _ in range(20):
            await push(company, "inbox", "e")
        await until(lambda: len(healthy.frames) == 20)
        assert stuck.closed == 1

    run(scenario)


def test_after_an_interruption_everybody_is_told_to_catch_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "RECONNECT_SECONDS", 0.05)
    company = uuid7()

    async def scenario(hub: Hub) -> None:
        page = await seated(hub, company, "inbox")
        await asyncio.to_thread(redis.client().client_kill_filter, _type="pubsub")
        await until(lambda: page.frames == [CATCH_UP])
        await push(company, "inbox", "again")
        await until(lambda: page.events() == ["catch_up", "again"])

    run(scenario)


def test_a_socket_lives_without_redis(no_redis: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "RECONNECT_SECONDS", 0.05)

    async def scenario(hub: Hub) -> None:
        page = await seated(hub, uuid7(), "inbox")
        assert page.closed == 0

    run(scenario)


def test_the_last_hint_of_a_burst_arrives_when_the_window_ends() -> None:
    company = uuid7()

    def burst() -> None:
        for _ in range(30):
            realtime.push_coalesced(company, "inbox", "changed", every=0.1)

    async def scenario(hub: Hub) -> None:
        page = await seated(hub, company, "inbox")
        await asyncio.to_thread(burst)
        await until(lambda: len(page.frames) == 2, seconds=1)
        await asyncio.sleep(0.15)
        assert page.events() == ["changed", "changed"]

    run(scenario)


def test_changed_rights_reach_the_member_or_everybody_of_the_company() -> None:
    company = uuid7()

    async def scenario(hub: Hub) -> None:
        ana, bob = await seated(hub, company), await seated(hub, company)
        stranger = await seated(hub, uuid7())
        await asyncio.to_thread(realtime.rights_changed, company, ana.member_id)
        await until(lambda: ana.rechecked == 1)
        await asyncio.to_thread(realtime.rights_changed, company)
        await until(lambda: ana.rechecked == 2 and bob.rechecked == 1)
        assert stranger.rechecked == 0

    run(scenario)
