"""Message search and saved views by the API."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from conversations import search
from core import ids
from core.scope import opened
from tenants.api import tokens
from tenants.enums import Role
from tenants.models import Company, Membership
from tests.conftest import make_member
from tests.conversations.factories import a_conversation, received

SEARCH = "/api/v1/messages/search/"
VIEWS = "/api/v1/saved-views/"


@pytest.fixture
def agent(aurora: Company) -> APIClient:
    """An agent's own program."""
    person = make_member(aurora, Role.AGENT)
    membership = Membership.objects.get(company=aurora, person=person)
    return APIClient(headers={"Authorization": f"Bearer {tokens.issue(membership)['access']}"})


def test_messages_are_found_page_by_page_without_repeats(
    aurora: Company, api_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SIZE", 2)
    with opened(aurora):
        talk = a_conversation()
        number = talk.thread.connection
        said = [received(number, f"Promoção número {n}").pk for n in range(3)]
        received(number, "Outra coisa")
    client = api_client(aurora, "conversations.view")
    found, url = [], f"{SEARCH}?q=promocao nume"
    while url:
        page = client.get(url).json()
        found += page["results"]
        url = page["next"]
    assert [hit["message"]["id"] for hit in found] == [ids.encode("msg", pk) for pk in said[::-1]]
    assert {hit["conversation"] for hit in found} == {ids.encode("cnv", talk.pk)}
    assert found[0]["excerpt"] == "Promoção número 2"


def test_a_search_for_nothing_finds_nothing(aurora: Company, api_client: Any) -> None:
    with opened(aurora):
        a_conversation()
    answer = api_client(aurora, "conversations.view").get(SEARCH)
    assert answer.json() == {"next": None, "previous": None, "results": []}


def test_members_keep_views_of_their_own(agent: APIClient) -> None:
    wanted = {"name": "Esperando", "query": "who=teams&order=waiting&nonsense=1"}
    kept = agent.post(VIEWS, wanted, format="json").json()
    assert (kept["name"], kept["query"]) == ("Esperando", "who=teams&order=waiting")
    again = agent.post(VIEWS, {**wanted, "query": "unread=1"}, format="json").json()
    assert (again["id"], again["query"]) == (kept["id"], "unread=1")
    assert [row["id"] for row in agent.get(VIEWS).json()["results"]] == [kept["id"]]
    assert agent.delete(f"{VIEWS}{kept['id']}/").status_code == 204
    assert agent.get(VIEWS).json()["results"] == []


def test_a_key_is_nobody_and_keeps_none(aurora: Company, api_client: Any) -> None:
    client = api_client(aurora, "conversations.view")
    assert client.get(VIEWS).json()["results"] == []
    answer = client.post(VIEWS, {"name": "Minha", "query": ""}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_member")
