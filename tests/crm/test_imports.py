"""An import's life around its rows: a draft, started or discarded once, closed once."""

import io

import pytest
from django.core.files.base import ContentFile

from core import files
from core.errors import Conflict, Invalid
from crm.enums import ImportState
from crm.models import Import
from crm.services import imports
from events.models import Event

pytestmark = pytest.mark.usefixtures("company")


@pytest.fixture
def draft(company: object) -> Import:
    raw = ContentFile(b"Nome;Telefone\nAna;11987654321\n")
    return imports.create_import(file=raw, filename="clientes.csv")


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file_empty"), (b"a,b\n", "file_no_rows"), (b"PK\x03\x04", "file_workbook")],
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
