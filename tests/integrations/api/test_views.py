"""`/api/v1/integrations/`."""

from collections.abc import Callable

from rest_framework.test import APIClient

from core import scope
from integrations.ids import INTEGRATION
from integrations.models import Integration, Push
from integrations.services import connecting, queueing
from tenants.models import Company
from tests.crm.factories import a_contact
from tests.integrations.conftest import SLUG, SUBDOMAIN, TOKEN, Stand

Key = Callable[..., APIClient]


def url(company: Company, part: str = "") -> str:
    with scope.opened(company), scope.surroundings(company):
        values = {"subdomain": SUBDOMAIN, "token": TOKEN}
        row = connecting.connect_by_key(slug=SLUG, values=values)
    return f"/api/v1/integrations/{INTEGRATION.encode(row.pk)}/{part}"


def test_it_shows_its_settings_and_no_key(aurora: Company, api_client: Key, stand: Stand) -> None:
    here = url(aurora)
    body = api_client(aurora).get(here)
    assert (body.data["state"], body.data["account_name"]) == ("connected", "Loja Aurora")
    assert TOKEN not in body.content.decode()
    assert [field["label"] for field in body.data["fields_there"]] == ["Cidade", "Plano", "Pontos"]
    listed = api_client(aurora).get("/api/v1/integrations/")
    assert [row["provider"] for row in listed.data["results"]] == [SLUG]


def test_a_part_of_the_settings_changes_and_the_rest_stays(
    aurora: Company, api_client: Key, stand: Stand
) -> None:
    here, client = url(aurora), api_client(aurora)
    change = {"preferences": {"mapping": {"cidade": "1003"}}, "interval_minutes": 60}
    client.patch(here, change, format="json")
    body = client.patch(here, {"preferences": {"tags": False}}, format="json").data
    assert body["preferences"]["mapping"] == {"cidade": "1003"}
    assert (body["preferences"]["tags"], body["interval_minutes"]) == (False, 60)
    wrong = client.patch(here, {"preferences": {"mapping": {"x": "9"}}}, format="json")
    assert [error["field"] for error in wrong.data["errors"]] == ["mapping"]
    assert client.patch(here, {"interval_minutes": 7}, format="json").status_code == 422


def test_readings_are_begun_listed_and_stopped(
    aurora: Company, api_client: Key, stand: Stand
) -> None:
    client, here = api_client(aurora), url(aurora)
    assert client.post(f"{here}sync/").status_code == 201
    second = client.post(f"{here}sync/")
    assert (second.status_code, second.data["code"]) == (409, "sync_running")
    assert client.post(f"{here}stop/").status_code == 204
    runs = client.get(f"{here}runs/").data["results"]
    assert [run["state"] for run in runs] == ["stopped"]


def test_what_failed_is_sent_again(aurora: Company, api_client: Key, stand: Stand) -> None:
    client, here = api_client(aurora), url(aurora)
    with scope.opened(aurora):
        row = Integration.objects.get()
        queueing.send_contact(integration=row, contact=a_contact())
        Push.objects.update(state="failed", code="refused", attempts=1)
    [push] = client.get(f"{here}queue/?state=failed").data["results"]
    assert (push["code"], push["reason"]) == ("refused", "O outro sistema recusa isso.")
    assert client.post(f"{here}queue/retry/").data == {"retried": 1}
