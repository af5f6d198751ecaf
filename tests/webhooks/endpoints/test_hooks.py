"""REST hooks, as Zapier uses them: subscribe, sample, poll, unsubscribe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from core import scope
from core.ids import encode
from tenants.models import Company
from tests.webhooks.endpoints import driving
from tests.webhooks.endpoints.sink import Sink
from webhooks.endpoints.enums import EndpointState
from webhooks.endpoints.models import Endpoint
from webhooks.endpoints.services import endpoints, hooks

HOOKS = "/api/v1/hooks/"


@pytest.fixture
def client(aurora: Company, api_client: Callable[..., APIClient]) -> APIClient:
    return api_client(aurora)


def test_a_subscription_gets_its_events_until_it_is_ended(
    aurora: Company, client: APIClient, sink: Sink
) -> None:
    body = {"target_url": sink.url("/hooks/1"), "event": "contact.deleted"}
    made = client.post(HOOKS, body, format="json")
    assert made.status_code == 201
    assert made.json() == {**body, "id": made.json()["id"]}
    assert client.post(HOOKS, body, format="json").json()["id"] == made.json()["id"]
    with scope.opened(aurora), scope.surroundings(aurora):
        [event] = driving.queued()
        driving.send_all()
    assert len(sink.got) == 1
    polled = client.get("/api/v1/events/recent/?event=contact.deleted").json()
    assert [one["sequence"] for one in polled] == [event.sequence]
    assert polled[0]["id"] == sink.got[0].headers["webhook-id"]
    assert client.delete(f"{HOOKS}{made.json()['id']}/").status_code == 204
    with scope.opened(aurora), scope.surroundings(aurora):
        driving.queued()
        driving.send_all()
        assert Endpoint.objects.present().count() == 0
    assert len(sink.got) == 1


def test_an_address_that_answers_410_is_unsubscribed(
    aurora: Company, client: APIClient, sink: Sink
) -> None:
    body = {"target_url": sink.url("/status/410"), "event": "contact.deleted"}
    hook = client.post(HOOKS, body, format="json").json()["id"]
    with scope.opened(aurora), scope.surroundings(aurora):
        driving.queued()
        driving.send_all()
    assert client.delete(f"{HOOKS}{hook}/").status_code == 404


def test_the_sample_has_the_shape_of_a_delivery(client: APIClient) -> None:
    [sample] = client.get(f"{HOOKS}sample/?event=message.received").json()
    assert set(sample) == {
        "id", "type", "version", "created_at", "company", "sequence", "data",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["hooks/sample/?event=x.y", "events/recent/?event=x.y"])
def test_an_unknown_type_is_refused_in_words(client: APIClient, path: str) -> None:
    refused = client.get(f"/api/v1/{path}")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "event"


def test_a_bad_address_is_refused_under_its_own_name(client: APIClient) -> None:
    body = {"target_url": "http://10.0.0.1/", "event": "contact.deleted"}
    refused = client.post(HOOKS, body, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "target_url")


def test_who_subscribes_again_is_heard_of_again(
    aurora: Company, client: APIClient, sink: Sink
) -> None:
    body = {"target_url": sink.url("/hooks/1"), "event": "contact.deleted"}
    first = client.post(HOOKS, body, format="json").json()["id"]
    with scope.opened(aurora), scope.surroundings(aurora):
        Endpoint.objects.update(state=EndpointState.DISABLED, cause="failing")
    assert client.post(HOOKS, body, format="json").json()["id"] == first
    with scope.opened(aurora), scope.surroundings(aurora):
        assert Endpoint.objects.get().is_active


def test_subscriptions_take_turns(company: Company, sink: Sink) -> None:
    with CaptureQueriesContext(connection) as asked:
        hooks.subscribe(target_url=sink.url("/hooks/1"), event="contact.deleted")
    said = [one["sql"] for one in asked]
    turn = next(place for place, sql in enumerate(said) if "pg_advisory_xact_lock" in sql)
    assert not any("endpoints_endpoint" in sql for sql in said[:turn])


def test_what_people_made_is_not_ended_as_a_subscription(
    aurora: Company, client: APIClient, sink: Sink
) -> None:
    with scope.opened(aurora), scope.surroundings(aurora):
        made, _secret = endpoints.create_endpoint(url=sink.url("/hooks/1"), types=[])
    assert client.delete(f"{HOOKS}{encode('end', made.pk)}/").status_code == 404
    with scope.opened(aurora):
        assert Endpoint.objects.present().count() == 1
