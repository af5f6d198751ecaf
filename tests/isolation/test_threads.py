"""Requests of two companies at once, in one process, over kept connections: they never mix."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any, NamedTuple

import httpx
import pytest
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connection
from django.test import Client

from tenants.enums import Role
from tenants.models import Company
from tests.isolation import world
from tests.isolation.world import World

LINES = 6  # kept connections, each asking for both companies in turns
REQUESTS_A_LINE = 30
SHOWING = ("contacts/", "contacts/tags/", "campaigns/", "inbox/", "contacts/imports/")
QUIET = ("live", "badges/", "nowhere/", "contacts/0190a000-0000-7000-8000-000000000000/")


class Asked(NamedTuple):
    slug: str
    path: str
    status: int
    text: str


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """A test's output is no access log."""


@pytest.fixture
def both(fresh_database: None) -> list[World]:
    """Committed, for every connection sees them."""
    return [
        world.build(Company.objects.get(slug=slug), number)
        for number, slug in enumerate(("aurora", "boreal"), start=1)
    ]


@pytest.fixture
def address(both: list[World], settings: Any) -> Iterator[str]:
    """The product over HTTP: a thread for each line, which keeps its database connection."""
    settings.API_RATE_PER_SECOND, settings.API_BURST = 1e6, 10**6
    before = connection.settings_dict["CONN_MAX_AGE"]
    connection.settings_dict["CONN_MAX_AGE"] = 60
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(WSGIHandler())
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    connection.settings_dict["CONN_MAX_AGE"] = before


def cookies_of(of: World) -> dict[str, str]:
    client = Client()
    client.force_login(of.people[Role.OWNER])
    name = django_settings.SESSION_COOKIE_NAME
    return {name: client.cookies[name].value}


def test_requests_at_once_show_their_own_company_alone(both: list[World], address: str) -> None:
    headers = {"Host": "testserver"}
    signed_in = {each.company.slug: cookies_of(each) for each in both}
    keys = {each.company.slug: each.secrets["api_key"] for each in both}

    def ask_in_turns(seed: int) -> list[Asked]:
        chance = random.Random(seed)
        found = []
        with httpx.Client(base_url=address, headers=headers, timeout=30) as line:
            for _ in range(REQUESTS_A_LINE):
                slug = chance.choice(list(signed_in))
                if chance.random() < 0.3:
                    path = "/api/v1/contacts/"
                    key = {"Authorization": f"Api-Key {keys[slug]}"}
                    answer = line.get(path, headers=key)
                else:
                    path = chance.choice(SHOWING + QUIET)
                    cookie = "; ".join(f"{k}={v}" for k, v in signed_in[slug].items())
                    answer = line.get(f"/c/{slug}/{path}", headers={"Cookie": cookie})
                found.append(Asked(slug, path, answer.status_code, answer.text.lower()))
        return found

    with ThreadPoolExecutor(LINES) as pool:
        asked = [each for line in pool.map(ask_in_turns, range(LINES)) for each in line]

    assert len(asked) == LINES * REQUESTS_A_LINE
    assert [each[:3] for each in asked if each.status >= 500] == []
    others = {"aurora": "canary-boreal", "boreal": "canary-aurora"}
    assert [each[:3] for each in asked if others[each.slug] in each.text] == []
    shown = [each for each in asked if each.path in SHOWING or each.path.startswith("/api/")]
    assert {each.slug for each in shown} == set(others)
    assert [each[:3] for each in shown if f"canary-{each.slug}" not in each.text] == []
