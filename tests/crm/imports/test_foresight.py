"""What a check tells is what the import then does, and it leaves nothing behind."""

from typing import Any

import pytest
from django.core.files.base import ContentFile

from core import files
from core.errors import Conflict
from core.models import AgendaRow
from crm.imports import checking, runner
from crm.models import Contact, Identity, Import, ImportRow, Tag
from crm.services.imports import check_import, create_import, start_checked, start_import
from tests.crm.factories import a_contact

pytestmark = pytest.mark.usefixtures("company")
HEADER = "Nome;Telefone;E-mail;Etiquetas;Cidade\n"


def draft(content: str) -> Import:
    return create_import(file=ContentFile((HEADER + content).encode()), filename="clientes.csv")


def checked(content: str, **options: Any) -> Import:
    batch = check_import(batch=draft(content), **options)
    checking.run(str(batch.pk))
    batch.refresh_from_db()
    return batch


def counts(batch: Import) -> tuple[int, int, int, int]:
    told = batch.forecast
    return (told["created"], told["updated"], told["unchanged"], told["rejected"])


def known() -> None:
    a_contact("Ana", phone="11987654321", tags=["VIP"], attributes={"cidade": "Recife"})
    a_contact("Bia", phone="11987654322")
    a_contact("Caio", phone="11987654323")


ROWS = (
    "Ana;11987654321;;VIP;Recife\n"  # as she is
    "Bia Lima;11987654322;;;\n"  # another name
    "Caio;11987654323;;Novo;\n"  # a tag more
    "Duda;11987654324;;;\n"
    "Eva;11987654325;;;\n"
    "Eva 2;1187654325;;;\n"  # the same number, without its nine
    "Bia;11987654322;;;\n"
    "Fia;12;;;\n"
    "Gil;11987654326;gil@;;\n"
)


def test_it_counts_what_each_row_would_do() -> None:
    known()
    assert counts(checked(ROWS)) == (2, 2, 1, 4)


def test_it_tells_why_rows_would_be_refused() -> None:
    known()
    assert checked(ROWS).forecast["reasons"] == {
        "duplicate_in_file": 2,
        "phone_too_short": 1,
        "email_invalid": 1,
    }


def test_it_tells_what_would_be_left_out_of_rows_that_come_in() -> None:
    a_contact("Bia", phone="11987654322", email="shared@x.com")
    batch = checked("Ana;11987654321;shared@x.com;;\nBia;11987654322;shared@x.com;;\n")
    assert batch.forecast["notes"] == {"kept_email": 1}


@pytest.mark.parametrize("rows_at_once", [1, 2, 1000])
def test_the_import_then_does_just_that(monkeypatch: pytest.MonkeyPatch, rows_at_once: int) -> None:
    monkeypatch.setattr(runner, "CHUNK_ROWS", rows_at_once)
    known()
    batch = checked(ROWS)
    created, updated, unchanged, rejected = counts(batch)
    start_checked(batch=batch)
    monkeypatch.setattr(runner, "SLICE_SECONDS", 60)
    runner.run(str(batch.pk))
    batch.refresh_from_db()
    assert (batch.created, batch.updated, batch.rejected) == (
        created, updated + unchanged, rejected,
    )  # fmt: skip


def test_nothing_is_written() -> None:
    known()
    before = [model.objects.count() for model in (Contact, Identity, Tag, ImportRow)]
    batch = checked(ROWS, tags=["Feira"], opt_in_source="shop")
    assert [model.objects.count() for model in (Contact, Identity, Tag, ImportRow)] == before
    assert Contact.objects.get(name="Ana").created_by_import is None
    assert (batch.state, batch.tags, batch.opt_in_source) == ("draft", ["Feira"], "shop")


def test_a_check_is_due_work_until_it_is_done() -> None:
    batch = check_import(batch=draft("Ana;11987654321;;;\n"))
    assert [key for key, _ in checking.due(None)] == [str(batch.pk)]
    assert AgendaRow.objects.filter(kind="crm.import_check", key=str(batch.pk)).count() == 1
    checking.run(str(batch.pk))
    assert list(checking.due(None)) == []


def test_a_draft_that_was_started_meanwhile_is_not_counted() -> None:
    batch = check_import(batch=draft("Ana;11987654321;;;\n"))
    start_import(batch=batch)
    checking.run(str(batch.pk))
    batch.refresh_from_db()
    assert batch.forecast == {"state": "pending"}
    with pytest.raises(Conflict):
        check_import(batch=batch)


def test_a_file_that_is_gone_says_so() -> None:
    batch = check_import(batch=draft("Ana;11987654321;;;\n"))
    files.delete(batch.file_key)
    checking.run(str(batch.pk))
    batch.refresh_from_db()
    assert batch.forecast == {"state": "failed", "error": "file_gone"}
