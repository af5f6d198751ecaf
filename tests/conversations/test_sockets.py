"""The inbox's live line for real: daphne as a process of its own, pages as WebSocket clients."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.test import Client

from conversations.models import Conversation
from conversations.services import assignment, conversations, inbox_settings
from core.scope import opened, surroundings
from team.models import Member
from team.services import teams
from tenants.enums import Role
from tenants.models import Company, Membership
from tenants.services.authors import Author
from tenants.services.memberships import remove_member
from tests import databases
from tests.conftest import make_member
from tests.conversations.factories import a_conversation, received
from tests.conversations.teams import a_team
from tests.messaging.factories import a_connection

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30
PATIENCE = 10.0
PAGES = 20


@pytest.fixture(scope="module")
def daphne_port(django_db_setup: None) -> Iterator[int]:
    """Where daphne listens; it connects anew for each question, so a new copy is no trouble."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    environment = {**os.environ, "DATABASE_URL": databases.url()}
    argv = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(number), "-v", "0"]
    with subprocess.Popen([*argv, "config.asgi:application"], cwd=ROOT, env=environment) as daphne:
        try:
            _wait_for(number, daphne)
            yield number
        finally:
            daphne.terminate()
            daphne.wait(PATIENCE)


@pytest.fixture
def port(daphne_port: int, fresh_database: None) -> int:
    """Where daphne listens, on this test's own database."""
    return daphne_port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("daphne did not start")


@pytest.fixture
def aurora(fresh_database: None) -> Company:
    return Company.objects.get(slug="aurora")


@pytest.fixture
def boreal(fresh_database: None) -> Company:
    return Company.objects.get(slug="boreal")


class Page:
    """A page's socket."""

    def __init__(self, line: aiohttp.ClientWebSocketResponse) -> None:
        self.line = line

    async def subscribe(self, *topics: str) -> dict[str, Any]:
        await self.line.send_json({"op": "subscribe", "topics": topics, "cursor": None})
        return await self.hear("subscribed")

    async def hear(self, event: str) -> dict[str, Any]:
        """The next frame of that name."""
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await self.line.receive()
                assert message.type is aiohttp.WSMsgType.TEXT, message
                frame: dict[str, Any] = json.loads(message.data)
                if frame["event"] == event:
                    return frame

    async def closed_with(self) -> int | None:
        async with asyncio.timeout(PATIENCE):
            while not self.line.closed:
                await self.line.receive()
        return self.line.close_code


class Office:
    """Opens pages of people who are signed in."""

    def __init__(self, port: int, session: aiohttp.ClientSession) -> None:
        self.port, self.session = port, session

    async def page(self, company: Company, cookie: str) -> Page:
        headers = {
            "Origin": f"http://127.0.0.1:{self.port}",
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}",
        }
        address = f"ws://127.0.0.1:{self.port}/ws/c/{company.slug}/"
        return Page(await self.session.ws_connect(address, headers=headers))


def cookie_of(company: Company, role: str = Role.AGENT) -> str:
    client = Client()
    client.force_login(make_member(company, role))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def run(port: int, scenario: Callable[[Office], Awaitable[None]]) -> None:
    async def main() -> None:
        async with aiohttp.ClientSession() as session:
            await scenario(Office(port, session))

    async_to_sync(main)()


def in_company(company: Company, act: Callable[[], Any]) -> Awaitable[Any]:
    """Run `act` as the product's own synchronous code would."""

    def inside() -> Any:
        with opened(company):
            return act()

    return sync_to_async(inside)()


def test_twenty_pages_hear_a_message_and_that_it_was_read(port: int, aurora: Company) -> None:
    with opened(aurora):
        talk = a_conversation()
    cookie, topic = cookie_of(aurora), f"conversation:{talk.pk}"

    async def scenario(office: Office) -> None:
        pages = [await office.page(aurora, cookie) for _ in range(PAGES)]
        for page in pages:
            heard = await page.subscribe("inbox", topic)
            assert sorted(heard["topics"]) == sorted(["inbox", topic])
        message = await in_company(aurora, lambda: received(talk.thread.connection, "Chegou?"))
        for page in pages:
            frame = await page.hear("message-created")
            assert (frame["topic"], frame["id"]) == (topic, str(message.pk))
        await in_company(aurora, lambda: conversations.mark_read(conversation_id=talk.pk))
        for page in pages:
            assert (await page.hear("changed"))["topic"] in ("inbox", topic)

    run(port, scenario)


def test_a_page_hears_nothing_of_conversations_that_are_not_its_companys(
    port: int, aurora: Company, boreal: Company
) -> None:
    with opened(aurora):
        mine = a_conversation()
    with opened(boreal):
        theirs = a_conversation(a_connection())
    cookie = cookie_of(aurora)
    foreign, own = f"conversation:{theirs.pk}", f"conversation:{mine.pk}"

    async def scenario(office: Office) -> None:
        page = await office.page(aurora, cookie)
        answer = await page.subscribe("inbox", foreign, own, "conversation:x", "conversation:")
        assert answer["refused"] == sorted([foreign, "conversation:x"])
        await in_company(boreal, lambda: received(theirs.thread.connection, "Segredo"))
        message = await in_company(aurora, lambda: received(mine.thread.connection, "Oi"))
        frame = await page.hear("message-created")
        assert (frame["topic"], frame["id"]) == (own, str(message.pk))
        stranger = await office.page(boreal, cookie)
        assert await stranger.closed_with() == 4404

    run(port, scenario)


def test_who_leaves_the_team_hears_no_more_of_its_conversations(port: int, aurora: Company) -> None:
    cookie = cookie_of(aurora, Role.AGENT)
    with opened(aurora), surroundings(aurora):
        inbox_settings.change(agents_see="own", actor="system")
        team = a_team(Member.objects.get(role=Role.AGENT), assigns_automatically=False)
        hidden = a_conversation()
        talk = a_conversation(hidden.thread.connection, phone="5511987650009")
        assignment.transfer(conversation_id=talk.pk, member=None, team=team, actor="system")
    topic = f"conversation:{talk.pk}"

    async def scenario(office: Office) -> None:
        page = await office.page(aurora, cookie)
        answer = await page.subscribe("inbox", topic, f"conversation:{hidden.pk}")
        assert answer["refused"] == [f"conversation:{hidden.pk}"]
        await in_company(
            aurora, lambda: teams.update_team(team_id=team.pk, members=[], actor="system")
        )
        assert (await page.hear("unsubscribed"))["topics"] == [topic]

    run(port, scenario)


def test_who_left_the_company_is_cut_off(port: int, aurora: Company) -> None:
    cookie = cookie_of(aurora, Role.AGENT)
    make_member(aurora, Role.OWNER)
    members = Membership.objects.filter(company=aurora)
    membership, owner = members.get(role=Role.AGENT), members.get(role=Role.OWNER)

    async def scenario(office: Office) -> None:
        page = await office.page(aurora, cookie)
        await page.subscribe("inbox")
        by = Author.member(owner)
        await sync_to_async(lambda: remove_member(membership=membership, by=by))()
        assert await page.closed_with() == 4404

    run(port, scenario)


def test_a_page_that_polls_is_told_the_same(aurora: Company) -> None:
    """The socket port may be closed: `/live` says what the socket would have said."""
    with opened(aurora):
        talk: Conversation = a_conversation()
    client = Client()
    client.force_login(make_member(aurora, Role.AGENT))
    live = f"{aurora.path_prefix.rstrip('/')}/live"
    topics = f"inbox,conversation:{talk.pk}"
    cursor = client.get(live, {"topics": topics}).json()["cursor"]
    with opened(aurora):
        message = received(talk.thread.connection, "Sem soquete")
    answer = client.get(live, {"topics": topics, "since": cursor}).json()
    heard = {(event["event"], event["id"]) for event in answer["events"]}
    assert ("message-created", str(message.pk)) in heard
    assert not answer["reset"]
