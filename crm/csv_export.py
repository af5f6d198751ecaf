"""CSV files as spreadsheets open them: with a mark of their encoding, and without live formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpResponse
from django.utils.formats import get_format
from django.utils.http import content_disposition_header

from crm.imports.cells import guarded

BOM = "\ufeff"  # Excel takes a CSV without one for Windows-1252


def download(name: str, rows: Iterable[Sequence[str]], *, delimiter: str = "") -> HttpResponse:
    """Rows as a file to save; whole, since the schema is closed when a stream would be read.

    Args:
        delimiter: empty: the one that Excel expects where the reader's language is spoken.
    """
    answer = HttpResponse(
        lines(rows, delimiter=delimiter or usual_delimiter()),
        content_type="text/csv; charset=utf-8",
    )
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def usual_delimiter() -> str:
    """A semicolon where the comma stands in numbers, as in Brazil; else a comma."""
    return ";" if get_format("DECIMAL_SEPARATOR") == "," else ","


def lines(rows: Iterable[Sequence[str]], *, delimiter: str = ",") -> Iterator[str]:
    """The file line by line, every cell formula-safe."""
    writer = csv.writer(_Echo(), delimiter=delimiter)
    for number, cells in enumerate(rows):
        line: str = writer.writerow([guarded(cell) for cell in cells])
        yield line if number else BOM + line


class _Echo:
    """A file for csv.writer that hands each line straight back."""

    def write(self, line: str) -> str:
        return line
