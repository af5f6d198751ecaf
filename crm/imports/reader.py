"""From the bytes of a file to rows of text, streaming: a million rows need the memory of one.

What people upload: UTF-8 with and without BOM, UTF-16 from Excel's "Unicode text", Windows-1252
from its "CSV"; comma, semicolon (Excel in Portuguese), tab or bar; `sep=;` lines; NULs; rows with
too few or too many cells.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from crm import phones
from crm.imports.cells import unguarded
from crm.imports.reasons import BadFile
from crm.models import Import

SAMPLE_BYTES = 64 * 1024
SAMPLE_ROWS = 10
MAX_LINE = 1_000_000
MAX_COLUMNS = 200
MAX_BREAKS_IN_CELL = 30
DELIMITERS = (",", ";", "\t", "|")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"  # xls, and whatever Excel protects with a password
BINARIES = (
    b"PK\x03\x04",
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
)

Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is written."""

    encoding: str
    delimiter: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a first pass over a whole file found.

    Attributes:
        header: the column titles; "1", "2", … for a file without any.
        total: rows with anything in them, the header not counted.
        sample: the first ten of them.
    """

    shape: Shape
    header: list[str]
    total: int
    sample: list[list[str]]


def inspect(file: IO[bytes], shape: Shape | None = None) -> Inspection:
    """Read a file once from start to end and say what is in it.

    Args:
        shape: how it is written, where that is known.

    Raises:
        BadFile: it is empty, no text, a workbook, has no rows or broken quotes.
    """
    shape = shape or find_shape(file)
    records = _records(file, shape)
    first = next(records, None)
    if first is None:
        raise BadFile("file_empty")
    has_titles = is_header(first[1])
    data = records if has_titles else itertools.chain([first], records)
    sample = [cells for _, cells in itertools.islice(data, SAMPLE_ROWS)]
    total = len(sample) + sum(1 for _ in data)
    if not total:
        raise BadFile("file_no_rows")
    width = max(len(first[1]), *(len(cells) for cells in sample))
    if width > MAX_COLUMNS:
        raise BadFile("file_too_many_columns")
    titles = first[1] if has_titles else []
    header = [title.strip() for title in titles]
    header += [str(column + 1) for column in range(len(header), width)]
    return Inspection(shape=shape, header=header, total=total, sample=sample)


def shape_of(batch: Import) -> Shape:
    """How the file of an import is written, as found when it was uploaded."""
    return Shape(encoding=batch.encoding, delimiter=batch.delimiter)


def rows(file: IO[bytes], shape: Shape, *, after: int = 0) -> Iterator[Row]:
    """The rows below the header that have anything in them, from behind row `after`.

    Each comes with its number as a spreadsheet counts (the header is row 1).

    Raises:
        BadFile: a quotation mark swallowed the rest of the file.
    """
    records = _records(file, shape)
    first = next(records, None)
    if first is not None and not is_header(first[1]):
        records = itertools.chain([first], records)
    return (record for record in records if record[0] > after)


def binary(file: Any) -> IO[bytes]:
    """The plain binary file inside Django's wrappers, which text wrappers cannot read."""
    plain: IO[bytes] = getattr(file, "file", file)
    return plain


def is_header(cells: Sequence[str]) -> bool:
    """A row of titles has no phone number in it."""
    return not any(_is_phone(cell) for cell in cells)


def find_shape(file: IO[bytes]) -> Shape:
    """The encoding and the delimiter of a file.

    Raises:
        BadFile: it is empty or no text.
    """
    file.seek(0)
    head = file.read(SAMPLE_BYTES)
    if not head.strip():
        raise BadFile("file_empty")
    if head.startswith(OLD_WORKBOOK):
        raise BadFile("file_workbook")
    if head.startswith(BINARIES):
        raise BadFile("file_binary")
    encoding = _encoding(file, head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    return Shape(encoding=encoding, delimiter=_delimiter(text.replace("\x00", "")))


def _encoding(file: IO[bytes], head: bytes) -> str:
    for bom, name in BOMS:
        if head.startswith(bom):
            return name
    evens, odds = head[0::2].count(0), head[1::2].count(0)
    if max(evens, odds) > len(head) // 5:
        if min(evens, odds) > len(head) // 10:
            raise BadFile("file_binary")
        return "utf-16-le" if odds > evens else "utf-16-be"
    controls = sum(head.count(code) for code in range(1, 32) if code not in (9, 10, 12, 13))
    if controls + evens + odds > max(8, len(head) // 20):
        raise BadFile("file_binary")
    return _single_byte_or_utf8(file)


def _single_byte_or_utf8(file: IO[bytes]) -> str:
    """UTF-8 if its sequences outnumber what is wrong in it, else what Windows writes."""
    file.seek(0)
    valid = wrong = 0
    undefined = False
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while block := file.read(1024 * 1024):
        if block.isascii():
            continue
        undefined = undefined or any(code in block for code in b"\x81\x8d\x8f\x90\x9d")
        text = decoder.decode(block)
        bad = text.count("\ufffd")
        wrong += bad
        valid += len(text) - bad - sum(1 for char in text if char.isascii())
    if not wrong or valid > wrong:
        return "utf-8"
    return "latin-1" if undefined else "cp1252"


def _delimiter(sample: str) -> str:
    """The separator that cuts the first lines into the most columns, all alike."""
    lines = [line for line in sample.splitlines()[:20] if line.strip()]
    if lines and (named := _named_delimiter(lines[0])):
        return named
    scores = {mark: _score(lines, mark) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: scores[mark])
    return best if scores[best] > 1 else ","


def _named_delimiter(line: str) -> str:
    """Excel's own first line: `sep=;`."""
    text = line.strip().strip('"').lower()
    return text[4] if text.startswith("sep=") and len(text) == 5 else ""


def _score(lines: Sequence[str], mark: str) -> float:
    try:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=mark) if cells]
    except csv.Error:
        return 0
    if not widths:
        return 0
    return widths[0] * widths.count(widths[0]) / len(widths)


def _records(file: IO[bytes], shape: Shape) -> Iterator[Row]:
    """Every record with anything in it and its number; the `sep=` line is not one."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=shape.encoding, errors="replace", newline="")
    try:
        lines = _lines(text)
        first = next(lines, "")
        if not _named_delimiter(first):
            lines = itertools.chain([first], lines)
        reader = csv.reader(lines, delimiter=shape.delimiter)
        for number, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                yield number, [unguarded(cell.strip(" ")) for cell in cells]
    except csv.Error:
        raise BadFile("file_quotes") from None
    finally:
        if not file.closed:  # a reader that stopped half way may be collected later
            text.detach()  # the file is the caller's to close


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(MAX_LINE):
        if len(line) >= MAX_LINE:
            raise BadFile("file_line_too_long")
        yield line.replace("\x00", "").removeprefix("\ufeff")


def _is_phone(cell: str) -> bool:
    try:
        phones.parse(cell)
    except phones.BadPhone:
        return False
    return True
