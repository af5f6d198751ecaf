"""The socket of a page opens for members from our own origin, and tells them their own company."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings as django_settings
from django.test import TestCase

from config.asgi import application
from core import realtime, topics
from core.consumers import FOREIGN_ORIGIN, NOT_FOUND, SIGNED_OUT
from tenants.enums import CompanyState, Role
from tenants.models import Company, Membership
from tenants.services.authors import Author
from tenants.services.memberships import remove_member
from tests.isolation.conftest import SignIn, Worlds
from tests.sockets import closed_with, hear, keep_the_connection, run, say

ORIGIN = "http://testserver"


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_the_connection(monkeypatch)


@pytest.fixture
def open_socket(as_person: SignIn) -> Callable[..., WebsocketCommunicator]:
    def connect(slug: str, person: Any = None, origin: str = ORIGIN) -> WebsocketCommunicator:
        headers = [(b"host", b"testserver:5001"), (b"origin", origin.encode())]
        if person is not None:
            name = django_settings.SESSION_COOKIE_NAME
            session = as_person(person).cookies[name].value
            headers.append((b"cookie", f"{name}={session}".encode()))
        kept = [header for header in headers if header[1]]
        return WebsocketCommunicator(application, f"/ws/c/{slug}/", headers=kept)

    return connect


@pytest.mark.parametrize(
    "origin", ["", "null", "http://evil.test", "http://testserver.evil.test", "http://boreal.test"]
)
def test_a_foreign_page_opens_no_socket(
    worlds: Worlds, open_socket: Callable[..., WebsocketCommunicator], origin: str
) -> None:
    async def scenario() -> None:
        page = open_socket("aurora", worlds.aurora.people[Role.OWNER], origin)
        assert await page.connect(timeout=5) == (False, FOREIGN_ORIGIN)

    run(scenario)


def closing_code(page: WebsocketCommunicator) -> int:
    codes: list[int] = []

    async def scenario() -> None:
        await page.connect(timeout=5)
        codes.append(await closed_with(page))

    run(scenario)
    return codes[0]


def test_without_a_session_it_says_sign_in(
    worlds: Worlds, open_socket: Callable[..., WebsocketCommunicator]
) -> None:
    assert closing_code(open_socket("aurora")) == SIGNED_OUT


@pytest.mark.parametrize("slug", ["boreal", "nowhere", "public"])
def test_for_a_stranger_the_company_is_not_there(
    worlds: Worlds, open_socket: Callable[..., WebsocketCommunicator], slug: str
) -> None:
    assert closing_code(open_socket(slug, worlds.aurora.people[Role.OWNER])) == NOT_FOUND


def test_a_former_member_finds_nothing(
    worlds: Worlds, open_socket: Callable[..., WebsocketCommunicator]
) -> None:
    assert closing_code(open_socket("boreal", worlds.boreal.people["former"])) == NOT_FOUND


def test_a_suspended_company_is_not_there(
    worlds: Worlds, open_socket: Callable[..., WebsocketCommunicator]
) -> None:
    Company.objects.filter(pk=worlds.boreal.company.pk).update(state=CompanyState.SUSPENDED)
    assert closing_code(open_socket("boreal", worlds.boreal.people[Role.OWNER])) == NOT_FOUND


@pytest.fixture
def foreign_topics(worlds: Worlds) -> list[str]:
    """Every topic with an id of Boreal's behind it."""
    things = worlds.boreal.things.values()
    ids = [str(thing.pk) for thing in things] + [str(worlds.boreal.member_id(Role.OWNER))]
    return [f"{name}:{each}" for name in topics._checks for each in ids]


def test_topics_of_another_company_are_silent(
    worlds: Worlds,
    open_socket: Callable[..., WebsocketCommunicator],
    foreign_topics: list[str],
) -> None:
    """What a page may name by an id of another company stays its own company's silence."""

    def push_in_boreal() -> None:
        with TestCase.captureOnCommitCallbacks(execute=True):
            for topic in [*topics._checks, *foreign_topics]:
                realtime.push(worlds.boreal.company.pk, topic, "changed", "of-boreal")
            realtime.push(worlds.aurora.company.pk, "contacts", "changed", "of-aurora")

    async def scenario() -> None:
        page = open_socket("aurora", worlds.aurora.people[Role.OWNER])
        await page.connect(timeout=5)
        for start in range(0, len(foreign_topics), 90):
            await say(page, op="subscribe", topics=foreign_topics[start : start + 90])
            await hear(page)
            await say(page, op="unsubscribe", topics=foreign_topics[start : start + 90])
        await say(page, op="subscribe", topics=["contacts"])
        assert (await hear(page))["topics"] == ["contacts"]
        await sync_to_async(push_in_boreal)()
        assert (await hear(page))["id"] == "of-aurora"
        assert await page.receive_nothing(timeout=0.2)
        await page.disconnect()

    run(scenario)


def test_a_members_bell_is_refused_to_everybody_else(
    worlds: Worlds, open_socket: Callable[..., WebsocketCommunicator]
) -> None:
    bells = [f"notifications:{world.member_id(Role.ADMIN)}" for world in worlds]

    async def scenario() -> None:
        page = open_socket("aurora", worlds.aurora.people[Role.OWNER])
        await page.connect(timeout=5)
        await say(page, op="subscribe", topics=bells)
        answer = await hear(page)
        assert (answer["topics"], answer["refused"]) == ([], sorted(bells))
        await page.disconnect()

    run(scenario)


def test_who_is_removed_is_cut_off(
    worlds: Worlds, open_socket: Callable[..., WebsocketCommunicator]
) -> None:
    world = worlds.boreal
    owner = Membership.objects.get(company=world.company, person=world.people[Role.OWNER])

    def remove() -> None:
        with TestCase.captureOnCommitCallbacks(execute=True):
            remove_member(membership=world.things["membership"], by=Author.member(owner))

    async def scenario() -> None:
        page = open_socket("boreal", world.people[Role.VIEWER])
        await page.connect(timeout=5)
        await say(page, op="subscribe", topics=["contacts"])
        await hear(page)
        await sync_to_async(remove)()
        assert await asyncio.wait_for(closed_with(page), 5) == NOT_FOUND

    run(scenario)
