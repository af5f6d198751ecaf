"""A workbook becomes text: typed cells without doubt, rows in their places, nothing unpacked
without a limit."""

import io
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
from openpyxl import Workbook

from crm.imports import reader, workbook
from crm.imports.reasons import BadFile


def a_workbook(**sheets: list[list[Any]]) -> io.BytesIO:
    """A workbook with these sheets, each a list of rows."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target


def csv_of(book: io.BytesIO, sheet: str = "A", columns: int = 200) -> str:
    target = io.BytesIO()
    workbook.write_csv(book, target, sheet=sheet, columns=columns)
    return target.getvalue().decode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("João", "João"),
        (True, "true"),
        (5511987654321, "5511987654321"),
        (5511987654321.0, "5511987654321"),
        (10.5, "10.5"),
        (1.234, "1.2340"),  # 1.234 could be a thousand
        (0.1 + 0.2, "0.3"),
        (1e15, "1000000000000000"),
        (1e-7, "0.0000001"),
        (datetime(2026, 11, 21), "2026-11-21"),  # noqa: DTZ001 -- sheets know no zones
        (datetime(2026, 11, 21, 9, 30), "2026-11-21 09:30:00"),  # noqa: DTZ001
        (date(2026, 11, 21), "2026-11-21"),
        (time(9, 30), "09:30:00"),
        ("#N/A", ""),
    ],
)
def test_a_typed_cell_reads_as_people_write_it(value: Any, text: str) -> None:
    assert workbook.as_text(value) == text


def test_rows_keep_the_numbers_that_the_sheet_shows() -> None:
    book = a_workbook(A=[["nome", "fone"], [], ["Ana", 11987654321], [None], ["Bia, 2", "12"]])
    table = io.BytesIO(csv_of(book).encode())
    shape = reader.Shape(workbook.ENCODING, workbook.DELIMITER)
    assert list(reader.rows(table, shape)) == [(3, ["Ana", "11987654321"]), (5, ["Bia, 2", "12"])]


def test_columns_beyond_the_limit_are_left_out() -> None:
    assert csv_of(a_workbook(A=[["a", "b", "c"]]), columns=2) == "a,b\r\n"


def test_a_formula_is_what_it_came_to() -> None:
    """openpyxl writes formulas without a result, as programs do."""
    assert csv_of(a_workbook(A=[["a", "b"], ["=1+1", "x"]])) == "a,b\r\n,x\r\n"


def test_hidden_sheets_are_none_to_choose() -> None:
    book = Workbook()
    book.active.title = "Clientes"
    book.create_sheet("Velho").sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    assert workbook.sheet_names(target) == ["Clientes"]
    with pytest.raises(BadFile, match="file_no_sheet"):
        csv_of(target, sheet="Velho")


def rezipped(book: io.BytesIO, **members: bytes) -> io.BytesIO:
    """The same archive with some members replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *members}:
            new.writestr(name, members.get(name) or old.read(name))
    return target


def test_an_archive_that_unpacks_into_too_much_is_refused_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook, "MOST_UNPACKED", 2 * workbook.MEGABYTE)
    bomb = rezipped(a_workbook(A=[["a"]]), **{"xl/bomb.xml": b"0" * (3 * workbook.MEGABYTE)})
    assert len(bomb.getvalue()) < 20_000
    with pytest.raises(BadFile, match="file_workbook_large"):
        workbook.sheet_names(bomb)


def test_texts_that_would_fill_the_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_IN_MEMORY", 100)
    with pytest.raises(BadFile, match="file_workbook_large"):
        workbook.sheet_names(a_workbook(A=[["a long title of a column"] * 3]))


def test_entities_that_multiply_are_refused() -> None:
    lines = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    laughs = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{lines}]><x>&a9;</x>'
    bomb = rezipped(a_workbook(A=[["a"]]), **{"xl/worksheets/sheet1.xml": laughs.encode()})
    with pytest.raises(BadFile, match="file_binary"):
        csv_of(bomb)


@pytest.mark.parametrize("content", [b"PK\x03\x04xxxx", b"PK\x05\x06" + b"\x00" * 18])
def test_a_broken_archive_is_refused(content: bytes) -> None:
    with pytest.raises(BadFile, match="file_binary"):
        workbook.sheet_names(io.BytesIO(content))


def test_an_archive_of_something_else_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(BadFile, match="file_binary"):
        workbook.sheet_names(target)
