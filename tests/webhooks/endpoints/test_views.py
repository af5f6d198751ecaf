"""The pages of endpoints: made, tried, changed, switched off, and what did not arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from core import scope
from tenants.links import company_path
from tenants.models import Company
from tests.webhooks.endpoints import driving, rows
from tests.webhooks.endpoints.sink import Sink
from webhooks.endpoints.enums import DispatchState, EndpointState
from webhooks.endpoints.models import Dispatch, Endpoint, Redrive

HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(aurora: Company, client_for: Callable[..., Client]) -> Client:
    return client_for(aurora)


@contextmanager
def inside(company: Company) -> Iterator[None]:
    with scope.opened(company), scope.surroundings(company):
        yield


def test_an_endpoint_is_made_in_a_dialog_and_its_secret_is_shown_this_once(
    aurora: Company, client: Client, sink: Sink
) -> None:
    path = company_path(aurora, "endpoint-new")
    assert b"contact.created" in client.get(path).content
    form = {
        "name": "",
        "url": sink.url(),
        "which": "some",
        "types": ["contact.created", "message.received"],
        "headers": "Authorization: Bearer abc\nX-Team: vendas",
    }
    answer = client.post(path, form, headers=HTMX)
    assert b"whsec_" in answer.content
    assert answer["Cache-Control"] == "no-store"
    with scope.opened(aurora):
        endpoint = Endpoint.objects.get()
        assert endpoint.name == "127.0.0.1"
        assert endpoint.types == ["message.received", "contact.created"]
        assert endpoint.headers == {"Authorization": "Bearer abc", "X-Team": "vendas"}
    page = client.get(company_path(aurora, "endpoint", endpoint.pk))
    assert b"whsec_" not in page.content
    assert b"Bearer abc" not in page.content


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("url", "http://93.184.215.14/", "https://"),
        ("url", "http://127.0.0.1:1/", "OUTBOUND_ALLOWED_PRIVATE"),
        ("url", "http://localhost:1/", "OUTBOUND_ALLOWED_PRIVATE"),
        ("url", "https://169.254.169.254/latest", "public internet"),
        ("headers", "Host: x", "ours to write"),
        ("headers", "no colon", "each line"),
        ("types", ["no.such"], "no.such"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    aurora: Company, client: Client, field: str, value: Any, sentence: str
) -> None:
    form = {"url": "https://93.184.215.14/", "which": "some", "types": [], field: value}
    answer = client.post(company_path(aurora, "endpoint-new"), form, headers=HTMX)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_stored_headers_are_never_shown_and_stay_unless_told_otherwise(
    aurora: Company, client: Client
) -> None:
    with inside(aurora):
        endpoint = rows.an_endpoint()
        endpoint.headers = {"Authorization": "Basic c2VncmVkbw=="}
        endpoint.save()
    path = company_path(aurora, "endpoint-edit", endpoint.pk)
    assert b"c2VncmVkbw" not in client.get(path).content
    form = {"name": "n8n", "url": endpoint.url, "which": "all", "headers": "X-Team: vendas"}
    assert client.post(path, {**form, "keeps_headers": "on"}, headers=HTMX)["HX-Redirect"]
    with inside(aurora):
        endpoint = Endpoint.objects.get()
        assert endpoint.wants_all
        assert endpoint.headers == {
            "Authorization": "Basic c2VncmVkbw==",
            "X-Team": "vendas",
        }
    client.post(path, form, headers=HTMX)
    with inside(aurora):
        assert Endpoint.objects.get().headers == {"X-Team": "vendas"}


def test_a_test_shows_the_answer_in_the_dialog(aurora: Company, client: Client, sink: Sink) -> None:
    with inside(aurora):
        endpoint = rows.an_endpoint(url=sink.url("/echo"))
    path = company_path(aurora, "endpoint-test", endpoint.pk)
    assert client.post(path, {"type": "contact.created"}).status_code == 200
    with inside(aurora):
        dispatch = Dispatch.objects.get()
    watched = company_path(aurora, "endpoint-delivery-test", dispatch.pk)
    assert "every 700ms" in client.get(watched).content.decode()
    with inside(aurora):
        driving.send_all()
    answer = client.get(watched)
    assert answer["HX-Trigger"] == "endpoints-changed"  # for the page behind the dialog
    shown = answer.content.decode()
    assert "every 700ms" not in shown
    assert "contact.created" in shown


def test_an_endpoint_is_switched_off_and_on_and_deleted(aurora: Company, client: Client) -> None:
    with inside(aurora):
        endpoint = rows.an_endpoint()
        waiting = rows.a_dispatch(endpoint)
    client.post(company_path(aurora, "endpoint-deactivate", endpoint.pk))
    with inside(aurora):
        assert Dispatch.objects.get().state == DispatchState.HELD
    client.post(company_path(aurora, "endpoint-activate", endpoint.pk), {"held": "on"})
    with inside(aurora):
        assert Endpoint.objects.get().state == EndpointState.ACTIVE
        assert Redrive.objects.get().state == DispatchState.HELD
    client.post(company_path(aurora, "endpoint-delete", endpoint.pk))
    assert client.get(company_path(aurora, "endpoint", endpoint.pk)).status_code == 404
    assert client.get(company_path(aurora, "endpoint-delivery", waiting.pk)).status_code == 200


def test_undelivered_events_are_listed_filtered_and_sent_again(
    aurora: Company, client: Client
) -> None:
    with inside(aurora):
        dead = rows.an_undelivered()
    path = company_path(aurora, "endpoint-undelivered")
    link = company_path(aurora, "endpoint-delivery", dead.pk).encode()
    assert link in client.get(path).content
    assert link not in client.get(path, {"type": "contact.deleted"}).content
    assert link not in client.get(path, {"state": "held"}, headers=HTMX).content
    client.post(company_path(aurora, "endpoint-redrive"), {"type": "contact.created"})
    with inside(aurora):
        assert Redrive.objects.get().type == "contact.created"


def test_sending_again_to_an_endpoint_that_is_off_is_refused_in_words(
    aurora: Company, client: Client
) -> None:
    with inside(aurora):
        off = rows.an_endpoint(state=EndpointState.DISABLED, cause="failing")
        dead = rows.an_undelivered(off)
    path = company_path(aurora, "endpoint-delivery-retry", dead.pk)
    assert "Activate it first" in client.post(path, follow=True).content.decode()
    with inside(aurora):
        assert Dispatch.objects.get().state == DispatchState.DEAD


def test_the_catalogue_finds_a_type_and_shows_its_schema_and_sample(
    aurora: Company, client: Client
) -> None:
    path = company_path(aurora, "endpoint-catalogue")
    found = client.get(path, {"q": "contact created"}, headers=HTMX).content.decode()
    assert "contact.created" in found
    assert "campaign.created" not in found
    shown = client.get(path, {"type": "contact.created"}, headers=HTMX).content.decode()
    assert "json-schema.org/draft/2020-12" in shown
    assert "Ana Souza" in shown


def test_the_table_stands_alone(aurora: Company, client: Client) -> None:
    with inside(aurora):
        rows.an_endpoint(name="n8n da loja")
    table = client.get(company_path(aurora, "endpoint-list"), headers=HTMX).content.decode()
    assert "n8n da loja" in table
    assert "<html" not in table
