"""`/api/v1/connections/`: secrets go in and never come out."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from connections.models import Connection
from core import scope
from sandbox.accounts import DEMO_TOKEN, DEMO_WABA
from sandbox.testing import Handle
from tenants.models import Company
from tests.connections.factories import NUMBER, connected, control, demo_values

pytestmark = pytest.mark.django_db
URL = "/api/v1/connections/"


@pytest.fixture
def api(aurora: Company, sandbox: Handle, api_client: Callable[..., APIClient]) -> APIClient:
    control(sandbox, "reset", what=["accounts", "settings"])
    return api_client(aurora)


@pytest.fixture
def existing(api: APIClient, aurora: Company) -> Connection:
    with scope.opened(aurora):
        return connected()


def create(api: APIClient, **changed: str) -> Any:
    return api.post(URL, {**demo_values(), **changed}, format="json")


def detail(api: APIClient) -> str:
    return f"{URL}{api.get(URL).json()['results'][0]['id']}/"


def test_a_number_is_connected_and_shown(api: APIClient) -> None:
    answer = create(api, name="Vendas")
    assert answer.status_code == 201
    body = answer.json()
    assert body["id"].startswith("cnx_")
    assert (body["name"], body["state"], body["quality"]) == ("Vendas", "active", "GREEN")
    assert body["display_number"] == "+55 11 4000-1000"
    assert api.get(URL).json()["results"] == [body]
    assert api.get(f"{URL}{body['id']}/").json() == body


def test_secrets_never_come_out(api: APIClient, existing: Connection) -> None:
    for answer in (api.get(URL), api.get(detail(api)), api.post(f"{detail(api)}check/")):
        assert DEMO_TOKEN not in answer.content.decode()
        assert existing.credentials_sealed not in answer.content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("field", ["number_id", "account_id", "token", "app_secret"])
def test_the_wrong_value_is_named(api: APIClient, field: str) -> None:
    answer = create(api, **{field: "999"})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"]) == (field, f"wrong_{field}")


def test_another_companys_number_is_409_without_a_name(
    api: APIClient, other_company: Company
) -> None:
    with scope.opened(other_company):
        connected()
    answer = create(api)
    assert answer.status_code == 409
    assert other_company.name not in answer.content.decode()
    assert other_company.slug not in answer.content.decode()


def test_check_writes_what_the_provider_says(
    api: APIClient, existing: Connection, sandbox: Handle
) -> None:
    numbers = [{"id": NUMBER, "quality_rating": "RED"}]
    control(sandbox, "accounts", waba_id=DEMO_WABA, numbers=numbers)
    assert api.post(f"{detail(api)}check/").json()["quality"] == "RED"


def test_a_stopped_one_says_why_and_what_to_do(
    api: APIClient, existing: Connection, sandbox: Handle
) -> None:
    control(sandbox, "accounts", waba_id=DEMO_WABA, tokens={DEMO_TOKEN: 1})
    body = api.post(f"{detail(api)}check/").json()
    assert (body["state"], body["reason"]["code"]) == ("stopped", "190")
    assert body["reason"]["sentence"]
    assert body["reason"]["advice"]


def test_rename_pause_and_resume(api: APIClient, existing: Connection) -> None:
    url = detail(api)
    changed = api.patch(url, {"name": "Suporte", "rate_per_second": 5}, format="json").json()
    assert (changed["name"], changed["rate_per_second"]) == ("Suporte", 5)
    assert api.patch(url, {"paused": True}, format="json").json()["state"] == "paused"
    assert api.patch(url, {"paused": False}, format="json").json()["state"] == "active"
    freed = api.patch(url, {"rate_per_second": None}, format="json").json()
    assert (freed["name"], freed["rate_per_second"]) == ("Suporte", None)


def test_new_secrets_are_checked_first(api: APIClient, existing: Connection) -> None:
    answer = api.patch(detail(api), {"token": "nonsense"}, format="json")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "token"


def test_release(api: APIClient, existing: Connection) -> None:
    url = detail(api)
    assert api.delete(url).status_code == 204
    assert api.get(url).status_code == 404
    assert api.get(URL).json()["results"] == []


def test_keys_see_and_touch_what_their_scopes_say(
    aurora: Company, api_client: Callable[..., APIClient], existing: Connection
) -> None:
    reader = api_client(aurora, "connections.view")
    assert reader.get(URL).status_code == 200
    assert create(reader).status_code == 403
    assert api_client(aurora, "contacts.view").get(URL).status_code == 403


def test_another_company_sees_nothing(
    existing: Connection,
    api: APIClient,
    other_company: Company,
    api_client: Callable[..., APIClient],
) -> None:
    stranger = api_client(other_company)
    assert stranger.get(URL).json()["results"] == []
    assert stranger.get(detail(api)).status_code == 404
