"""What a member does not see in the inbox is unknown to them at every door that names it."""

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations.enums import Sight
from conversations.services import inbox_settings
from core import ids, scope, topics
from tenants.enums import Role
from tenants.models import Membership
from tests.databases import undone
from tests.isolation import routes
from tests.isolation.conftest import SignIn, Worlds
from tests.isolation.routes import Route
from tests.isolation.test_api import by_token

HIDDEN = {"conversation", "message", "media", "scheduled"}
# Of a campaign's recipient, who is no conversation: the campaign's readers see what it sent.
OF_CAMPAIGNS = {"campaign-story", "api-message-timeline"}
DOORS = [
    route
    for route in routes.pages()
    if route.parameters and routes.thing_of_page(route.name) in HIDDEN
]
API_DOORS = [
    route
    for route in routes.api()
    if route.parameters and routes.resource_of(route.name)[0] in HIDDEN
]


@pytest.fixture(autouse=True)
def rolled_back(worlds: Worlds) -> Iterator[None]:
    with undone():
        yield


def limit(worlds: Worlds, sight: Sight) -> None:
    with scope.opened(worlds.aurora.company), scope.surroundings(worlds.aurora.company):
        inbox_settings.change(agents_see=sight, actor="system")
        inbox_settings.forget_current()


def program_of_agent(worlds: Worlds) -> APIClient:
    return by_token(worlds.aurora.company, worlds.aurora.people[Role.AGENT])


@pytest.mark.parametrize(
    "route", [route for route in DOORS if route.name not in OF_CAMPAIGNS], ids=str
)
def test_no_page_opens_what_an_agent_does_not_see(
    worlds: Worlds, as_person: SignIn, route: Route
) -> None:
    limit(worlds, Sight.OWN)
    agent = as_person(worlds.aurora.people[Role.AGENT])
    url = route.url(worlds.aurora)
    answers = {method: agent.generic(method, url).status_code for method in ("GET", "POST")}
    assert set(answers.values()) <= {404, 405}, answers
    assert 404 in answers.values()


@pytest.mark.parametrize(
    "route", [route for route in API_DOORS if route.name not in OF_CAMPAIGNS], ids=str
)
def test_no_endpoint_answers_of_what_an_agent_does_not_see(worlds: Worlds, route: Route) -> None:
    limit(worlds, Sight.OWN)
    client = program_of_agent(worlds)
    for method in route.api_methods:
        answer = client.generic(method, route.url(worlds.aurora))
        assert answer.status_code == 404, (method, answer.status_code)


def test_lists_numbers_and_search_hold_nothing_of_it(worlds: Worlds, as_person: SignIn) -> None:
    agent, marker = as_person(worlds.aurora.people[Role.AGENT]), worlds.aurora.marker
    addresses = [
        ("inbox", {}),
        ("inbox", {"who": "nobody"}),
        ("inbox", {"q": "Zuleica"}),
        ("inbox", {"q": "tarde"}),
    ]

    def shown() -> list[bool]:
        urls = [(routes.company_path(worlds.aurora.company, n), q) for n, q in addresses]
        answers = [agent.get(url, query, headers={"HX-Request": "true"}) for url, query in urls]
        listed = program_of_agent(worlds).get("/api/v1/conversations/").json()["results"]
        return [marker in answer.content.decode() for answer in answers] + [bool(listed)]

    assert shown() == [True] * 5
    limit(worlds, Sight.OWN)
    assert shown() == [False] * 5


def test_nothing_is_done_with_it_in_bulk(worlds: Worlds, as_person: SignIn) -> None:
    limit(worlds, Sight.OWN)
    talk = worlds.aurora.things["conversation"]
    url = routes.company_path(worlds.aurora.company, "inbox-bulk")
    agent = as_person(worlds.aurora.people[Role.AGENT])
    agent.post(url, {"action": "resolve", "ids": [str(talk.pk)]})
    with scope.opened(worlds.aurora.company):
        talk.refresh_from_db()
    assert talk.status == "open"


def test_nobody_begins_or_writes_into_it_by_another_door(worlds: Worlds, as_person: SignIn) -> None:
    limit(worlds, Sight.OWN)
    things = worlds.aurora.things
    url = routes.company_path(worlds.aurora.company, "conversation-start", id=things["contact"].pk)
    agent = as_person(worlds.aurora.people[Role.AGENT])
    number = {"connection": things["connection"].pk}
    assert agent.post(url, number, headers={"HX-Request": "true"}).status_code == 409
    answer = program_of_agent(worlds).post(
        "/api/v1/messages/",
        {
            "contact": ids.encode("con", things["contact"].pk),
            "connection": ids.encode("cnx", things["connection"].pk),
            "text": "Oi",
        },
        format="json",
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "conversation_hidden")


def test_the_contacts_page_leaves_it_out(worlds: Worlds, as_person: SignIn) -> None:
    things = worlds.aurora.things
    url = routes.company_path(worlds.aurora.company, "contact", id=things["contact"].pk)
    agent = as_person(worlds.aurora.people[Role.AGENT])
    address = routes.company_path(
        worlds.aurora.company, "conversation", id=things["conversation"].pk
    )
    assert address in agent.get(url).content.decode()
    limit(worlds, Sight.OWN)
    assert address not in agent.get(url).content.decode()


def test_nobody_hears_of_it(worlds: Worlds) -> None:
    topic = f"conversation:{worlds.aurora.things['conversation'].pk}"

    def heard(role: str) -> bool:
        with scope.opened(worlds.aurora.company):
            return topics.allowed(worlds.aurora.member(role), topic)

    assert heard(Role.AGENT)
    limit(worlds, Sight.OWN)
    assert (heard(Role.AGENT), heard(Role.VIEWER), heard(Role.MANAGER)) == (False, True, True)


def test_what_everybody_sees_stays_open(worlds: Worlds, as_person: SignIn) -> None:
    """Else the walk above would be content with doors that open for nobody."""
    limit(worlds, Sight.TEAMS)  # it is of no team, and nobody's
    agent = as_person(worlds.aurora.people[Role.AGENT])
    found: dict[str, Any] = {
        route.name: agent.get(route.url(worlds.aurora)).status_code
        for route in DOORS
        if route.name in ("conversation", "media", "message-why", "conversation-panel")
    }
    assert set(found.values()) == {200}
    assert Membership.objects.filter(role=Role.AGENT).exists()
