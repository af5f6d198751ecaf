"""The refused rows of an import as a CSV file: as they were, each with its row and the reason."""

import csv
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from crm.imports.cells import guarded
from crm.imports.reasons import sentence
from crm.models import Import, ImportRow

BOM = "\ufeff"  # Excel takes a CSV without one for Windows-1252


def response(batch: Import) -> HttpResponse:
    """The report as a download; whole, since the schema is closed when a stream would be read."""
    answer = HttpResponse(lines(batch), content_type="text/csv; charset=utf-8")
    stem = batch.filename.rpartition(".")[0] or batch.filename
    suffix = _("refused")  # on a line of its own: gettext's tools do not read f-strings
    name = f"{stem}-{suffix}.csv"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


class _Echo:
    """A file for csv.writer that hands each line straight back."""

    def write(self, line: str) -> str:
        return line


def lines(batch: Import) -> Iterator[str]:
    """The report line by line, formula-safe, with the delimiter of the file it came from."""
    writer = csv.writer(_Echo(), delimiter=batch.delimiter or ",")
    yield BOM + _line(writer, [*batch.header, _("Row"), _("Reason")])
    width = len(batch.header)
    refused = ImportRow.objects.filter(batch=batch).exclude(code="").order_by("number")
    for number, code, raw in refused.values_list("number", "code", "raw").iterator():
        cells = [*(raw or [])[:width], *[""] * (width - len(raw or []))]
        yield _line(writer, [*cells, str(number), sentence(code)])


def _line(writer: Any, cells: list[str]) -> str:
    line: str = writer.writerow([guarded(cell) for cell in cells])
    return line
