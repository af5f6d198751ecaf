"""`/api/v1/campaigns/` by the contract's names (api.md)."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.models import Campaign
from campaigns.services.preparation import prepare
from core import ids
from core.scope import opened
from messaging.models import Message
from tenants.models import Company
from tests.campaigns.factories import a_connection, a_template
from tests.campaigns.test_lifecycle import contacts

Keys = Callable[..., APIClient]

COUNTS = {
    "total",
    "queued",
    "sending",
    "sent",
    "delivered",
    "read",
    "replied",
    "failed",
    "skipped",
    "cancelled",
    "unknown",
}


@pytest.fixture
def body(aurora: Company) -> dict:
    with opened(aurora):
        contacts(3)
        template = a_template(a_connection())
        return {
            "name": "Natal",
            "connection": ids.encode("cnx", template.connection_id),
            "template": ids.encode("tpl", template.pk),
            "variables": {"nome": {"field": "first_name", "fallback": "cliente"}},
            "audience": {"all": True},
        }


def test_the_whole_life_by_the_contracts_names(
    aurora: Company, api_client: Keys, body: dict
) -> None:
    api = api_client(aurora)
    created = api.post(reverse("api-campaigns"), body, format="json")
    assert created.status_code == 201, created.json()
    address = reverse("api-campaign", args=[created.json()["id"]])
    assert created.json()["state"] == "draft"
    check = api.post(f"{address}preflight/").json()
    assert (check["total"], check["sendable"], check["skipped"]) == (3, 3, [])
    assert api.post(f"{address}start/").json()["state"] == "preparing"
    with opened(aurora):
        prepare(Campaign.objects.get().pk)
    assert api.post(f"{address}pause/").json()["state"] == "paused"
    assert api.post(f"{address}resume/").json()["state"] == "running"
    shown = api.get(address).json()
    assert set(shown["counts"]) == COUNTS
    assert shown["counts"]["total"] == shown["counts"]["queued"] == 3
    recipients = api.get(f"{address}messages/", {"state": "queued"}).json()["results"]
    assert [(row["state"], row["reason"]) for row in recipients] == [("queued", None)] * 3
    assert api.post(f"{address}cancel/").json()["state"] == "cancelled"
    again = api.post(f"{address}start/")
    assert again.status_code == 409
    assert again["Content-Type"].startswith("application/problem+json")


def test_an_idempotency_key_makes_one_campaign(
    aurora: Company, api_client: Keys, body: dict
) -> None:
    api = api_client(aurora)
    first, second = (
        api.post(reverse("api-campaigns"), body, format="json", headers={"Idempotency-Key": "one"})
        for _ in range(2)
    )
    assert first.json()["id"] == second.json()["id"]
    with opened(aurora):
        assert Campaign.objects.count() == 1


def test_faults_are_named_field_by_field(aurora: Company, api_client: Keys, body: dict) -> None:
    api = api_client(aurora)
    wrong = {**body, "variables": {}, "audience": {"tags": ["nobody"]}}
    answer = api.post(reverse("api-campaigns"), wrong, format="json")
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"variables.nome", "audience"}


def test_another_companys_campaign_does_not_exist(
    aurora: Company, boreal: Company, api_client: Keys, body: dict
) -> None:
    created = api_client(aurora).post(reverse("api-campaigns"), body, format="json").json()
    stranger = api_client(boreal)
    assert stranger.get(reverse("api-campaign", args=[created["id"]])).status_code == 404
    assert stranger.get(reverse("api-campaigns")).json()["results"] == []
    borrowed = stranger.post(reverse("api-campaigns"), body, format="json")
    assert {error["field"] for error in borrowed.json()["errors"]} == {"connection"}
    with opened(boreal):
        assert Message.objects.count() == 0


def test_a_key_without_the_scope_only_reads(aurora: Company, api_client: Keys, body: dict) -> None:
    api = api_client(aurora, "campaigns.view")
    assert api.get(reverse("api-campaigns")).status_code == 200
    assert api.post(reverse("api-campaigns"), body, format="json").status_code == 403
