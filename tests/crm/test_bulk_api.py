"""`/api/v1/contacts/bulk/` and the orders of `/api/v1/contacts/`."""

from collections.abc import Callable

from rest_framework.test import APIClient

from core import scope
from crm.models import Contact
from crm.public_ids import CONTACT
from crm.services import bulk
from tenants.models import Company
from tests.crm.factories import a_contact

URL = "/api/v1/contacts/bulk/"


def test_chosen_contacts_are_changed_before_it_answers_and_brought_back(
    aurora: Company, api_client: Callable[..., APIClient]
) -> None:
    with scope.opened(aurora):
        people = [a_contact() for _ in range(3)]
    client = api_client(aurora)
    chosen = [CONTACT.encode(one.pk) for one in people[:2]]
    made = client.post(URL, {"action": "delete", "contacts": chosen}, format="json")
    assert (made.status_code, made.json()["state"], made.json()["changed"]) == (202, "done", 2)
    back = client.post(f"{URL}{made.json()['id']}/undo/")
    assert (back.json()["action"], back.json()["changed"]) == ("restore", 2)
    again = client.post(f"{URL}{made.json()['id']}/undo/")
    assert (again.status_code, again.json()["code"]) == (409, "bulk_undone")
    with scope.opened(aurora):
        assert Contact.objects.alive().count() == 3


def test_all_that_fit_are_changed_in_the_background(
    aurora: Company, api_client: Callable[..., APIClient]
) -> None:
    with scope.opened(aurora):
        a_contact("Ana Lima")
        a_contact("Bia")
    client = api_client(aurora)
    wanted = {"action": "tag", "params": {"tags": ["VIP"]}, "q": "ana"}
    made = client.post(URL, wanted, format="json").json()
    assert (made["state"], made["total"]) == ("running", 1)
    with scope.opened(aurora):
        [(key, _at)] = bulk.due(None)
        bulk.run(key)
    done = client.get(f"{URL}{made['id']}/").json()
    assert (done["state"], done["done"], done["changed"]) == ("done", 1, 1)


def test_each_action_asks_for_its_own_right(
    aurora: Company, api_client: Callable[..., APIClient]
) -> None:
    client = api_client(aurora, "contacts.edit")
    assert client.post(URL, {"action": "delete"}, format="json").status_code == 403
    wrong = client.post(URL, {"action": "tag", "contacts": ["con_x"]}, format="json")
    assert wrong.status_code == 422


def test_contacts_are_listed_by_activity_and_refused_by_what_has_no_index(
    aurora: Company, api_client: Callable[..., APIClient]
) -> None:
    with scope.opened(aurora):
        first, second = a_contact("Ana"), a_contact("Bia")
    client = api_client(aurora)
    rows = client.get("/api/v1/contacts/?sort=active&page_size=1").json()
    assert [row["id"] for row in rows["results"]] == [CONTACT.encode(first.pk)]
    following = client.get(rows["next"]).json()
    assert [row["id"] for row in following["results"]] == [CONTACT.encode(second.pk)]
    assert client.get("/api/v1/contacts/?sort=cidade").status_code == 422
