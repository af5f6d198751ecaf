from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import scope
from crm.imports import checking, runner
from crm.models import Contact, Import
from crm.public_ids import CONTACT
from tenants.models import Company
from tests.crm.factories import a_contact

CONTACTS = "/api/v1/contacts/"


@pytest.fixture
def api(aurora: Company, api_client: Any) -> Any:
    return api_client(aurora)


def made(aurora: Company, **fields: Any) -> Contact:
    with scope.opened(aurora):
        return a_contact(**fields)


def test_a_contact_is_created_as_the_contract_says(api: Any, aurora: Company) -> None:
    body = {
        "name": "Ana Souza",
        "phone": "(11) 98765-4321",
        "tags": ["VIP"],
        "opt_in": {"source": "site form", "at": "2026-11-02T14:03:00-03:00"},
    }
    answer = api.post(CONTACTS, body, format="json")
    assert answer.status_code == 201
    shown = answer.json()
    assert shown["id"].startswith("con_")
    assert (shown["name"], shown["phone"]) == ("Ana Souza", "+5511987654321")
    assert (shown["tags"], shown["opted_in"]) == (["VIP"], True)
    assert api.get(f"{CONTACTS}{shown['id']}/").json() == shown


def test_an_existing_phone_is_a_conflict_that_names_the_contact(api: Any, aurora: Company) -> None:
    existing = made(aurora, phone="11987654321")
    answer = api.post(CONTACTS, {"name": "X", "phone": "+551187654321"}, format="json")
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["code"] == "contact_exists"
    assert CONTACT.encode(existing.pk) in problem["detail"]
    assert [error["field"] for error in problem["errors"]] == ["phone"]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"phone": "20 98765-4321"}, "phone", "phone_bad_area_code"),
        ({"name": "Ana"}, "phone", "phone_missing"),
        ({"phone": "11987654321", "opt_in": {}}, "opt_in.source", "required"),
        (
            {"phone": "11987654321", "opt_in": {"source": "x", "at": "2999-01-01T00:00:00Z"}},
            "opt_in.at",
            "invalid",
        ),
        ({"phone": "11987654321", "tags": "VIP"}, "tags", "not_a_list"),
    ],
)
def test_what_does_not_fit_is_told_by_field(api: Any, body: Any, field: str, code: str) -> None:
    answer = api.post(CONTACTS, body, format="json")
    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]


def test_the_list_is_searched_and_filtered(api: Any, aurora: Company) -> None:
    made(aurora, name="João Lima", phone="11987654321", tags=["VIP", "Recife"])
    made(aurora, name="Bia", tags=["VIP"])
    made(aurora, name="Caio")

    def names(query: str) -> list[str]:
        return [item["name"] for item in api.get(f"{CONTACTS}?{query}").json()["results"]]

    assert names("") == ["Caio", "Bia", "João Lima"]
    assert names("q=joao") == ["João Lima"]
    assert names("q=4321") == ["João Lima"]
    assert names("tag=vip") == ["Bia", "João Lima"]
    assert names("tag=vip&tag=recife") == ["João Lima"]
    assert api.get(f"{CONTACTS}?tag=nobody").status_code == 422


def test_pages_of_the_list_follow_each_other(
    api: Any, aurora: Company, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        made(aurora, name=f"P{number}")
    with django_assert_max_num_queries(15):
        first = api.get(f"{CONTACTS}?page_size=3").json()
    second = api.get(first["next"]).json()
    names = [item["name"] for item in first["results"] + second["results"]]
    assert names == ["P4", "P3", "P2", "P1", "P0"]
    assert second["next"] is None


def test_a_contact_is_changed_and_deleted(api: Any, aurora: Company) -> None:
    contact = made(aurora, name="Ana", attributes={"uf": "PE"}, tags=["VIP"])
    url = f"{CONTACTS}{CONTACT.encode(contact.pk)}/"
    changed = api.patch(url, {"name": "Ana Lima", "attributes": {"uf": None}}, format="json").json()
    assert (changed["name"], changed["attributes"], changed["tags"]) == ("Ana Lima", {}, ["VIP"])
    assert api.delete(url).status_code == 204
    assert api.get(url).status_code == 404


def test_opt_out_and_opt_in(api: Any, aurora: Company) -> None:
    url = f"{CONTACTS}{CONTACT.encode(made(aurora).pk)}/"
    assert (
        api.post(f"{url}opt_out/", {"source": "phone call"}, format="json").json()["opted_in"]
        is False
    )
    assert api.post(f"{url}opt_in/", {"source": "shop"}, format="json").json()["opted_in"] is True


def test_tags_are_managed(api: Any, aurora: Company) -> None:
    tag = api.post("/api/v1/tags/", {"name": "VIP"}, format="json").json()
    made(aurora, tags=["vip"])
    assert api.post("/api/v1/tags/", {"name": "vip"}, format="json").status_code == 409
    listed = api.get("/api/v1/tags/").json()["results"]
    assert [(item["name"], item["contact_count"]) for item in listed] == [("VIP", 1)]
    url = f"/api/v1/tags/{tag['id']}/"
    assert api.patch(url, {"name": "Gold"}, format="json").json()["name"] == "Gold"
    assert api.delete(url).status_code == 204


def upload(api: Any, content: str, **fields: Any) -> Any:
    file = SimpleUploadedFile("clientes.csv", content.encode(), content_type="text/csv")
    return api.post(f"{CONTACTS}import/", {"file": file, **fields}, format="multipart")


def test_an_import_starts_at_once_and_tells_how_far_it_is(api: Any, aurora: Company) -> None:
    content = "nome,telefone\nAna,11987654321\nBia,123\n"
    answer = upload(api, content, tags="Feira, Novo", opt_in_source="shop")
    assert answer.status_code == 202
    assert answer.json()["state"] == "pending"
    with scope.opened(aurora), scope.surroundings(aurora):
        runner.run(str(Import.objects.get().pk))
    url = f"/api/v1/imports/{answer.json()['id']}/"
    shown = api.get(url).json()
    assert shown["state"] == "done"
    assert [shown[k] for k in ("total", "created", "updated", "rejected")] == [2, 1, 0, 1]
    report = api.get(shown["errors_url"])
    assert report["Content-Type"] == "text/csv; charset=utf-8"
    assert "Bia,123,3," in report.content.decode()
    with scope.opened(aurora):
        assert sorted(Contact.objects.get().tags.values_list("name", flat=True)) == [
            "Feira",
            "Novo",
        ]


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"content": ""}, "file", "empty"),
        ({"content": "nome,telefone\n"}, "file", "file_no_rows"),
        ({"content": "nome,cidade\nAna,Recife\n"}, "mapping", "mapping_no_phone"),
        ({"content": "a,b\nAna,1\n", "mapping": "{"}, "mapping", "mapping_form"),
        ({"content": "a,b\nAna,1\n", "mapping": '{"z": "phone"}'}, "mapping", "mapping_column"),
    ],
)
def test_an_import_that_cannot_work_is_refused_at_once(
    api: Any, fields: dict[str, str], field: str, code: str
) -> None:
    answer = upload(api, **fields)
    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]


def test_a_dry_run_counts_and_may_be_started(api: Any, aurora: Company) -> None:
    answer = upload(api, "nome,telefone\nAna,11987654321\nBia,123\n", dry_run="true")
    assert (answer.status_code, answer.json()["state"]) == (202, "draft")
    with scope.opened(aurora), scope.surroundings(aurora):
        checking.run(str(Import.objects.get().pk))
        assert not Contact.objects.exists()
    url = f"/api/v1/imports/{answer.json()['id']}/"
    forecast = api.get(url).json()["forecast"]
    assert (forecast["created"], forecast["reasons"]) == (1, {"phone_too_short": 1})
    assert api.post(f"{url}start/").json()["state"] == "pending"
    assert api.post(f"{url}start/").status_code == 409


def test_a_mapping_may_be_given(api: Any, aurora: Company) -> None:
    answer = upload(api, "a,b\nAna,11987654321\n", mapping='{"a": "name", "b": "phone"}')
    assert answer.json()["mapping"] == {"a": "name", "b": "phone"}


def test_another_companys_contacts_do_not_exist(
    aurora: Company, boreal: Company, api_client: Any
) -> None:
    contact = made(aurora)
    stranger = api_client(boreal)
    url = f"{CONTACTS}{CONTACT.encode(contact.pk)}/"
    assert stranger.get(url).status_code == 404
    assert stranger.delete(url).status_code == 404
    assert stranger.get(CONTACTS).json()["results"] == []


def test_a_key_without_the_scope_may_not(aurora: Company, api_client: Any) -> None:
    reader = api_client(aurora, "contacts.view")
    assert reader.get(CONTACTS).status_code == 200
    assert reader.post(CONTACTS, {"phone": "11987654321"}, format="json").status_code == 403
    assert upload(reader, "a\n1\n").status_code == 403
