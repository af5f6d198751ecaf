"""The refused rows of an import as a CSV file: as they were, each with its row and the reason."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from django.utils.translation import gettext as _

from crm import csv_export
from crm.imports.reasons import sentence
from crm.models import Import, ImportRow


def response(batch: Import) -> HttpResponse:
    """The report as a download, with the delimiter of the file it came from."""
    stem = batch.filename.rpartition(".")[0] or batch.filename
    suffix = _("refused")  # on a line of its own: gettext's tools do not read f-strings
    name = f"{stem}-{suffix}.csv"
    return csv_export.download(name, _rows(batch), delimiter=batch.delimiter)


def _rows(batch: Import) -> Iterator[list[str]]:
    yield [*batch.header, _("Row"), _("Reason")]
    width = len(batch.header)
    refused = ImportRow.objects.filter(batch=batch).exclude(code="").order_by("number")
    for number, code, raw in refused.values_list("number", "code", "raw").iterator():
        cells = [*(raw or [])[:width], *[""] * (width - len(raw or []))]
        yield [*cells, str(number), sentence(code)]
