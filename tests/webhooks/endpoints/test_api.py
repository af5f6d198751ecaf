"""Endpoints, deliveries and the catalogue as programs use them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from core import ids, scope
from tenants.models import Company
from tests.webhooks.endpoints import driving, rows
from tests.webhooks.endpoints.sink import Sink
from webhooks.endpoints.enums import EndpointState
from webhooks.endpoints.models import Endpoint


@pytest.fixture
def client(aurora: Company, api_client: Callable[..., APIClient]) -> APIClient:
    return api_client(aurora)


def test_an_endpoint_is_created_changed_rotated_and_deleted(
    aurora: Company, client: APIClient, sink: Sink
) -> None:
    body = {"url": sink.url(), "types": ["contact.deleted"], "headers": {"X-Team": "vendas"}}
    made = client.post("/api/v1/endpoints/", body, format="json")
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    assert made.json()["header_names"] == ["X-Team"]
    url = f"/api/v1/endpoints/{made.json()['id']}/"
    assert "secret" not in client.get(url).json()
    changed = client.patch(url, {"wants_all": True}, format="json").json()
    assert (changed["wants_all"], changed["header_names"]) == (True, ["X-Team"])
    rotated = client.post(f"{url}rotate-secret/").json()["secret"]
    assert rotated != made.json()["secret"]
    assert client.post(f"{url}deactivate/").json()["state"] == "inactive"
    assert client.post(f"{url}activate/", {"send_held": True}, format="json").json()["state"] == (
        "active"
    )
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


def test_what_is_refused_names_its_field(client: APIClient) -> None:
    refused = client.post(
        "/api/v1/endpoints/", {"url": "https://10.0.0.1/", "headers": {}}, format="json"
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "url"


def test_a_test_and_its_delivery_can_be_followed(
    aurora: Company, client: APIClient, sink: Sink
) -> None:
    with scope.opened(aurora):
        endpoint = rows.an_endpoint(url=sink.url("/status/500"))
    url = f"/api/v1/endpoints/{ids.encode('end', endpoint.pk)}/"
    sent = client.post(f"{url}test/", {"type": "contact.created"}, format="json")
    assert sent.status_code == 202
    with scope.opened(aurora), scope.surroundings(aurora):
        driving.send_all()
    delivery = client.get(f"/api/v1/deliveries/{sent.json()['id']}/").json()
    assert (delivery["state"], delivery["last_status"]) == ("dead", 500)
    [attempt] = delivery["tries"]
    assert attempt["request_headers"]["webhook-signature"] == "••••"
    assert client.get(f"{url}deliveries/?state=dead").json()["results"][0]["id"] == delivery["id"]
    assert client.get(f"{url}deliveries/?state=held").json()["results"] == []


def test_a_retry_on_a_disabled_endpoint_is_refused_in_words(
    aurora: Company, client: APIClient
) -> None:
    with scope.opened(aurora):
        dead = rows.an_undelivered(rows.an_endpoint(state=EndpointState.DISABLED))
    refused = client.post(f"/api/v1/deliveries/{ids.encode('dlv', dead.pk)}/retry/")
    assert refused.status_code == 409
    assert "Ative-o primeiro" in refused.json()["detail"]
    assert client.post("/api/v1/endpoints/undelivered/send/", {}, format="json").status_code == 202


def test_the_catalogue_is_there_with_schemas_and_samples(client: APIClient) -> None:
    results = client.get("/api/v1/event-types/").json()["results"]
    found = {one["name"]: one for one in results}
    assert found["message.read"]["schema"]["properties"]["type"] == {"const": "message.read"}
    assert found["pix.created"]["sample"]["data"]["pix_code"].startswith("000201")


def test_scopes_are_asked_for(aurora: Company, api_client: Callable[..., APIClient]) -> None:
    viewer = api_client(aurora, "webhooks.view")
    assert viewer.get("/api/v1/endpoints/").status_code == 200
    body = {"url": "https://93.184.215.14/"}
    assert viewer.post("/api/v1/endpoints/", body, format="json").status_code == 403
    with scope.opened(aurora):
        assert Endpoint.objects.count() == 0
