"""`/api/v1/templates/`: the contract's fields, refusals with reasons, sync."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from connections.models import Connection
from core import scope
from core.ids import encode
from messaging.models import Template
from sandbox.testing import Handle
from tenants.models import Company
from tests.connections.factories import a_connection, connected, control

pytestmark = pytest.mark.django_db
URL = "/api/v1/templates/"


@pytest.fixture
def api(aurora: Company, sandbox: Handle, api_client: Callable[..., APIClient]) -> APIClient:
    control(sandbox, "reset", what=["accounts", "settings"])
    return api_client(aurora)


@pytest.fixture
def number(api: APIClient, aurora: Company) -> Connection:
    with scope.opened(aurora):
        return connected()


def payload(number: Connection, **changed: Any) -> dict[str, Any]:
    body = {
        "connection": encode("cnx", number.pk),
        "name": "pedido",
        "language": "pt_BR",
        "category": "UTILITY",
        "body": "Olá {{nome}}, o seu pedido {{numero}} saiu hoje.",
        "variables": [
            {"name": "nome", "example": "Ana", "fallback": "cliente"},
            {"name": "numero", "example": "7"},
        ],
        "buttons": [{"type": "URL", "text": "Ver", "url": "https://a.br/x"}],
    }
    return {**body, **changed}


def create(api: APIClient, number: Connection, **changed: Any) -> Any:
    return api.post(URL, payload(number, **changed), format="json")


def test_sync_reads_them_all_and_the_list_shows_them(api: APIClient, number: Connection) -> None:
    answer = api.post(f"{URL}sync/")
    assert answer.status_code == 200
    total = answer.json()["total"]
    assert answer.json() == {"created": total, "updated": 0, "removed": 0, "total": total}
    items = api.get(URL).json()["results"]
    assert len(items) == total
    one = next(item for item in items if item["name"] == "order_confirmed")
    assert one["id"].startswith("tpl_")
    assert (one["language"], one["category"], one["status"]) == ("en", "UTILITY", "APPROVED")
    shown = [(item["name"], item["example"]) for item in one["variables"]]
    assert shown == [("1", "Mary"), ("2", "#10482")]
    assert api.get(f"{URL}{one['id']}/").json() == one


def test_the_list_is_narrowed(api: APIClient, number: Connection) -> None:
    api.post(f"{URL}sync/")
    paused = api.get(URL, {"status": "PAUSED"}).json()["results"]
    assert [item["name"] for item in paused] == ["black_friday"]
    named = api.get(URL, {"name": "boas_vindas", "language": "en"}).json()["results"]
    assert [(item["name"], item["language"]) for item in named] == [("boas_vindas", "en")]


def test_a_new_one_goes_into_review(api: APIClient, number: Connection) -> None:
    answer = create(api, number)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["status"], body["parameter_format"]) == ("PENDING", "NAMED")
    assert [item["fallback"] for item in body["variables"]] == ["cliente", ""]


def test_or_stays_a_draft_until_it_is_submitted(api: APIClient, number: Connection) -> None:
    body = create(api, number, submit=False).json()
    assert body["status"] == "DRAFT"
    changed = api.patch(f"{URL}{body['id']}/", {"footer": "Aurora"}, format="json").json()
    assert [part["type"] for part in changed["components"]] == ["BODY", "FOOTER", "BUTTONS"]
    assert [item["example"] for item in changed["variables"]] == ["Ana", "7"]
    buttons = [{"type": "QUICK_REPLY", "text": "Sim"}]
    changed = api.patch(f"{URL}{body['id']}/", {"buttons": buttons}, format="json").json()
    assert changed["components"][2] == {"type": "BUTTONS", "buttons": buttons}
    assert api.post(f"{URL}{body['id']}/submit/").json()["status"] == "PENDING"


def test_refused_here_first_with_every_reason(
    api: APIClient, number: Connection, aurora: Company
) -> None:
    answer = create(api, number, name="Pedido Novo", body="{{nome}} oi", variables=[])
    assert answer.status_code == 422
    found = {(error["field"], error["code"]) for error in answer.json()["errors"]}
    assert found == {
        ("name", "name_pattern"),
        ("body", "variable_at_edge"),
        ("body", "too_many_variables"),
        ("variables.nome", "example_missing"),
    }
    with scope.opened(aurora):
        assert not Template.objects.exists()


def test_fallbacks_change_without_a_review(api: APIClient, number: Connection) -> None:
    api.post(f"{URL}sync/")
    one = api.get(URL, {"name": "order_confirmed"}).json()["results"][0]
    variables = [{"name": "1", "fallback": "customer"}]
    answer = api.patch(f"{URL}{one['id']}/", {"variables": variables}, format="json").json()
    assert answer["status"] == "APPROVED"
    assert [item["fallback"] for item in answer["variables"]] == ["customer", ""]


def test_delete(api: APIClient, number: Connection) -> None:
    body = create(api, number).json()
    assert api.delete(f"{URL}{body['id']}/").status_code == 204
    assert api.get(f"{URL}{body['id']}/").status_code == 404


def test_a_foreign_connection_is_no_connection(
    api: APIClient, number: Connection, other_company: Company
) -> None:
    with scope.opened(other_company):
        foreign = a_connection()
    answer = create(api, foreign)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "connection"
    assert api.post(f"{URL}sync/", {"connection": encode("cnx", foreign.pk)}).status_code == 422


def test_scopes(aurora: Company, api_client: Callable[..., APIClient], number: Connection) -> None:
    reader = api_client(aurora, "templates.view")
    assert reader.get(URL).status_code == 200
    assert reader.post(f"{URL}sync/").status_code == 403
    assert create(reader, number).status_code == 403


def test_another_company_sees_nothing(
    api: APIClient, number: Connection, other_company: Company,
    api_client: Callable[..., APIClient],
) -> None:  # fmt: skip
    body = create(api, number).json()
    stranger = api_client(other_company)
    assert stranger.get(URL).json()["results"] == []
    assert stranger.get(f"{URL}{body['id']}/").status_code == 404
