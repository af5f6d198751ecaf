from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core import scope
from crm.imports import checking, runner
from crm.models import Contact, Import, Tag
from crm.selectors import consent_state
from tenants.enums import Role
from tenants.models import Company
from tests.crm.factories import a_contact
from tests.crm.imports.test_workbook import a_workbook


@pytest.fixture
def visitor(aurora: Company, client_for: Any) -> Client:
    client: Client = client_for(aurora)
    return client


def made(aurora: Company, **fields: Any) -> Contact:
    with scope.opened(aurora):
        return a_contact(**fields)


def url(path: str = "") -> str:
    return f"/c/aurora/contacts/{path}"


def test_the_list_without_contacts_says_how_to_begin(visitor: Client) -> None:
    page = visitor.get(url()).content.decode()
    assert f'href="{url("imports/new/")}"' in page
    assert f'href="{url("new/")}"' in page


def test_the_list_shows_contacts_in_few_queries(
    visitor: Client, aurora: Company, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        made(aurora, name=f"Pessoa {number:02}", tags=["VIP"])
    visitor.get(url())
    with django_assert_max_num_queries(19):
        page = visitor.get(url()).content.decode()
    assert page.count('id="contact-') == 50
    assert "Pessoa 59" in page
    assert "Pessoa 09" not in page
    assert "cursor=" in page


def test_htmx_gets_the_rows_alone(visitor: Client, aurora: Company) -> None:
    made(aurora, name="João Lima", phone="11987654321")
    made(aurora, name="Bia")
    rows = visitor.get(url("?q=joao"), headers={"HX-Request": "true"}).content.decode()
    assert "João Lima" in rows
    assert "Bia" not in rows
    assert "<html" not in rows


def test_the_list_is_filtered_by_tag(visitor: Client, aurora: Company) -> None:
    made(aurora, name="Ana", tags=["VIP"])
    made(aurora, name="Bia")
    with scope.opened(aurora):
        tag = Tag.objects.get()
    page = visitor.get(url(f"?tag={tag.pk}")).content.decode()
    assert ("Ana" in page, "Bia" in page) == (True, False)


def test_a_contact_is_added_and_shown(visitor: Client, aurora: Company) -> None:
    form = {
        "name": "Ana Souza",
        "phone": "(11) 98765-4321",
        "tags": "VIP, Recife",
        "attributes": "cidade: Recife",
        "opt_in_source": "shop counter",
    }
    answer = visitor.post(url("new/"), form, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    for text in ("Ana Souza", "+55 (11) 98765-4321", "VIP", "Cidade", "shop counter"):
        assert text in page


def test_a_wrong_phone_is_told_beside_its_field(visitor: Client) -> None:
    answer = visitor.post(url("new/"), {"name": "Ana", "phone": "20 98765-4321"})
    assert answer.status_code == 422
    assert 'id="id_phone_error"' in answer.content.decode()


def test_a_contact_is_edited_and_fields_taken_away(visitor: Client, aurora: Company) -> None:
    contact = made(aurora, name="Ana", phone="11987654321", attributes={"uf": "PE"})
    form = {"name": "Ana Lima", "phone": "11987654321", "tags": "", "attributes": ""}
    assert visitor.post(url(f"{contact.pk}/edit/"), form).status_code == 302
    with scope.opened(aurora):
        contact.refresh_from_db()
    assert (contact.name, contact.attributes) == ("Ana Lima", {})


def test_a_deletion_offers_to_undo_it(visitor: Client, aurora: Company) -> None:
    contact = made(aurora, name="Ana")
    answer = visitor.post(
        url(f"{contact.pk}/delete/"),
        headers={"HX-Request": "true", "HX-Target": f"contact-{contact.pk}"},
    )
    assert url(f"{contact.pk}/restore/") in answer["HX-Trigger"]
    assert visitor.get(url(f"{contact.pk}/")).status_code == 404
    visitor.post(url(f"{contact.pk}/restore/"))
    assert visitor.get(url(f"{contact.pk}/")).status_code == 200


def test_consent_is_recorded_from_the_page(visitor: Client, aurora: Company) -> None:
    contact = made(aurora)
    form = {"action": "opt_out", "channel": "whatsapp", "source": "phone call"}
    visitor.post(url(f"{contact.pk}/consent/"), form)
    with scope.opened(aurora):
        assert consent_state([contact.pk], "whatsapp", "marketing") == {contact.pk: False}
    page = visitor.get(url(f"{contact.pk}/")).content.decode()
    assert "phone call" in page


def test_chosen_contacts_are_tagged_and_deleted(visitor: Client, aurora: Company) -> None:
    ids = [str(made(aurora).pk), str(made(aurora).pk)]
    visitor.post(url("bulk/"), {"ids": ids, "action": "tag", "tags": "VIP"})
    with scope.opened(aurora):
        assert Contact.objects.filter(tags__name="VIP").count() == 2
    visitor.post(url("bulk/"), {"ids": ids, "action": "delete"})
    with scope.opened(aurora):
        assert Contact.objects.alive().count() == 0


def test_who_may_not_delete_does_not_delete_in_bulk(aurora: Company, client_for: Any) -> None:
    contact = made(aurora)
    agent = client_for(aurora, Role.AGENT)
    form = {"ids": [str(contact.pk)], "action": "delete"}
    htmx = {"HX-Request": "true"}
    assert agent.post(url("bulk/"), form, headers=htmx).status_code == 403
    assert agent.post(url(f"{contact.pk}/delete/")).status_code == 403
    with scope.opened(aurora):
        assert Contact.objects.alive().count() == 1


def test_tags_are_managed(visitor: Client, aurora: Company) -> None:
    visitor.post(url("tags/"), {"name": "VIP"})
    assert visitor.post(url("tags/"), {"name": "vip"}).status_code == 422
    with scope.opened(aurora):
        tag = Tag.objects.get()
    visitor.post(url(f"tags/{tag.pk}/"), {"name": "Gold"})
    assert "Gold" in visitor.get(url("tags/")).content.decode()
    visitor.post(url(f"tags/{tag.pk}/delete/"))
    with scope.opened(aurora):
        assert not Tag.objects.exists()


def uploaded(visitor: Client, content: str) -> Any:
    file = SimpleUploadedFile("clientes.csv", content.encode(), content_type="text/csv")
    return visitor.post(url("imports/new/"), {"file": file})


def test_an_import_goes_from_file_to_columns_to_report(visitor: Client, aurora: Company) -> None:
    answer = uploaded(visitor, "Nome;Fone;Cidade\nAna;11987654321;Recife\nBia;12;Olinda\n")
    assert answer.status_code == 302
    mapping = visitor.get(answer["Location"]).content.decode()
    assert "Recife" in mapping
    assert '<option value="phone" selected>' in mapping
    form = {
        "column_0": "name",
        "column_1": "phone",
        "column_2": "attribute:cidade",
        "match_by": "phone",
        "tags": "Feira",
        "opt_in_source": "shop",
        "confirms": "on",
    }
    assert visitor.post(answer["Location"], form).status_code == 302
    with scope.opened(aurora), scope.surroundings(aurora):
        runner.run(str(Import.objects.get().pk))
    page = visitor.get(answer["Location"]).content.decode()
    assert "Bia · 12 · Olinda" in page
    report = visitor.get(answer["Location"] + "refused.csv").content.decode()
    assert report.startswith("\ufeffNome;Fone;Cidade;")
    with scope.opened(aurora):
        assert Contact.objects.get().attributes == {"cidade": "Recife"}


def test_an_import_may_be_checked_before_it_runs(visitor: Client, aurora: Company) -> None:
    location = uploaded(visitor, "Nome;Fone\nAna;11987654321\nBia;12\n")["Location"]
    form = {"column_0": "name", "column_1": "phone", "match_by": "phone", "check": "1"}
    assert visitor.post(location, form).status_code == 302
    assert 'role="status"' in visitor.get(location).content.decode()
    with scope.opened(aurora), scope.surroundings(aurora):
        checking.run(str(Import.objects.get().pk))
    page = visitor.get(location).content.decode()
    assert "Digits are missing" in page
    assert 'name="column_0"' in visitor.get(f"{location}?columns").content.decode()
    assert visitor.post(f"{location}start/").status_code == 302
    with scope.opened(aurora), scope.surroundings(aurora):
        runner.run(str(Import.objects.get().pk))
        assert Contact.objects.get().name == "Ana"


def test_another_sheet_of_a_workbook_may_be_taken(visitor: Client) -> None:
    book = a_workbook(A=[["Nome", "Fone"], ["Ana", 11987654321]], B=[["Cel"], [11987654322]])
    file = SimpleUploadedFile("clientes.xlsx", book.getvalue())
    location = visitor.post(url("imports/new/"), {"file": file})["Location"]
    assert "<option selected>A</option>" in visitor.get(location).content.decode()
    assert visitor.post(f"{location}sheet/", {"sheet": "B"}).status_code == 302
    assert "<option selected>B</option>" in visitor.get(location).content.decode()
    visitor.post(f"{location}sheet/", {"sheet": "C"})
    assert "The workbook has no such sheet" in visitor.get(location).content.decode()


def test_consent_must_be_confirmed_where_a_source_is_given(
    visitor: Client, aurora: Company
) -> None:
    location = uploaded(visitor, "Nome;Fone\nAna;11987654321\n")["Location"]
    form = {"column_0": "name", "column_1": "phone", "opt_in_source": "shop"}
    answer = visitor.post(location, form)
    assert answer.status_code == 422
    assert 'id="id_confirms_error"' in answer.content.decode()


def test_a_mapping_without_phone_is_refused(visitor: Client) -> None:
    location = uploaded(visitor, "Nome;Fone\nAna;11987654321\n")["Location"]
    assert visitor.post(location, {"column_0": "name", "column_1": ""}).status_code == 422


@pytest.mark.parametrize("content", ["", "Nome;Fone\n", "PK\x03\x04xxxx"])
def test_a_useless_file_is_refused_on_the_page(visitor: Client, content: str) -> None:
    answer = uploaded(visitor, content)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_the_palette_finds_contacts(visitor: Client, aurora: Company) -> None:
    from crm.shell import SOURCE

    made(aurora, name="João Lima", phone="11987654321")
    with scope.opened(aurora), scope.surroundings(aurora):
        found = list(SOURCE.find("4321", 5))
    assert [(item.label, item.hint) for item in found] == [("João Lima", "+55 (11) 98765-4321")]


def test_another_companys_contact_does_not_exist(
    aurora: Company, boreal: Company, client_for: Any
) -> None:
    contact = made(aurora)
    stranger = client_for(boreal)
    assert stranger.get(f"/c/boreal/contacts/{contact.pk}/").status_code == 404
    assert stranger.get(url(f"{contact.pk}/")).status_code == 404


def test_a_tag_is_put_on_a_contact_from_its_page(visitor: Client, aurora: Company) -> None:
    contact = made(aurora, name="Ana", tags=["VIP"])
    visitor.post(url(f"{contact.pk}/tags/"), {"tags": "Recife, vip"})
    page = visitor.get(url(f"{contact.pk}/")).content.decode()
    assert [page.count(f">{name}</a>") for name in ("VIP", "Recife", "vip")] == [1, 1, 0]
