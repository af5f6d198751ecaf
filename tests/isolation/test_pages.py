"""Every page of a company, as anybody who must not see it, and as each role that may or may not."""

from itertools import product
from typing import Any

import pytest
from django.test import Client

from tenants.enums import CompanyState, Role
from tenants.models import Company, Membership
from tenants.permissions import allows
from tests.databases import undone
from tests.isolation import routes
from tests.isolation.checks import Rows, leaks, unchanged
from tests.isolation.conftest import SignIn, Worlds
from tests.isolation.routes import Route

PAGES = routes.pages()
WITH_OBJECT = [route for route in PAGES if route.parameters]
METHODS = ("GET", "POST")
ANONYMOUS = Client()
CRASHED = {500, 502, 504}  # 503 is an answer: the provider is away
# Found only in another state of the object, or with a second id in the form.
NEEDS_MORE = {
    "contact-restore",
    "conversation-start",
    "conversation-template-preview",
    "conversation-send-again",
    "conversation-scheduled",
    # The world's number is of WhatsApp, where none are sold.
    "connection-offers",
    "connection-numbers",
    "connection-number-buy",
    "connection-number-assign",
    "connection-number-give-back",
    "integration-new",  # which system stands in its query
    "retention-edit",  # which kind of data stands in its query
}
QUERIES = ("canary", "Zuleica", "+5511987650002", "wamid")

each_page = pytest.mark.parametrize("route", PAGES, ids=str)


@each_page
def test_a_stranger_to_the_platform_is_sent_to_sign_in_and_back(
    worlds: Worlds, route: Route
) -> None:
    url = route.url(worlds.boreal)
    with undone():
        answers = {method: ANONYMOUS.generic(method, url) for method in METHODS}
    sent = {method: (each.status_code, each.get("Location")) for method, each in answers.items()}
    assert sent == dict.fromkeys(METHODS, (302, f"/accounts/login/?next={url}"))


@each_page
def test_who_is_no_member_finds_nothing_there(
    worlds: Worlds, as_person: SignIn, untouched: Rows, route: Route
) -> None:
    outsiders = {
        "member of another company": worlds.aurora.people[Role.OWNER],
        "former member": worlds.boreal.people["former"],
    }
    answers = {}
    with undone(), unchanged(untouched):
        for who, method in product(outsiders, METHODS):
            response = as_person(outsiders[who]).generic(method, route.url(worlds.boreal))
            answers[who, method] = response.status_code, leaks(response, worlds.boreal)
    assert answers == dict.fromkeys(answers, (404, []))


@each_page
def test_a_suspended_company_is_there_for_nobody(
    worlds: Worlds, as_person: SignIn, route: Route
) -> None:
    with undone():
        Company.objects.filter(pk=worlds.boreal.company.pk).update(state=CompanyState.SUSPENDED)
        response = as_person(worlds.boreal.people[Role.OWNER]).get(route.url(worlds.boreal))
        assert response.status_code == 404
        assert leaks(response, worlds.boreal) == []


@each_page
def test_each_role_may_exactly_what_the_table_says(
    worlds: Worlds, as_person: SignIn, route: Route
) -> None:
    leaking, asked = [], {}
    for method in METHODS:
        answers = asked[method] = {}
        for role in Role.values:
            with undone():
                client = as_person(worlds.aurora.people[role])
                response = client.generic(method, route.url(worlds.aurora))
                answers[role] = response.status_code
                if leaks(response, worlds.boreal):
                    leaking.append((method, role))
    assert leaking == []
    found = {method: faults_of(route, method, answers) for method, answers in asked.items()}
    assert found == dict.fromkeys(METHODS, ())


def faults_of(route: Route, method: str, answers: dict[str, int]) -> tuple[Any, ...]:
    """What is wrong with the answers that the roles got, in words; nothing if all is well."""
    if crashed := {role: status for role, status in answers.items() if status in CRASHED}:
        return "crashed", crashed
    if answers[Role.OWNER] == 404 and route.name not in NEEDS_MORE:
        return "unknown to the owner", answers
    refused = {role for role, status in answers.items() if status == 403}
    without = {role for role in Role.values if not allows(role, route.permission(method))}
    # 405 to the owner: nobody can do it at all.
    if answers[Role.OWNER] != 405 and refused != without:
        return "refused", refused, "have not the permission", without
    return ()


@pytest.mark.parametrize("route", WITH_OBJECT, ids=str)
def test_an_id_of_another_company_is_unknown(
    worlds: Worlds, as_person: SignIn, untouched: Rows, route: Route
) -> None:
    client = as_person(worlds.aurora.people[Role.OWNER])
    url = route.url(worlds.aurora, of=worlds.boreal)
    answers = {}
    for method in METHODS:
        with undone(), unchanged(untouched):
            response = client.generic(method, url)
            answers[method] = response.status_code, leaks(response, worlds.boreal)
    fine = [(404, []), (405, [])]
    assert {method: each for method, each in answers.items() if each not in fine} == {}


@pytest.mark.parametrize("route", [page for page in PAGES if not page.parameters], ids=str)
def test_no_search_finds_another_companys_rows(
    worlds: Worlds, as_person: SignIn, route: Route
) -> None:
    queries = QUERIES if route.name in ("search", "contacts") else QUERIES[:1]
    client = as_person(worlds.aurora.people[Role.OWNER])
    for query in queries:
        with undone():
            response = client.get(route.url(worlds.aurora), {"q": query})
            assert response.status_code < 500
            assert leaks(response, worlds.boreal) == []


def test_who_leaves_loses_the_company_with_the_next_request(
    worlds: Worlds, as_person: SignIn
) -> None:
    url = routes.company_path(worlds.boreal.company, "contacts")
    with undone():
        viewer = as_person(worlds.boreal.people[Role.VIEWER])
        assert viewer.get(url).status_code == 200
        Membership.objects.filter(pk=worlds.boreal.things["membership"].pk).delete()
        assert viewer.get(url).status_code == 404


def test_the_worlds_own_pages_do_show_the_marker(worlds: Worlds, as_person: SignIn) -> None:
    """Else the other tests would look for what no page ever shows."""
    for name in ("contacts", "contact", "campaigns", "connections", "imports", "tags", "event"):
        [route] = [page for page in PAGES if page.name == name]
        response = as_person(worlds.boreal.people[Role.OWNER]).get(route.url(worlds.boreal))
        assert worlds.boreal.marker in leaks(response, worlds.boreal), name
