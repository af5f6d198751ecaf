from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from core import files
from core.errors import Invalid
from core.ids import uuid7

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\0" * 64
GIF = b"GIF89a" + b"\0" * 64
PDF = b"%PDF-1.7\n" + b"x" * 64
OGG = b"OggS\0\x02" + b"\0" * 22 + b"\x01\x13OpusHead" + b"\0" * 64
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 64
EXE = b"MZ\x90\0" + b"\0" * 64
COMPANY = uuid7()


def zipped(*members: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for member in members:
            archive.writestr(member, "x")
    return content.getvalue()


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def stored_files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def refused(content: Any, kind: str, filename: str = "x") -> str:
    with pytest.raises(Invalid) as raised:
        files.save(content, kind, filename, company=COMPANY)
    return raised.value.errors["file"][0].code


def test_a_file_comes_back_as_it_was(media: Path) -> None:
    stored = files.save(io.BytesIO(PNG), "image", "foto da loja.png", company=COMPANY)
    assert (stored.size, stored.mime, stored.filename) == (
        len(PNG),
        "image/png",
        "foto da loja.png",
    )
    assert stored.sha256 == hashlib.sha256(PNG).hexdigest()
    with files.open(stored.key) as content:
        assert content.read() == PNG


def test_the_key_is_made_of_company_kind_and_an_id_and_nothing_from_outside() -> None:
    key = files.save(PNG, "image", "../../etc/passwd", company=COMPANY).key
    assert key.split("/")[:2] == [str(COMPANY), "image"]
    assert len(key.split("/")) == 3


def test_a_deleted_file_is_gone_and_deleting_again_is_no_error() -> None:
    key = files.save(PNG, "image", "x.png", company=COMPANY).key
    files.delete(key)
    files.delete(key)
    with pytest.raises(FileNotFoundError):
        files.open(key)


@pytest.mark.parametrize(
    ("content", "filename", "mime"),
    [
        (PNG, "x.exe", "image/png"),
        (JPEG, "x", "image/jpeg"),
        (GIF, "x", "image/gif"),
        (PDF, "x.txt", "application/pdf"),
        (OGG, "x.ogg", "audio/ogg"),
        (MP4, "x.mp4", "video/mp4"),
        (EXE, "photo.png", "application/x-msdownload"),
        (zipped("a.txt"), "x.zip", files.ZIP),
        (zipped("docProps/app.xml", "xl/workbook.xml"), "x.zip", files.XLSX),
        (zipped("[Content_Types].xml", "word/document.xml"), "x.docx", files.DOCX),
        (b"PK\x03\x04" + b"broken" * 20, "x.xlsx", files.ZIP),
        (b"name;phone\nAna;11999990000\n", "list.CSV", files.CSV),
        ("Ação;ó\n".encode("cp1252"), "x.csv", files.CSV),
        ("Ação;ó\n".encode("utf-16"), "x.csv", files.CSV),
        (b"\xef\xbb\xbfname\n", "x.csv", files.CSV),
        (b"just text", "x", files.TEXT),
        (b"  <!DOCTYPE html><script>", "x.txt", "text/html"),
        (b"\xef\xbb\xbf<svg onload=alert(1)>", "x.png", "text/html"),
        (b"<?xml version='1.0'?><svg/>", "x.csv", "text/html"),
        (b"<script>alert(1)</script>", "x.csv", "text/html"),
        (b"text with a \0 inside", "x.csv", "application/octet-stream"),
    ],
)
def test_the_type_is_what_the_bytes_say(content: bytes, filename: str, mime: str) -> None:
    assert files.sniff(io.BytesIO(content), filename) == mime


@pytest.mark.parametrize(
    ("content", "kind", "filename"),
    [
        (EXE, "image", "photo.png"),
        (b"<html><script>", "document", "invoice.pdf"),
        (b"<svg onload=alert(1)>", "image", "logo.svg"),
        (PDF, "image", "photo.png"),
        (PNG, "import", "contacts.csv"),
        (b"MZ" + b"\0" * 100, "document", "x.doc"),
    ],
)
def test_a_type_that_the_kind_does_not_take_is_refused_and_leaves_nothing(
    media: Path, content: bytes, kind: str, filename: str
) -> None:
    assert refused(content, kind, filename) == "file_type"
    assert stored_files(media) == []


def test_an_empty_file_is_refused() -> None:
    assert refused(b"", "image") == "file_empty"


def test_a_file_over_the_cap_is_refused_without_being_read_to_its_end(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"\x89PNG" * (size // 4)

    monkeypatch.setitem(files._kinds, "image", files.Kind("image", frozenset(), 1_000_000))
    content = Endless()
    assert refused(content, "image") == "file_too_large"
    assert content.given < 1_200_000
    assert stored_files(media) == []


def test_a_storage_that_fails_half_way_keeps_nothing(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = default_storage.save

    def fail(name: str, content: Any) -> str:
        save(name, content)
        raise OSError("no space left")

    monkeypatch.setattr(default_storage._wrapped, "save", fail)
    with pytest.raises(OSError, match="no space"):
        files.save(PNG, "image", "x.png", company=COMPANY)
    assert stored_files(media) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("nota fiscal.pdf", "nota fiscal.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\foto.jpg", "foto.jpg"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie: x=1.txt"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("a\0b.txt", "ab.txt"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("é" * 300, "é" * 150),
    ],
)
def test_names_are_cleaned_for_showing(given: str, kept: str) -> None:
    assert files.clean_filename(given) == kept


def test_a_kind_is_registered_once() -> None:
    files.register_kind("image", files._kinds["image"].types, files._kinds["image"].max_bytes)
    with pytest.raises(ValueError):
        files.register_kind("image", {"image/png"}, 1)
    with pytest.raises(ValueError):
        files.register_kind("../x", {"image/png"}, 1)
