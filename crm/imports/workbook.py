"""A sheet of an XLSX workbook as CSV, so that what follows knows one form of file alone.

A workbook cannot be read from the middle: each slice of an import would unpack it from its start.
So it is turned once, when it is uploaded. openpyxl's read-only mode holds the table of shared texts
in memory and streams the rest; both have a limit, which also stops files that unpack into gigabytes
(their sizes are told in the archive, and Python's zipfile reads no byte beyond them).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from crm.imports.reasons import BadFile

SIGNATURE = b"PK\x03\x04"
MEGABYTE = 1024 * 1024
MOST_UNPACKED = 512 * MEGABYTE
MOST_IN_MEMORY = 48 * MEGABYTE
SHEETS = "xl/worksheets/"  # the only parts that stream
MOST_ROWS = 1_048_576  # Excel's own limit; a file may claim a row with any number
ENCODING, DELIMITER = "utf-8", ","
# What Excel shows where a formula failed.
ERRORS = frozenset({"#N/A", "#REF!", "#NAME?", "#DIV/0!", "#NULL!", "#VALUE!", "#NUM!"})
DIGITS = 15  # that a spreadsheet shows of a number; the rest is noise of doubles
_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError,
    AttributeError, IndexError, OSError, EOFError, NotImplementedError, AssertionError,
)  # fmt: skip


def is_workbook(file: IO[bytes]) -> bool:
    """Whether the bytes are an archive, as XLSX is."""
    file.seek(0)
    head = file.read(len(SIGNATURE))
    file.seek(0)
    return head == SIGNATURE


def sheet_names(file: IO[bytes]) -> list[str]:
    """The sheets that hold rows, in their order; hidden ones are left out.

    Raises:
        BadFile: it is no XLSX workbook, or too large once unpacked.
    """
    with _opened(file) as book:
        return _names(book)


def write_csv(file: IO[bytes], target: IO[bytes], *, sheet: str, columns: int) -> None:
    """Write the rows of a sheet as text; each stands in the line of its number in the sheet.

    Args:
        columns: cells beyond so many are left out.

    Raises:
        BadFile: there is no such sheet, or the workbook is broken.
    """
    text = io.TextIOWrapper(target, encoding=ENCODING, newline="", write_through=True)
    writer = csv.writer(text, delimiter=DELIMITER)
    with _opened(file) as book:
        if sheet not in _names(book):
            raise BadFile("file_no_sheet")
        rows = book[sheet]
        rows.reset_dimensions()  # what the file claims of its size is not to be trusted
        blank = 0
        for values in rows.iter_rows(max_row=MOST_ROWS, max_col=columns, values_only=True):
            cells = trimmed([as_text(value) for value in values])
            if not cells:
                blank += 1
                continue
            writer.writerows([()] * blank)
            writer.writerow(cells)
            blank = 0
    text.flush()
    text.detach()  # the target is the caller's to close


def texts(file: IO[bytes]) -> Iterator[str]:
    """Every row of every sheet as one text, hidden sheets too.

    Raises:
        BadFile: it is no XLSX workbook, or too large once unpacked.
    """
    with _opened(file) as book:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            for values in sheet.iter_rows(max_row=MOST_ROWS, values_only=True):
                yield "\t".join(as_text(value) for value in values)


def as_text(value: Any) -> str:
    """A typed cell as people would have typed it, without doubt about thousands or days."""
    if value is None or value in ERRORS:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        is_day = value.time() == time.min
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value)
    return str(value) if isinstance(value, str | time | timedelta) else ""


def trimmed(cells: Sequence[str]) -> list[str]:
    """Without the empty cells at the end."""
    end = next((at for at in range(len(cells), 0, -1) if cells[at - 1].strip()), 0)
    return list(cells[:end])


def _number(value: float) -> str:
    """Never with an exponent; with three decimals it would look like thousands, so it gets a
    fourth."""
    text = format(Decimal(format(value, f".{DIGITS}g")) if isinstance(value, float) else value, "f")
    whole, point, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    if not decimals:
        return whole
    return f"{whole}{point}{decimals}0" if len(decimals) == 3 else f"{whole}{point}{decimals}"


def _names(book: Workbook) -> list[str]:
    return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[Workbook]:
    """The workbook while the block reads from it; formulas are what Excel last made of them."""
    try:
        _check_sizes(file)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            yield book
        finally:
            book.close()
    except BadFile:
        raise
    except _BROKEN:
        raise BadFile("file_binary") from None


def _check_sizes(file: IO[bytes]) -> None:
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
    held = [one.file_size for one in members if not one.filename.lstrip("/").startswith(SHEETS)]
    if sum(one.file_size for one in members) > MOST_UNPACKED or sum(held) > MOST_IN_MEMORY:
        raise BadFile("file_workbook_large")
    file.seek(0)
