"""People who were erased, in files: refused rows, names of files, sheets of drafts."""

import pytest
from django.core.files.base import ContentFile

from crm.imports import runner
from crm.models import Import, ImportRow
from crm.places import ImportFiles
from crm.services import erasing
from crm.services.imports import create_import, start_import
from crm.traces import Subject, places
from tests.crm.factories import a_contact
from tests.crm.imports.test_workbook import a_workbook

pytestmark = pytest.mark.usefixtures("company")
HEADER = "Nome;Telefone;E-mail\n"


def imported(rows: str, filename: str = "clientes.csv") -> Import:
    batch = create_import(file=ContentFile((HEADER + rows).encode()), filename=filename)
    start_import(batch=batch)
    runner.run(str(batch.pk))
    return batch


def erased() -> Subject:
    ana = a_contact(name="Ana Souza", phone="11987654321", email="ana@x.com")
    erasure = erasing.erase(contact=ana, reason="request")
    return Subject.from_json(erasure.subject, erasure.requested_at)


def cells() -> list[list[str] | None]:
    return list(ImportRow.objects.order_by("number").values_list("raw", flat=True))


def test_a_row_that_is_refused_for_something_else_keeps_no_cells_of_theirs() -> None:
    erased()
    imported("Ana;(11) 98765-4321;ana@\nAna;1;ANA@x.com\nBia;2;bia@x.com\n")
    assert cells() == [None, None, ["Bia", "2", "bia@x.com"]]
    codes = ImportRow.objects.order_by("number").values_list("code", flat=True)
    assert list(codes) == ["email_invalid", "phone_too_short", "phone_too_short"]


def test_names_of_files_and_titles_that_name_them_give_way_to_a_dash() -> None:
    batch = imported("Bia;11987654322;\n", filename="Ana Souza.csv")
    other = imported("Caio;11987654323;\n")
    Import.objects.filter(pk=batch.pk).update(
        header=["Ana Souza", "Fone"], options={"sheet": "11987654321", "sheets": ["x", "ana@x.com"]}
    )
    subject = erased()
    [place] = [one for one in places() if one.name.startswith("crm.Import.filename")]
    assert place.erase(subject, "").count == 1
    batch.refresh_from_db()
    assert (batch.filename, batch.header) == ("—", ["—", "Fone"])
    assert batch.options == {"sheet": "—", "sheets": ["x", "—"]}
    other.refresh_from_db()
    assert other.filename == "clientes.csv"


def test_a_draft_fails_when_another_sheet_of_its_workbook_names_them() -> None:
    book = a_workbook(
        Clientes=[["Nome", "Telefone"], ["Bia", 11987654322]],
        Antigos=[["Nome", "Telefone"], ["Ana", 11987654321]],
    )
    draft = create_import(file=book, filename="clientes.xlsx")
    subject = erased()
    assert ImportFiles().erase(subject, "").count == 1
    draft.refresh_from_db()
    assert (draft.state, draft.error) == ("failed", "file_erased")
