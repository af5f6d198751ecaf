"""Every endpoint and method of the API: who is nobody, who is elsewhere, who may not."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tenants.api import tokens
from tenants.enums import CompanyState, Role
from tenants.models import Company, Membership, Person
from tenants.permissions import PERMISSIONS, allows
from tenants.services.api_keys import create_api_key
from tenants.services.memberships import add_member
from tests.isolation import routes
from tests.isolation.checks import fingerprint, leaks, undone
from tests.isolation.conftest import SignIn, Worlds
from tests.isolation.routes import METHODS, Route
from tests.isolation.world import World

ENDPOINTS = routes.api()
WITH_OBJECT = [route for route in ENDPOINTS if route.parameters]
CELLS = [(route, method) for route in ENDPOINTS for method in route.api_methods]
Rows = list[tuple[Any, ...]]
JSON = "application/json"
CRASHED = {500, 502, 504}  # 503 is an answer: the provider is away

each_endpoint = pytest.mark.parametrize("route", ENDPOINTS, ids=str)
each_cell = pytest.mark.parametrize(("route", "method"), CELLS, ids=lambda value: str(value))


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
def test_nobody_gets_in_without_a_live_key_or_token(
    worlds: Worlds, untouched: Rows, route: Route
) -> None:
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
        for who, client in callers.items():
            for method in METHODS:
                response = client.generic(method, url)
                assert (who, method, response.status_code) == (who, method, 401)
                assert response.headers["Content-Type"] == "application/problem+json"
                assert leaks(response, world) == []
    assert fingerprint() == untouched


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


@each_cell
def test_each_role_may_exactly_what_the_table_says(
    worlds: Worlds, programs: dict[str, APIClient], route: Route, method: str
) -> None:
    permission = route.api_permission(method)
    answers = {}
    for role, client in programs.items():
        with undone():
            response = client.generic(method, route.url(worlds.aurora), "{}", JSON)
            answers[role] = response.status_code
            assert leaks(response, worlds.boreal) == []
    assert set(answers.values()) & CRASHED == set()
    refused = {role for role, status in answers.items() if status == 403}
    assert refused == {role for role in Role.values if not allows(role, permission)}


@each_cell
def test_a_key_may_exactly_what_its_scopes_say(worlds: Worlds, route: Route, method: str) -> None:
    url = route.url(worlds.aurora)
    with undone():
        client = key_without(worlds.aurora, route.api_permission(method))
        assert client.generic(method, url, "{}", JSON).status_code == 403
    with undone():
        client = by_key(worlds.aurora.secrets["api_key"])
        assert client.generic(method, url, "{}", JSON).status_code not in (401, 403)


@each_endpoint
def test_a_method_that_is_not_offered_changes_nothing(
    worlds: Worlds, untouched: Rows, route: Route
) -> None:
    client = by_key(worlds.aurora.secrets["api_key"])
    with undone():
        for method in sorted(set(METHODS) - set(route.api_methods)):
            response = client.generic(method, route.url(worlds.aurora), "{}", JSON)
            assert (method, response.status_code) == (method, 405)
        assert fingerprint() == untouched


@pytest.mark.parametrize("route", WITH_OBJECT, ids=str)
def test_an_id_of_another_company_is_unknown(worlds: Worlds, untouched: Rows, route: Route) -> None:
    url = route.url(worlds.aurora, of=worlds.boreal)
    callers = (
        by_key(worlds.aurora.secrets["api_key"]),
        by_token(worlds.aurora.company, worlds.aurora.people[Role.OWNER]),
    )
    with undone():
        for method in route.api_methods:
            for client in callers:
                response = client.generic(method, url, "{}", JSON)
                assert (method, response.status_code) == (method, 404)
                assert leaks(response, worlds.boreal) == []
        assert fingerprint() == untouched


@pytest.mark.parametrize("query", ["", "?q=Zuleica", "?phone=+5511987650002"])
@pytest.mark.parametrize(
    "route", [route for route in ENDPOINTS if "GET" in route.api_methods], ids=str
)
def test_no_answer_shows_another_company(worlds: Worlds, route: Route, query: str) -> None:
    with undone():
        client = by_key(worlds.aurora.secrets["api_key"])
        response = client.get(route.url(worlds.aurora) + query)
        assert response.status_code == 200
        assert leaks(response, worlds.boreal) == []


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
