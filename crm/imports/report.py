"""The refused rows of an import as a CSV file: as they were, each with its row and the reason. And
those that came in without something, each with what it was."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from crm import csv_export
from crm.imports.reasons import sentence
from crm.models import Import, ImportRow


def refused(batch: Import) -> QuerySet[ImportRow]:
    """The rows that did not come in, in the file's order."""
    return batch.rows.exclude(code="").order_by("number")


def noted(batch: Import) -> QuerySet[ImportRow]:
    """The rows that came in without something, in the file's order."""
    return batch.rows.exclude(note="").order_by("number")


def response(batch: Import) -> HttpResponse:
    """The refused rows as a download, with the delimiter of the file they came from."""
    return _download(batch, _("refused"), refused(batch))


def noted_response(batch: Import) -> HttpResponse:
    """The same of rows that came in without something."""
    return _download(batch, _("notes"), noted(batch))


def _download(batch: Import, suffix: str, rows: QuerySet[ImportRow]) -> HttpResponse:
    stem = batch.filename.rpartition(".")[0] or batch.filename
    name = f"{stem}-{suffix}.csv"
    return csv_export.download(name, _lines(batch, rows), delimiter=batch.delimiter)


def _lines(batch: Import, rows: QuerySet[ImportRow]) -> Iterator[list[str]]:
    yield [*batch.header, _("Row"), _("Reason")]
    width = len(batch.header)
    for number, code, note, raw in rows.values_list("number", "code", "note", "raw").iterator():
        cells = [*(raw or [])[:width], *[""] * (width - len(raw or []))]
        yield [*cells, str(number), sentence(code or note)]
