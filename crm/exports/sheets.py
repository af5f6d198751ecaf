"""Rows into a file as CSV, XLSX or JSON lines, one by one, so that a million need no memory.

No cell of a spreadsheet is a formula: what would run as one gets an apostrophe (crm.imports.cells).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from crm.csv_export import BOM
from crm.imports.cells import guarded

Cell = str | int | float | bool | datetime | list[str] | None
# (target, titles, keys, rows)
Writer = Callable[[IO[bytes], Sequence[str], Sequence[str], Iterable[Sequence[Cell]]], None]
DELETE = "\x7f"  # the only control character that JSON and sheets let through
CELL_CHARACTERS = 32_767  # Excel's limit for one cell


class Counted:
    """Rows that count themselves as they pass."""

    def __init__(self, rows: Iterator[list[Cell]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[list[Cell]]:
        for row in self._rows:
            self.count += 1
            yield row


def write_csv(
    target: IO[bytes],
    titles: Sequence[str],
    keys: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> None:
    """UTF-8 with a byte order mark, since Excel takes other CSV for Windows-1252."""
    text = io.TextIOWrapper(target, encoding="utf-8", newline="")
    text.write(BOM)
    writer = csv.writer(text)
    writer.writerow([_safe(title) for title in titles])
    for row in rows:
        writer.writerow([_as_text(cell) for cell in row])
    text.flush()
    text.detach()


def write_xlsx(
    target: IO[bytes],
    titles: Sequence[str],
    keys: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> None:
    """One sheet; numbers and times stay what they are."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([_safe(title) for title in titles])
    for row in rows:
        sheet.append([_as_value(cell) for cell in row])
    book.save(target)


def write_jsonl(
    target: IO[bytes],
    titles: Sequence[str],
    keys: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> None:
    """An object a line, by the keys of the columns; times in ISO 8601 with their zone."""
    text = io.TextIOWrapper(target, encoding="utf-8", newline="")
    for row in rows:
        pairs: Mapping[str, Cell] = dict(zip(keys, row, strict=True))
        line = json.dumps(pairs, ensure_ascii=False, default=_as_json)
        text.write(line.replace(DELETE, "\\u007f") + "\n")
    text.flush()
    if not target.tell():
        text.write("\n")  # no file is empty
        text.flush()
    text.detach()


def _as_text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return timezone.localtime(cell).isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, list):
        return _safe(", ".join(cell))
    return "" if cell is None else _safe(str(cell))


def _as_value(cell: Cell) -> Any:
    """Excel knows no time zones: times stand as they are on the company's clock."""
    if isinstance(cell, datetime):
        return timezone.make_naive(cell).replace(microsecond=0)
    return _as_text(cell)[:CELL_CHARACTERS] if isinstance(cell, str | list) else cell


def _as_json(cell: Any) -> str:
    return timezone.localtime(cell).isoformat() if isinstance(cell, datetime) else str(cell)


def _safe(text: str) -> str:
    """No formula, and no control characters, which no sheet can hold."""
    return guarded(ILLEGAL_CHARACTERS_RE.sub("", text).replace(DELETE, ""))
