"""Rows as files: nothing that a spreadsheet would run, and the same values in every format."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import openpyxl
import pytest
from django.utils import timezone

from crm.exports import sheets
from crm.exports.sheets import Cell

PAYLOADS = [
    "=1+1", "+1+1", "-1", "@SUM(A1)", "\tx", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x",  # noqa: RUF001
    "=cmd|' /C calc'!A0", 'a "quoted", name; x', "ção", "a\x0bb", "a\x7fb",
]  # fmt: skip
KEYS = ["name", "tags", "number", "at"]


def made(write: sheets.Writer, rows: Iterable[Sequence[Cell]]) -> bytes:
    target = io.BytesIO()
    write(target, ["=Name", "Tags", "Number", "At"], KEYS, rows)
    return target.getvalue()


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_of_a_csv_starts_as_a_formula(payload: str) -> None:
    rows = csv_rows(made(sheets.write_csv, [[payload, [payload], 1, None]]))
    starts = {cell[:1] for row in rows for cell in row}
    assert starts & set("=+-@\t\r\n＝＋－＠") == set()  # noqa: RUF001


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_of_a_workbook_is_a_formula(payload: str) -> None:
    content = made(sheets.write_xlsx, [[payload, [payload], 1, None]])
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert "f" not in {cell.data_type for row in book.active.iter_rows() for cell in row}


def test_json_lines_keep_values_as_they_are() -> None:
    at = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    lines = made(sheets.write_jsonl, [["=1+1\x7f", ["VIP"], 1.5, at]]).decode().splitlines()
    [row] = map(json.loads, lines)
    assert (row["name"], row["tags"], row["number"]) == ("=1+1\x7f", ["VIP"], 1.5)
    assert datetime.fromisoformat(row["at"]) == at


def test_numbers_and_times_stay_what_they_are_in_a_workbook() -> None:
    at = datetime(2026, 11, 21, 12, 0, 30, 5, tzinfo=UTC)
    content = made(sheets.write_xlsx, [["Ana", [], 1.5, at]])
    [_, row] = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    assert row[2:] == (1.5, timezone.make_naive(at).replace(microsecond=0))


def test_without_rows_there_is_still_a_file() -> None:
    assert csv_rows(made(sheets.write_csv, [])) == [["'=Name", "Tags", "Number", "At"]]
    assert made(sheets.write_jsonl, []) == b"\n"
