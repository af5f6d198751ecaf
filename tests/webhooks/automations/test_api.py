"""The API: from a draft to a run, and what is refused on the way."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from core.scope import opened, surroundings
from tenants.models import Company
from tests.webhooks.automations.factories import (
    a_definition,
    a_step,
    a_talk,
    hear,
    sent_to,
    text,
    told,
)

URL = "/api/v1/automations/"


@pytest.fixture
def api(aurora: Company, api_client: Callable[..., APIClient]) -> APIClient:
    return api_client(aurora)


def posted(api: APIClient, path: str, data: Any = None) -> Any:
    return api.post(path, data or {}, format="json")


def test_from_a_draft_to_a_run(aurora: Company, api: APIClient) -> None:
    definition = a_definition(text("Oi {{contact.first_name}}"))
    made = posted(api, URL, {"name": "PIX", "definition": definition})
    assert (made.status_code, made.json()["state"], made.json()["problems"]) == (201, "draft", [])
    own = f"{URL}{made.json()['id']}/"
    assert posted(api, f"{own}switch-on/").json()["code"] == "automation_unpublished"
    assert posted(api, f"{own}publish/").json()["number"] == 1
    assert posted(api, f"{own}switch-on/").json()["state"] == "on"
    with opened(aurora), surroundings(aurora):
        talk = a_talk()
        told("pix.created", talk.contact)
        hear()
        assert sent_to(talk.contact) == ["Oi Ana"]
    [run] = api.get(f"{own}runs/").json()["results"]
    detail = api.get(f"/api/v1/automation-runs/{run['id']}/").json()
    assert [line["outcome"] for line in detail["steps"]] == ["held", "done"]
    assert api.get(own).json()["activity"]["today"] == 1
    off = posted(api, f"{own}switch-off/", {"waiting": "stop"})
    assert off.json()["state"] == "off"


def test_a_draft_says_what_it_lacks_and_is_not_published(api: APIClient) -> None:
    made = posted(api, URL, {"name": "PIX", "definition": a_definition({"id": "a", "kind": "x"})})
    assert [one["place"] for one in made.json()["problems"]] == ["steps.a"]
    refused = posted(api, f"{URL}{made.json()['id']}/publish/")
    assert refused.status_code == 422


def test_one_may_begin_with_a_ready_made(api: APIClient) -> None:
    made = posted(api, URL, {"name": "PIX", "ready_made": "pix"})
    assert made.json()["draft"]["trigger"]["params"] == {"types": ["pix.created"]}
    assert posted(api, URL, {"name": "PIX", "ready_made": "no"}).status_code == 422


def test_the_catalogue_names_every_part(api: APIClient) -> None:
    found = api.get(f"{URL}catalogue/").json()
    assert {"event", "keyword", "no_reply", "date_field", "schedule", "source"} <= {
        one["kind"] for one in found["triggers"]
    }
    [send] = [one for one in found["actions"] if one["kind"] == "send_text"]
    assert [one["input"] for one in send["fields"]] == ["textarea", "choice"]


def test_a_dry_run_over_the_api(aurora: Company, api: APIClient) -> None:
    from webhooks.automations.services import dry_runs

    made = posted(api, URL, {"name": "PIX", "definition": a_definition(text("Oi"))}).json()
    with opened(aurora), surroundings(aurora):
        told("pix.created", a_talk().contact)
    dry = posted(api, f"{URL}{made['id']}/dry-runs/").json()
    with opened(aurora), surroundings(aurora):
        [(key, _at)] = dry_runs.due(None)
        dry_runs.go_on(key)
    own = f"/api/v1/dry-runs/{dry['id']}/"
    assert api.get(own).json()["counts"]["starts"] == 1
    assert len(api.get(f"{own}items/?starts=true").json()["results"]) == 1
    assert api.get(f"{own}items/?starts=false").json()["results"] == []
    assert posted(api, f"{own}cancel/").status_code == 409


@pytest.mark.parametrize(
    "parts",
    [
        {"trigger": "pix.created"},
        {"trigger": None},
        {"conditions": []},
        {"conditions": {"items": ["x"]}},
        {"steps": [{"id": "a", "kind": "wait", "params": "1 hour"}]},
        {"steps": [{"id": "a", "kind": "branch", "if": [], "then": {}}]},
        {"limits": 3},
        {"trigger": {"kind": "event", "params": {"types": ["a\0b"]}}},
    ],
)
def test_a_draft_that_no_page_could_show_is_refused(api: APIClient, parts: dict[str, Any]) -> None:
    refused = posted(api, URL, {"name": "x", "definition": {**a_definition(), **parts}})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")


def test_a_draft_with_names_where_ids_belong_is_shown_and_says_what_is_wrong(
    aurora: Company, api: APIClient, client_for: Callable[..., Client]
) -> None:
    definition = {
        **a_definition(a_step("add_tag", tags=["VIP"]), a_step("wait_until", at="09:00", zone="x")),
        "trigger": {"kind": "tag_added", "params": {"tags": ["VIP"]}},
        "conditions": {"items": [{"kind": "tag", "op": "any_of", "value": ["VIP"]}]},
    }
    made = posted(api, URL, {"name": "Cheia de erros", "definition": definition})
    assert made.status_code == 201
    places = {problem["place"].rpartition(".")[2] for problem in made.json()["problems"]}
    assert {"tags", "zone", "0"} <= places
    assert b"Cheia de erros" in client_for(aurora).get("/c/aurora/automations/").content
