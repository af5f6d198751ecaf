from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable
from typing import Any

import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import settings as django_settings
from django.urls import path

from core import consumers, realtime, topics
from core.consumers import CompanyConsumer, Seat, SignedOut, origin_allowed
from core.ids import uuid7
from tests.sockets import closed_with, hear, keep_the_connection, run, say

pytestmark = pytest.mark.usefixtures("clean_redis")
APPLICATION = URLRouter([path("ws/c/<slug:slug>/", CompanyConsumer.as_asgi())])


class World:
    """One company with one member; tests change what the resolver and the checks say."""

    def __init__(self) -> None:
        key = uuid7()
        self.seat: Seat | None = Seat(key, f"c_{key.hex}", uuid7(), uuid7())
        self.company_id = key
        self.signed_out = False
        self.topics = {"inbox", "campaign"}

    def resolve(self, session_key: str, slug: str) -> Seat | None:
        if self.signed_out or session_key != "s3ss10n":
            raise SignedOut
        return self.seat if slug == "acme" else None


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(consumers, "resolver", world.resolve)
    monkeypatch.setattr(consumers, "load_member", lambda seat: seat.member_id)
    monkeypatch.setattr(topics, "_checks", {})
    keep_the_connection(monkeypatch)
    for name in ("inbox", "campaign"):
        topics.register(name, lambda member, _, name=name: name in world.topics)
    return world


def socket(
    slug: str = "acme", *, cookie: str = "NAME=s3ss10n", origin: str = "http://app.test"
) -> WebsocketCommunicator:
    headers = [
        (b"host", b"app.test:5001"),
        (b"cookie", cookie.replace("NAME", django_settings.SESSION_COOKIE_NAME).encode()),
    ]
    if origin:
        headers.append((b"origin", origin.encode()))
    return WebsocketCommunicator(APPLICATION, f"/ws/c/{slug}/", headers=headers)


async def listening(*wanted: str, cursor: str | None = None) -> WebsocketCommunicator:
    communicator = socket()
    assert (await communicator.connect(timeout=3))[0] is True
    await say(communicator, op="subscribe", topics=list(wanted), cursor=cursor)
    return communicator


def push(world: World, topic: str, event: str, object_id: str) -> Awaitable[None]:
    return asyncio.to_thread(realtime.push, world.company_id, topic, event, object_id)


def test_a_page_hears_what_it_may_and_is_told_what_it_may_not(world: World) -> None:
    world.topics = {"inbox"}

    async def scenario() -> None:
        page = await listening("inbox", "campaign:cmp_1", "nonsense")
        answer = await hear(page)
        assert (answer["event"], answer["topics"], answer["refused"]) == (
            "subscribed",
            ["inbox"],
            ["campaign:cmp_1", "nonsense"],
        )
        await push(world, "campaign:cmp_1", "progressed", "cmp_1")
        await push(world, "inbox", "changed", "cnv_1")
        frame = await hear(page)
        assert (frame["topic"], frame["event"], frame["id"]) == ("inbox", "changed", "cnv_1")
        await page.disconnect()

    run(scenario)


def test_a_returning_page_gets_what_it_missed_since_its_cursor(world: World) -> None:
    cursor = realtime.since(world.company_id, None, []).cursor

    async def scenario() -> None:
        await push(world, "inbox", "missed", "cnv_1")
        page = await listening("inbox", cursor=cursor)
        assert (await hear(page))["event"] == "subscribed"
        assert (await hear(page))["event"] == "missed"
        await page.disconnect()

    run(scenario)


def test_a_page_with_a_cursor_from_before_a_wipe_is_reset(world: World) -> None:
    async def scenario() -> None:
        page = await listening("inbox", cursor="1-1")
        assert [(await hear(page))["event"] for _ in range(2)] == ["subscribed", "reset"]
        await page.disconnect()

    run(scenario)


def test_unsubscribing_is_heeded(world: World) -> None:
    async def scenario() -> None:
        page = await listening("inbox", "campaign:1")
        await hear(page)
        await say(page, op="unsubscribe", topics=["inbox"])
        await say(page, op="ping")
        assert await hear(page) == {"event": "pong"}
        await push(world, "inbox", "changed", "")
        await push(world, "campaign:1", "progressed", "")
        assert (await hear(page))["event"] == "progressed"
        await page.disconnect()

    run(scenario)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"cookie": ""}, 4401),
        ({"cookie": "NAME=other"}, 4401),
        ({"cookie": "a b; =; NAME"}, 4401),
        ({"slug": "rival"}, 4404),
    ],
)
def test_a_stranger_is_turned_away_with_the_reason(
    world: World, arguments: dict[str, str], code: int
) -> None:
    async def scenario() -> None:
        page = socket(**arguments)
        assert (await page.connect(timeout=3))[0] is True
        assert await closed_with(page) == code

    run(scenario)


@pytest.mark.parametrize("origin", ["", "null", "http://evil.test", "http://app.test.evil.test"])
def test_a_page_of_another_site_gets_no_socket(world: World, origin: str) -> None:
    async def scenario() -> None:
        assert await socket(origin=origin).connect(timeout=3) == (False, 4403)

    run(scenario)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not json", 4400),
        ("[]", 4400),
        ('{"op": "drop"}', 4400),
        ("[" * 60_000, 4400),
        ('"' + "x" * 70_000 + '"', 1009),
    ],
)
def test_a_message_that_makes_no_sense_closes_the_socket(
    world: World, text: str, code: int
) -> None:
    async def scenario() -> None:
        page = socket()
        await page.connect(timeout=3)
        await page.send_to(text_data=text)
        assert await closed_with(page) == code

    run(scenario)


def test_a_flood_closes_the_socket(world: World) -> None:
    async def scenario() -> None:
        page = socket()
        await page.connect(timeout=3)
        for _ in range(60):
            await say(page, op="ping")
        assert await closed_with(page) == 4429

    run(scenario)


def test_who_loses_a_right_stops_hearing_at_once(world: World) -> None:
    async def scenario() -> None:
        page = await listening("inbox", "campaign:1")
        await hear(page)
        world.topics = {"campaign"}
        await asyncio.to_thread(realtime.rights_changed, world.company_id)
        assert await hear(page) == {"event": "unsubscribed", "topics": ["inbox"]}
        await push(world, "inbox", "changed", "")
        await push(world, "campaign:1", "progressed", "")
        assert (await hear(page))["event"] == "progressed"
        await page.disconnect()

    run(scenario)


@pytest.mark.parametrize(
    ("change", "code"), [("signed_out", 4401), ("left", 4404), ("other", 4404)]
)
def test_who_leaves_the_company_or_signs_out_is_closed(
    world: World, change: str, code: int
) -> None:
    async def scenario() -> None:
        page = await listening("inbox")
        await hear(page)
        if change == "signed_out":
            world.signed_out = True
        elif change == "left":
            world.seat = None
        else:
            world.seat = Seat(world.company_id, "c_x", uuid.uuid4(), uuid.uuid4())
        await asyncio.to_thread(realtime.rights_changed, world.company_id)
        assert await closed_with(page) == code

    run(scenario)


def test_rights_are_asked_again_from_time_to_time(world: World, settings: Any) -> None:
    settings.SOCKET_RECHECK_SECONDS = 0.05

    async def scenario() -> None:
        page = await listening("inbox")
        await hear(page)
        world.signed_out = True
        assert await closed_with(page) == 4401

    run(scenario)


def test_listed_origins_replace_the_same_host_rule(settings: Any) -> None:
    settings.SOCKET_ALLOWED_ORIGINS = ["https://app.example.com"]
    given = [b"https://app.example.com", b"http://app.example.com", b"https://app.test"]
    assert [
        origin_allowed({"headers": [(b"host", b"app.test"), (b"origin", origin)]})
        for origin in given
    ] == [True, False, False]
