"""An import's life around its rows: a draft, started or discarded once, closed once."""

import io

import pytest
from django.core.files.base import ContentFile

from core import files
from core.errors import Conflict, Invalid
from crm import selectors
from crm.enums import ImportState
from crm.imports import runner
from crm.models import Contact, FieldDefinition, Identity, Import
from crm.services import imports
from events.models import Event
from tests.crm.factories import a_contact
from tests.crm.imports.test_workbook import a_workbook

pytestmark = pytest.mark.usefixtures("company")


@pytest.fixture
def draft(company: object) -> Import:
    raw = ContentFile(b"Nome;Telefone\nAna;11987654321\n")
    return imports.create_import(file=raw, filename="clientes.csv")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"a,b\n", "file_no_rows"),
        (b"PK\x03\x04", "file_binary"),
        (b"\xd0\xcf\x11\xe0", "file_workbook"),
    ],
)
def test_a_useless_file_is_refused_at_once(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        imports.create_import(file=io.BytesIO(content), filename="x.csv")
    assert caught.value.errors["file"][0].code == code
    assert not Import.objects.exists()


def test_a_draft_knows_its_columns_and_how_many_rows(draft: Import) -> None:
    assert (draft.state, draft.total, draft.header) == (
        ImportState.DRAFT,
        1,
        ["Nome", "Telefone"],
    )


def test_a_wrong_mapping_leaves_it_a_draft(draft: Import) -> None:
    with pytest.raises(Invalid) as caught:
        imports.start_import(batch=draft, mapping={"Nome": "name"})
    assert list(caught.value.errors) == ["mapping"]
    draft.refresh_from_db()
    assert draft.state == ImportState.DRAFT


def test_a_draft_is_forgotten_with_its_file(draft: Import) -> None:
    imports.discard_import(batch=draft)
    assert not Import.objects.exists()
    with pytest.raises(FileNotFoundError):
        files.open(draft.file_key)


def test_what_was_started_is_neither_started_again_nor_discarded(draft: Import) -> None:
    imports.start_import(batch=draft)
    for verb in (imports.start_import, imports.discard_import):
        with pytest.raises(Conflict):
            verb(batch=draft)


def test_an_import_ends_once(draft: Import) -> None:
    imports.start_import(batch=draft)
    imports.finish_import(batch_id=draft.pk, error="file_gone")
    imports.finish_import(batch_id=draft.pk)
    draft.refresh_from_db()
    assert (draft.state, draft.error) == (ImportState.FAILED, "file_gone")
    assert Event.objects.filter(type="import.completed").count() == 1


def test_a_draft_cannot_end(draft: Import) -> None:
    imports.finish_import(batch_id=draft.pk)
    draft.refresh_from_db()
    assert draft.state == ImportState.DRAFT


def a_draft(content: str) -> Import:
    return imports.create_import(file=ContentFile(content.encode()), filename="x.csv")


def test_a_file_with_the_titles_of_the_last_one_is_mapped_as_that_was(draft: Import) -> None:
    chosen = {"0": "attribute:apelido", "1": "phone"}
    imports.start_import(batch=draft, mapping=chosen)
    again = a_draft("Nome;Telefone\nBia;11987654322\n")
    assert (again.mapping, again.options["remembered"]) == (chosen, True)
    other = a_draft("Nome;Fone\nBia;11987654322\n")
    assert (other.mapping, other.options["remembered"]) == ({"0": "name", "1": "phone"}, False)


def test_files_without_titles_are_guessed_each_time() -> None:
    first = a_draft("Ana;11987654321\n")
    imports.start_import(batch=first, mapping={"0": "tags", "1": "phone"})
    assert a_draft("Bia;11987654322\n").options["remembered"] is False


def test_a_workbook_comes_in_by_its_first_sheet_and_another_may_be_taken() -> None:
    book = a_workbook(
        Clientes=[["Nome", "Telefone"], ["Ana", 11987654321]],
        Leads=[["Fone", "Cidade"], ["11987654322", "Recife"], [11987654323.0, "Olinda"]],
    )
    draft = imports.create_import(file=book, filename="clientes.xlsx")
    assert (draft.options["sheets"], draft.header) == (["Clientes", "Leads"], ["Nome", "Telefone"])
    first_file = draft.file_key
    draft = imports.choose_sheet(batch=draft, sheet="Leads")
    assert (draft.options["sheet"], draft.header, draft.total) == ("Leads", ["Fone", "Cidade"], 2)
    with pytest.raises(FileNotFoundError):
        files.open(first_file)
    with pytest.raises(Invalid):
        imports.choose_sheet(batch=draft, sheet="Nobody")
    book_key = draft.options["workbook"]
    started = imports.start_import(batch=draft)
    runner.run(str(started.pk))
    assert set(Identity.objects.filter(alias_of=None).values_list("value", flat=True)) == {
        "+5511987654322", "+5511987654323",
    }  # fmt: skip
    assert "workbook" not in started.options
    with pytest.raises(Conflict):
        imports.choose_sheet(batch=started, sheet="Clientes")
    draft_again = imports.create_import(file=book, filename="clientes.xlsx")
    imports.discard_import(batch=draft_again)
    for key in (draft_again.file_key, draft_again.options["workbook"]):
        with pytest.raises(FileNotFoundError):
            files.open(key)
    assert book_key != draft_again.options["workbook"]


@pytest.mark.parametrize("rows", [[], [["Nome", "Telefone"]]])
def test_an_empty_workbook_is_refused_at_once(rows: list[list[str]]) -> None:
    with pytest.raises(Invalid):
        imports.create_import(file=a_workbook(A=rows), filename="x.xlsx")
    assert not Import.objects.exists()


class TestChosenKey:
    """By what contacts that exist are found."""

    HEADER = "nome;fone;email;codigo\n"

    def run(self, content: str, match_by: str) -> Import:
        batch = imports.start_import(batch=a_draft(self.HEADER + content), match_by=match_by)
        runner.run(str(batch.pk))
        batch.refresh_from_db()
        return batch

    def test_an_email_finds_whose_phone_changed(self) -> None:
        ana = a_contact("Ana", phone="11987654321", email="ana@x.com")
        batch = self.run("Ana Souza;11987654399;ana@x.com;\nBia;;bia@x.com;\n", "email")
        assert (batch.created, batch.updated, batch.rejected) == (1, 1, 0)
        ana.refresh_from_db()
        assert ana.name == "Ana Souza"
        assert ana.identities.filter(value="+5511987654399").exists()

    def test_an_external_id_finds_without_any_phone(self) -> None:
        ana = a_contact("Ana", external_id="C-1")
        batch = self.run("Ana Souza;;;C-1\n", "external_id")
        assert (batch.updated, batch.rejected) == (1, 0)
        ana.refresh_from_db()
        assert ana.name == "Ana Souza"

    def test_rows_without_it_or_with_it_twice_are_refused(self) -> None:
        batch = self.run("A;11987654321;;\nB;;b@x.com;\nC;;B@x.com;\n", "email")
        codes = batch.rows.order_by("number").values_list("code", flat=True)
        assert list(codes) == ["email_missing", "", "repeated_in_file"]

    def test_somebody_new_never_takes_the_phone_of_another(self) -> None:
        a_contact("Bia", phone="11987654321")
        batch = self.run("Ana;11987654321;ana@x.com;\n", "email")
        assert [row.code for row in batch.rows.all()] == ["phone_of_another"]
        assert Contact.objects.count() == 1

    def test_its_column_must_be_there(self) -> None:
        with pytest.raises(Invalid) as caught:
            imports.start_import(batch=a_draft("nome;fone\nAna;11987654321\n"), match_by="email")
        assert caught.value.errors["mapping"][0].code == "mapping_no_email"
        with pytest.raises(Invalid):
            imports.start_import(batch=a_draft("nome;fone\nAna;11987654321\n"), match_by="name")


def test_a_column_that_becomes_a_field_keeps_its_title() -> None:
    text = "Nome;Telefone;Cidade;Forma de pagamento;CEP\nAna;11987654321;Recife;PIX;50000\n"
    imports.start_import(
        batch=imports.create_import(file=ContentFile(text.encode()), filename="a.csv")
    )
    assert {key: row.label for key, row in selectors.field_definitions().items()} == {
        "forma_de_pagamento": "Forma de pagamento"
    }
    again = text.replace("Forma de pagamento", "FORMA DE PAGAMENTO")
    imports.start_import(
        batch=imports.create_import(file=ContentFile(again.encode()), filename="a.csv")
    )
    assert FieldDefinition.objects.get().label == "Forma de pagamento"
