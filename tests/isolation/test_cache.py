"""What is kept in Redis says whose it is: the company's id or, by choice, `public`."""

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import TestCase

from core import realtime, redis, scope
from core.cache import company_key, forget, remember, shared_key
from tenants.enums import Role
from tests.isolation import routes
from tests.isolation.checks import leaks
from tests.isolation.conftest import SignIn, Worlds

# What of Redis holds words of a company; the broker's messages hold ids alone.
OURS = re.compile(rb"(cache|live|rate|hint|turn|presence|typing):")
OWNER = re.compile(rb"public|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PAGES = [page for page in routes.pages() if not page.parameters]


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_two_companies_under_the_same_name_keep_their_own(worlds: Worlds) -> None:
    kept = {}
    for _ in range(3):
        for world in worlds:
            with scope.opened(world.company):
                key = company_key("answer")
                kept[key] = remember(key, 30, lambda world=world: world.marker)
                cache.get_or_set("django", world.marker)
                assert cache.get("django") == world.marker
    assert sorted(kept.values()) == ["CANARY-AURORA", "CANARY-BOREAL"]
    for key in kept:
        forget(key)


def test_a_companys_key_cannot_be_made_without_a_company(worlds: Worlds) -> None:
    with scope.public(), pytest.raises(scope.OutsideCompany):
        company_key("answer")


def test_a_shared_value_is_a_choice_that_the_key_shows(worlds: Worlds) -> None:
    for world in worlds:
        with scope.opened(world.company):
            assert shared_key("rates") == "cache:public:rates"


def test_pages_asked_for_in_turns_keep_nothing_under_a_wrong_name(
    worlds: Worlds, as_person: SignIn
) -> None:
    """Every key says whose it is, and no value holds a word of another company."""
    for page in PAGES:
        for world, other in (worlds, tuple(reversed(worlds))):
            response = as_person(world.people[Role.OWNER]).get(page.url(world))
            assert leaks(response, other) == []
    client = redis.client()
    keys = [key for key in client.scan_iter(count=1000) if OURS.match(key)]
    assert keys != []
    assert [key for key in keys if not OWNER.search(key)] == []
    for world, other in (worlds, tuple(reversed(worlds))):
        mine = [key for key in keys if str(world.company.pk).encode() in key]
        assert [key for key in mine if other.marker.encode() in (client.dump(key) or b"")] == []


def test_each_company_hears_its_own_stream_alone(worlds: Worlds) -> None:
    aurora, boreal = (world.company.pk for world in worlds)
    cursors = {key: realtime.since(key, None, ()).cursor for key in (aurora, boreal)}
    with TestCase.captureOnCommitCallbacks(execute=True):
        realtime.push(boreal, "contacts", "contacts.changed", "of-boreal")
        realtime.push_coalesced(boreal, "contacts", "contacts.changed", "of-boreal-too")
    heard = {key: realtime.since(key, cursors[key], {"contacts"}) for key in (aurora, boreal)}
    assert heard[aurora].events == []
    assert [event.id for event in heard[boreal].events] == ["of-boreal", "of-boreal-too"]


def test_nobody_hears_another_companys_topics_by_polling(worlds: Worlds, as_person: SignIn) -> None:
    member = worlds.boreal.member_id(Role.OWNER)
    topics = ["contacts", "inbox", f"notifications:{member}"]
    url = routes.company_path(worlds.aurora.company, "live")
    client = as_person(worlds.aurora.people[Role.OWNER])
    cursor = client.get(url).json()["cursor"]
    with TestCase.captureOnCommitCallbacks(execute=True):
        for topic in topics:
            realtime.push(worlds.boreal.company.pk, topic, "changed", "of-boreal")
        # Even on the own stream, a member's bell is theirs alone.
        realtime.push(worlds.aurora.company.pk, f"notifications:{member}", "changed", "not-yours")
    answer = client.get(url, {"since": cursor, "topics": ",".join(topics)}).json()
    assert answer["events"] == []
