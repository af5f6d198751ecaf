"""Who is there: online, away, gone; and whether they take new conversations."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings as django_settings
from django.test import Client

from config.asgi import application
from core import redis
from core.errors import NotFound
from core.scope import opened
from events.models import Event
from team import presence
from team.enums import Presence
from team.models import Member
from team.services import members
from tenants.enums import Role
from tenants.models import Company
from tests.sockets import hear, keep_the_connection, run, say


@pytest.fixture
def member(company: Company, client_for: Callable[..., Client]) -> Member:
    client_for(company, Role.AGENT)
    return Member.objects.get(role=Role.AGENT)


def note(member: Member, company: Company, *, is_active: bool) -> None:
    presence.note(company_id=company.pk, member_id=member.pk, is_active=is_active)


def state(member: Member) -> Presence:
    return presence.of([member])[member.pk]


def test_who_did_something_is_online_and_whose_page_is_merely_open_is_away(
    company: Company, member: Member
) -> None:
    assert state(member) == Presence.OFFLINE
    note(member, company, is_active=False)
    assert state(member) == Presence.AWAY
    note(member, company, is_active=True)
    note(member, company, is_active=False)
    assert state(member) == Presence.ONLINE


@pytest.mark.parametrize(
    ("silence", "inactivity", "expected"),
    [
        (0, presence.AWAY_SECONDS - 5, Presence.ONLINE),
        (0, presence.AWAY_SECONDS + 5, Presence.AWAY),
        (presence.OPEN_SECONDS - 5, 0, Presence.ONLINE),
        (presence.OPEN_SECONDS + 5, presence.OPEN_SECONDS + 5, Presence.OFFLINE),
    ],
)
def test_time_makes_away_and_offline(
    company: Company, member: Member, silence: int, inactivity: int, expected: Presence
) -> None:
    note(member, company, is_active=True)
    for key, back in zip(presence._keys(company.pk), (silence, inactivity), strict=True):
        redis.client().zincrby(key, -back, str(member.pk))
    assert state(member) == expected


def test_another_company_knows_nothing_of_it(
    company: Company, boreal: Company, member: Member
) -> None:
    note(member, company, is_active=True)
    with opened(boreal):
        assert presence.now().of(member.pk) == Presence.OFFLINE


def test_without_redis_nobody_can_say(
    company: Company, member: Member, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    redis.reset()
    note(member, company, is_active=True)
    assert presence.now().is_known is False
    redis.reset()


def test_an_open_page_tells_by_its_socket(
    company: Company,
    client_for: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep_the_connection(monkeypatch)
    session = client_for(company, Role.AGENT).cookies[django_settings.SESSION_COOKIE_NAME].value
    cookie = f"{django_settings.SESSION_COOKIE_NAME}={session}"
    headers = [
        (b"host", b"testserver"),
        (b"origin", b"http://testserver"),
        (b"cookie", cookie.encode()),
    ]

    async def scenario() -> None:
        page = WebsocketCommunicator(application, "/ws/c/aurora/", headers=headers)
        await page.connect(timeout=5)
        await say(page, op="here", active=True)
        await say(page, op="ping")
        assert await hear(page) == {"event": "pong"}
        await page.disconnect()

    run(scenario)
    with opened(company):
        assert state(Member.objects.get(role=Role.AGENT)) == Presence.ONLINE


@pytest.mark.parametrize(
    ("here", "expected"),
    [("active", Presence.ONLINE), ("open", Presence.AWAY), ("x", Presence.OFFLINE)],
)
def test_a_page_without_a_socket_tells_with_its_questions(
    company: Company, client_for: Callable[..., Client], here: str, expected: Presence
) -> None:
    client_for(company, Role.AGENT).get("/c/aurora/live", {"here": here})
    with opened(company):
        assert state(Member.objects.get(role=Role.AGENT)) == expected


def test_the_list_of_members_shows_who_is_there(
    company: Company, member: Member, client_for: Callable[..., Client], api_client: Any
) -> None:
    note(member, company, is_active=True)
    page = client_for(company, Role.AGENT).get("/c/aurora/settings/members/").content.decode()
    assert 'data-presence="online"' in page
    [row] = api_client(company, "members.view").get("/api/v1/members/").json()["results"]
    assert (row["presence"], row["is_available"]) == ("online", True)


def test_a_member_switches_new_conversations_off_and_on(
    company: Company, member: Member, client_for: Callable[..., Client]
) -> None:
    client = client_for(company, Role.AGENT)
    for word, expected in (("off", False), ("off", False), ("on", True)):
        answer = client.post(
            "/c/aurora/availability/", {"available": word}, headers={"hx-request": "true"}
        )
        assert answer.status_code == 200
        with opened(company):
            member.refresh_from_db()
        assert member.is_available is expected
    with opened(company):
        facts = Event.objects.filter(type="member.availability_changed").order_by("sequence")
        assert [fact.data["is_available"] for fact in facts] == [False, True]


def test_who_is_no_member_switches_nothing(company: Company) -> None:
    with pytest.raises(NotFound):
        members.set_available(member_id=uuid.uuid4(), is_available=True, actor="system")
