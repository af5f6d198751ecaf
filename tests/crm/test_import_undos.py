"""The undo of an import on its pages and over the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from core import scope
from core.ids import encode
from crm import lifecycle
from crm.imports import runner, undoing
from crm.models import Contact, Import, ImportRow
from crm.services.contacts import update_contact
from crm.services.imports import create_import, start_import
from tenants.links import company_path
from tenants.models import Company

PEOPLE = "Nome;Telefone\nAna;11987654321\nBia;11987654322\n"


@pytest.fixture
def batch(aurora: Company) -> Import:
    """Ana and Bia came in, and Bia was changed since."""
    with scope.opened(aurora), scope.surroundings(aurora):
        made = create_import(file=ContentFile(PEOPLE.encode()), filename="clientes.csv")
        start_import(batch=made)
        runner.run(str(made.pk))
        bia = Contact.objects.get(name="Bia")
        update_contact(contact=bia, changes={"name": "Bia Lima"})
        made.refresh_from_db()
    return made


def work(company: Company, batch: Import) -> None:
    with scope.opened(company), scope.surroundings(company):
        undoing.run(str(batch.pk))


def page(client: Client, company: Company, name: str, batch: Import) -> str:
    return client.get(company_path(company, name, id=batch.pk)).content.decode()


def test_the_pages_count_first_then_do_it_and_name_what_stayed(
    aurora: Company, batch: Import, client_for: Callable[..., Client]
) -> None:
    client = client_for(aurora)
    url = company_path(aurora, "import-undo", id=batch.pk)
    assert "Was this the wrong file?" in page(client, aurora, "import", batch)
    client.post(url, {"action": "check"})
    assert "Counting, without writing anything" in page(client, aurora, "import-undo", batch)
    work(aurora, batch)
    shown = page(client, aurora, "import-undo", batch)
    assert "Taken out" in shown
    assert 'value="undo"' in shown
    client.post(url, {"action": "undo"})
    work(aurora, batch)
    shown = page(client, aurora, "import-undo", batch)
    assert "Somebody changed it since." in shown
    assert "Bia Lima" in shown
    assert "This import is undone" in page(client, aurora, "import", batch)
    table = client.get(company_path(aurora, "import-undo-kept", id=batch.pk)).content.decode()
    assert table.splitlines()[1:] == ["3,Bia Lima,Somebody changed it since."]


def test_an_undo_that_would_change_nothing_is_not_offered(
    aurora: Company, batch: Import, client_for: Callable[..., Client]
) -> None:
    client = client_for(aurora)
    with scope.opened(aurora):
        update_contact(contact=Contact.objects.get(name="Ana"), changes={"name": "Ana Lima"})
    client.post(company_path(aurora, "import-undo", id=batch.pk), {"action": "check"})
    work(aurora, batch)
    shown = page(client, aurora, "import-undo", batch)
    assert "Nothing would change" in shown
    assert 'value="undo"' not in shown


def test_a_second_undo_is_refused_in_words(
    aurora: Company, batch: Import, client_for: Callable[..., Client]
) -> None:
    client = client_for(aurora)
    url = company_path(aurora, "import-undo", id=batch.pk)
    client.post(url, {"action": "undo"})
    answer = client.post(url, {"action": "undo"}, follow=True)
    assert "is being undone, or is undone already" in answer.content.decode()


def test_the_api_counts_does_it_and_tells_how_far_it_is(
    aurora: Company, batch: Import, api_client: Any
) -> None:
    api = api_client(aurora)
    url = f"/api/v1/imports/{encode('imp', batch.pk)}/"
    found = api.get(url).json()
    assert found["undo"] is None
    assert found["undo_until"] is not None
    answer = api.post(f"{url}undo/", {"dry_run": True}, format="json")
    assert (answer.status_code, answer.json()["undo"]["state"]) == (202, "checking")
    work(aurora, batch)
    counted = api.get(url).json()["undo"]
    assert (counted["taken_out"], counted["kept"], counted["kept_url"]) == (1, 1, None)
    api.post(f"{url}undo/")
    work(aurora, batch)
    done = api.get(url).json()["undo"]
    assert (done["state"], done["taken_out"], done["kept"]) == ("done", 1, 1)
    assert "Bia Lima" in api.get(done["kept_url"]).content.decode()
    again = api.post(f"{url}undo/")
    assert (again.status_code, again.json()["code"]) == (409, "undo_repeated")


def test_who_is_erased_leaves_nothing_of_before_in_the_rows(aurora: Company, batch: Import) -> None:
    with scope.opened(aurora), scope.surroundings(aurora):
        row = ImportRow.objects.filter(contact__name="Ana").get()
        ImportRow.objects.filter(pk=row.pk).update(changes={"fields": {"name": ["Ana", "A"]}})
        [rows] = [one for one in lifecycle.participants() if one.name == "crm.ImportRow.contact"]
        assert row.contact_id is not None
        assert rows.erase([row.contact_id]) == 1
        row.refresh_from_db()
        assert row.changes is None
