import io
import tracemalloc

import pytest

from crm.imports.reader import inspect, rows
from crm.imports.reasons import BadFile

HEADER = "nome,telefone"
JOAO = "João,11987654321"


def read(content: bytes, after: int = 0) -> list[tuple[int, list[str]]]:
    file = io.BytesIO(content)
    return list(rows(file, inspect(file).shape, after=after))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (f"{HEADER}\n{JOAO}\n".encode(), "utf-8"),
        (f"\ufeff{HEADER}\r\n{JOAO}\r\n".encode(), "utf-8-sig"),
        (f"{HEADER}\r\n{JOAO}\r\n".encode("utf-16"), "utf-16"),
        (f"{HEADER}\r\n{JOAO}\r\n".encode("utf-16-le"), "utf-16-le"),
        (f"{HEADER}\r\n{JOAO}\r\n".encode("utf-16-be"), "utf-16-be"),
        (f"{HEADER}\n{JOAO}\n".encode("cp1252"), "cp1252"),
        (f"{HEADER}\n{JOAO}\n".encode("cp1252") + b"x\x81,1\n", "latin-1"),
        (f"{HEADER}\r{JOAO}\r".encode(), "utf-8"),
    ],
)
def test_accents_survive_every_encoding(content: bytes, encoding: str) -> None:
    assert inspect(io.BytesIO(content)).shape.encoding == encoding
    assert read(content)[0] == (2, ["João", "11987654321"])


def test_a_few_broken_bytes_do_not_break_the_other_accents() -> None:
    content = f"{HEADER}\n{JOAO}\nÂngela,2\nÉrico,3\n".encode() + b"x\xff,4\n"
    assert [cells[0] for _, cells in read(content)] == ["João", "Ângela", "Érico", "x\ufffd"]


def test_an_accent_far_behind_the_start_decides_too() -> None:
    content = f"{HEADER}\n".encode() + b"Ana,1\n" * 20_000 + "José,2\n".encode("cp1252")
    assert read(content)[-1] == (20_002, ["José", "2"])


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_each_delimiter_is_found(mark: str) -> None:
    content = f"nome{mark}telefone{mark}obs\nAna{mark}11987654321{mark}a b\n".encode()
    assert inspect(io.BytesIO(content)).shape.delimiter == mark
    assert read(content) == [(2, ["Ana", "11987654321", "a b"])]


def test_commas_in_quotes_and_prices_do_not_fool_the_delimiter() -> None:
    content = b'nome;telefone;saldo\n"Silva, Ana";11987654321;10,50\nBia;1;7,00\n'
    assert read(content)[0] == (2, ["Silva, Ana", "11987654321", "10,50"])


def test_excels_own_first_line_names_the_delimiter_and_is_no_row() -> None:
    assert read(b"sep=;\nnome;telefone\nAna;11987654321\n") == [(2, ["Ana", "11987654321"])]


def test_line_breaks_and_quotes_inside_quotes_belong_to_the_cell() -> None:
    content = b'nome,obs\n"Ana ""A"" Lima","um\ndois"\nBia,x\n'
    assert read(content) == [(2, ['Ana "A" Lima', "um\ndois"]), (3, ["Bia", "x"])]


def test_rows_are_numbered_as_a_spreadsheet_does_and_empty_ones_are_left_out() -> None:
    content = b"nome,telefone\nAna,1\n\n,,\n  ,\nBia,2\n"
    assert [number for number, _ in read(content)] == [2, 6]
    assert inspect(io.BytesIO(content)).total == 2


def test_ragged_rows_keep_what_they_have() -> None:
    assert read(b"a,b\n1\n1,2,3\n") == [(2, ["1"]), (3, ["1", "2", "3"])]


def test_nuls_are_dropped() -> None:
    assert read(b"nome,telefone\nA\x00na,1198765\x004321\n") == [(2, ["Ana", "11987654321"])]


def test_a_file_without_titles_loses_no_contact() -> None:
    content = b"Ana,11987654321\nBia,21999990000\n"
    found = inspect(io.BytesIO(content))
    assert (found.header, found.total) == (["1", "2"], 2)
    assert [number for number, _ in read(content)] == [1, 2]


def test_reading_goes_on_behind_a_row() -> None:
    assert read(b"a\nx\ny\nz\n", after=3) == [(4, ["z"])]


def test_an_apostrophe_that_guarded_a_formula_comes_off() -> None:
    content = "nome,telefone\n'=SOMA,'+5511987654321\nD'Ávila,'ok\n".encode()
    assert read(content) == [(2, ["=SOMA", "+5511987654321"]), (3, ["D'Ávila", "'ok"])]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"  \r\n\r\n", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b",,\n,,\n", "file_empty"),
        (b"nome,telefone\n", "file_no_rows"),
        (b"nome,telefone\n\n,\n", "file_no_rows"),
        (b"PK\x03\x04" + bytes(200), "file_binary"),
        (b"\xd0\xcf\x11\xe0" + bytes(200), "file_workbook"),
        (b"%PDF-1.7 ...", "file_binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "file_binary"),
        (bytes(range(256)) * 20, "file_binary"),
        (b"a,b\n" + b"x" * 1_000_001, "file_line_too_long"),
        (b'a,b\n1,"' + b"x\n" * 100_000, "file_quotes"),
        (b",".join([b"a"] * 201) + b"\n1\n", "file_too_many_columns"),
    ],
)
def test_what_is_no_list_of_contacts_is_refused_with_its_reason(content: bytes, code: str) -> None:
    with pytest.raises(BadFile) as caught:
        inspect(io.BytesIO(content))
    assert caught.value.code == code
    assert caught.value.error.code == code


def test_a_long_file_needs_little_memory() -> None:
    content = b"nome,telefone\n" + b"Ana Maria Souza,11987654321\n" * 100_000
    file = io.BytesIO(content)
    tracemalloc.start()
    try:
        assert inspect(file).total == 100_000
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
