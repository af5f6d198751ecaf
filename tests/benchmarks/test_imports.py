"""The import is judged by every count, by its memory and by having been killed on the way; and the
file that it imports, small, comes in as the benchmark says."""

import io
from typing import Any

import pytest

from benchmarks.importing import sheet
from benchmarks.imports import judged
from crm.imports import checking, runner
from crm.models import Contact, Import
from crm.services.imports import check_import, create_import, start_checked, start_import

ROWS = 1000
GOOD = {
    "check_created": 990.0, "reasons_right": 1.0, "created": 990.0, "rejected": 10.0,
    "killed_at_row": 501.0, "contacts": 990.0, "phones": 990.0, "rows_noted": 1000.0,
    "again_created": 0.0, "again_updated": 990.0, "peak_megabytes": 299.0,
}  # fmt: skip


def test_the_target_holds_at_its_limit() -> None:
    assert judged(GOOD, ROWS).holds


@pytest.mark.parametrize("figure", GOOD)
def test_each_part_of_it_can_fail(figure: str) -> None:
    assert not judged({**GOOD, figure: 1000.0 + GOOD[figure]}, ROWS).holds


def draft(encoding: str) -> Import:
    file = io.BytesIO(sheet.content(ROWS, encoding))
    return create_import(file=file, filename="clientes.csv")


def ended(batch: Import) -> tuple[int, int, int]:
    while batch.state in runner.OPEN_STATES:
        runner.run(str(batch.pk))
        batch.refresh_from_db()
    return (batch.created, batch.updated, batch.rejected)


@pytest.mark.usefixtures("company")
def test_a_thousand_rows_count_as_they_should_in_both_encodings(monkeypatch: Any) -> None:
    monkeypatch.setattr(runner, "CHUNK_ROWS", 300)
    batch = check_import(batch=draft("cp1252"))
    checking.run(str(batch.pk))
    batch.refresh_from_db()
    assert batch.forecast["created"] == 990
    assert batch.forecast["reasons"] == sheet.bad_rows(ROWS)
    assert ended(start_checked(batch=batch)) == (990, 0, 10)
    assert ended(start_import(batch=draft("utf-8-sig"))) == (0, 990, 10)
    assert Contact.objects.filter(name__startswith="Conceição").exists()
