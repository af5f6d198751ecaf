"""Every endpoint and method of the API: who is nobody, who is elsewhere, who may not."""

from itertools import product

import pytest
from rest_framework.test import APIClient

from tenants.api import tokens
from tenants.enums import CompanyState, Role
from tenants.models import Company, Membership, Person
from tenants.permissions import PERMISSIONS, allows
from tenants.services.api_keys import create_api_key
from tenants.services.memberships import add_member
from tests.databases import undone
from tests.isolation import routes
from tests.isolation.checks import Rows, leaks, unchanged
from tests.isolation.conftest import SignIn, Worlds
from tests.isolation.routes import METHODS, Route
from tests.isolation.world import World

ENDPOINTS = routes.api()
WITH_OBJECT = [route for route in ENDPOINTS if route.parameters]
JSON = "application/json"
QUERIES = ("", "?q=Zuleica", "?phone=+5511987650002")
CRASHED = {500, 502, 504}  # 503 is an answer: the provider is away

each_endpoint = pytest.mark.parametrize("route", ENDPOINTS, ids=str)


def by_key(secret: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Api-Key {secret}"}, raise_request_exception=False)


def by_token(company: Company, person: Person) -> APIClient:
    membership = Membership.objects.select_related("company", "person").get(
        company=company, person=person
    )
    return APIClient(
        headers={"Authorization": f"Bearer {tokens.issue(membership)['access']}"},
        raise_request_exception=False,
    )


def key_without(world: World, permission: str) -> APIClient:
    """A key that may do everything but this."""
    scopes = [name for name in PERMISSIONS if name != permission]
    _, secret = create_api_key(company=world.company, name="less", scopes=scopes, by=None)
    return by_key(secret)


@pytest.fixture(scope="module")
def programs(worlds: Worlds) -> dict[str, APIClient]:
    """A program with a token of each role in Aurora."""
    aurora = worlds.aurora
    return {role: by_token(aurora.company, aurora.people[role]) for role in Role.values}


@each_endpoint
def test_nobody_gets_in_without_a_live_key_or_token(worlds: Worlds, route: Route) -> None:
    world = worlds.boreal
    url = route.url(world)
    with undone():
        former = by_token(world.company, world.people[Role.AGENT])
        Membership.objects.filter(person=world.people[Role.AGENT]).delete()
        callers = {
            "anonymous": APIClient(),
            "nonsense": by_key("mia_live_00000000_nonsense"),
            "revoked key": by_key(world.secrets["revoked_key"]),
            "former member": former,
        }
        answers = {}
        with unchanged():
            for who, method in product(callers, METHODS):
                response = callers[who].generic(method, url)
                kind = response.headers["Content-Type"]
                answers[who, method] = response.status_code, kind, leaks(response, world)
        assert answers == dict.fromkeys(answers, (401, "application/problem+json", []))


@each_endpoint
def test_a_session_of_the_pages_opens_no_api(
    worlds: Worlds, as_person: SignIn, route: Route
) -> None:
    client = as_person(worlds.boreal.people[Role.OWNER])
    with undone():
        assert client.get(route.url(worlds.boreal)).status_code == 401


@each_endpoint
def test_a_suspended_company_has_no_api(worlds: Worlds, route: Route) -> None:
    world = worlds.boreal
    with undone():
        token = by_token(world.company, world.people[Role.OWNER])
        Company.objects.filter(pk=world.company.pk).update(state=CompanyState.SUSPENDED)
        for client in (token, by_key(world.secrets["api_key"])):
            assert client.get(route.url(world)).status_code == 401


@each_endpoint
def test_each_role_may_exactly_what_the_table_says(
    worlds: Worlds, programs: dict[str, APIClient], route: Route
) -> None:
    crashed, leaking, refused = [], [], set()
    for method, role in product(route.api_methods, programs):
        with undone():
            response = programs[role].generic(method, route.url(worlds.aurora), "{}", JSON)
            if response.status_code in CRASHED:
                crashed.append((method, role))
            if response.status_code == 403:
                refused.add((method, role))
            if leaks(response, worlds.boreal):
                leaking.append((method, role))
    assert (crashed, leaking) == ([], [])
    assert refused == {
        (method, role)
        for method, role in product(route.api_methods, programs)
        if not allows(role, route.api_permission(method))
    }


@each_endpoint
def test_a_key_may_exactly_what_its_scopes_say(worlds: Worlds, route: Route) -> None:
    url = route.url(worlds.aurora)
    without, with_all = {}, {}
    for method in route.api_methods:
        with undone():
            client = key_without(worlds.aurora, route.api_permission(method))
            without[method] = client.generic(method, url, "{}", JSON).status_code
        with undone():
            client = by_key(worlds.aurora.secrets["api_key"])
            with_all[method] = client.generic(method, url, "{}", JSON).status_code
    assert without == dict.fromkeys(route.api_methods, 403)
    assert {method: code for method, code in with_all.items() if code in (401, 403)} == {}


@each_endpoint
def test_a_method_that_is_not_offered_changes_nothing(
    worlds: Worlds, untouched: Rows, route: Route
) -> None:
    client = by_key(worlds.aurora.secrets["api_key"])
    others = sorted(set(METHODS) - set(route.api_methods))
    with undone(), unchanged(untouched):
        answers = {
            method: client.generic(method, route.url(worlds.aurora), "{}", JSON).status_code
            for method in others
        }
    assert answers == dict.fromkeys(others, 405)


@pytest.mark.parametrize("route", WITH_OBJECT, ids=str)
def test_an_id_of_another_company_is_unknown(worlds: Worlds, untouched: Rows, route: Route) -> None:
    url = route.url(worlds.aurora, of=worlds.boreal)
    callers = {
        "key": by_key(worlds.aurora.secrets["api_key"]),
        "token": by_token(worlds.aurora.company, worlds.aurora.people[Role.OWNER]),
    }
    answers = {}
    with undone(), unchanged(untouched):
        for method, caller in product(route.api_methods, callers):
            response = callers[caller].generic(method, url, "{}", JSON)
            answers[method, caller] = response.status_code, leaks(response, worlds.boreal)
    assert answers == dict.fromkeys(answers, (404, []))


@pytest.mark.parametrize(
    "route", [route for route in ENDPOINTS if "GET" in route.api_methods], ids=str
)
def test_no_answer_shows_another_company(worlds: Worlds, route: Route) -> None:
    client = by_key(worlds.aurora.secrets["api_key"])
    answers = {}
    for query in QUERIES:
        with undone():
            response = client.get(route.url(worlds.aurora) + query)
            answers[query] = response.status_code, leaks(response, worlds.boreal)
    assert answers == dict.fromkeys(QUERIES, (200, []))


def test_a_key_says_whose_it_is_whatever_page_is_named(worlds: Worlds) -> None:
    """The pages' address does not make a key's company: keys open the API alone."""
    client = by_key(worlds.aurora.secrets["api_key"])
    for world in worlds:
        url = routes.company_path(world.company, "contacts")
        assert client.get(url).status_code == 302


def test_a_token_of_one_company_never_becomes_one_of_another(worlds: Worlds) -> None:
    """A person of both companies holds a token of one: `me` and the lists stay there."""
    with undone():
        person = worlds.aurora.people[Role.OWNER]
        add_member(company=worlds.boreal.company, person=person, role=Role.OWNER)
        client = by_token(worlds.aurora.company, person)
        me = client.get(routes.platform_path("api-me"))
        assert me.json()["company"]["slug"] == "aurora"
        contacts = client.get(routes.platform_path("api-contact-list"))
        assert leaks(contacts, worlds.boreal) == []


def test_the_worlds_own_answers_do_show_the_marker(worlds: Worlds) -> None:
    """Else the other tests would look for what no answer ever shows."""
    shown = {
        route.name
        for route in ENDPOINTS
        if "GET" in route.api_methods
        and leaks(
            by_key(worlds.boreal.secrets["api_key"]).get(route.url(worlds.boreal)), worlds.boreal
        )
    }
    expected = {"api-contact-list", "api-contact-detail", "api-tag-list", "api-campaign"}
    assert expected - shown == set()
