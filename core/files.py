"""Files of companies: checked while they stream in, stored under names of ours.

The type is what the bytes say (``filetype``, plus a check for text), never what the name or the
sender says; each kind lists the types it takes. The key is ``<company uuid>/<kind>/<uuid7>``: no
part of it comes from outside. Where they rest is Django's default storage.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import tempfile
import unicodedata
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

import filetype
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from core.errors import FieldError, Invalid
from core.ids import uuid7
from core.scope import Scope

CHUNK_BYTES = 64 * 1024
IN_MEMORY_BYTES = 1024 * 1024
HEAD_BYTES = 8192
TEXT_HEAD_BYTES = 64 * 1024
FILENAME_CHARACTERS = 150
MEGABYTE = 1024 * 1024

JPEG, PNG, GIF, WEBP = "image/jpeg", "image/png", "image/gif", "image/webp"
PDF, TEXT, CSV = "application/pdf", "text/plain", "text/csv"
_OFFICE = "application/vnd.openxmlformats-officedocument"
XLSX = f"{_OFFICE}.spreadsheetml.sheet"
DOCX = f"{_OFFICE}.wordprocessingml.document"
PPTX = f"{_OFFICE}.presentationml.presentation"
ZIP = "application/zip"

_ZIP_MEMBERS = {"xl/workbook.xml": XLSX, "word/document.xml": DOCX, "ppt/presentation.xml": PPTX}
# One name per type, whatever the library calls it.
_SAME = {"audio/x-wav": "audio/wav", "audio/m4a": "audio/mp4", "video/x-m4v": "video/mp4"}
_MARKUP = re.compile(
    rb"^\s*(?:<\?xml|<!doctype|<!--|<(?:html|head|body|script|svg|iframe|img|a|table)\b)",
    re.IGNORECASE,
)
# What text has no use for: all controls but tab, line feed, form feed, carriage return, escape.
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of a stored file; the owner keeps these in columns. ``size`` in bytes."""

    key: str
    size: int
    mime: str
    sha256: str
    filename: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What may be stored under a name, and how large."""

    name: str
    types: frozenset[str]
    max_bytes: int


_kinds: dict[str, Kind] = {}


def register_kind(name: str, types: Iterable[str], max_bytes: int) -> Kind:
    """Declare a kind of file; an app that needs its own limits does so in ``ready()``."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name):
        raise ValueError(f"not a name for a kind of file: {name!r}")
    kind = Kind(name, frozenset(types), max_bytes)
    if _kinds.get(name, kind) != kind:
        raise ValueError(f"The kind {name!r} is already registered differently.")
    _kinds[name] = kind
    return kind


_IMAGES = {JPEG, PNG, GIF, WEBP}
_AUDIO = {"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav"}
_VIDEO = {"video/mp4", "video/3gpp", "video/quicktime", "video/webm"}
_DOCUMENTS = {
    PDF, TEXT, CSV, XLSX, DOCX, PPTX, ZIP, "application/msword", "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
}  # fmt: skip
register_kind("image", _IMAGES, 16 * MEGABYTE)
register_kind("avatar", _IMAGES, 5 * MEGABYTE)
register_kind("audio", _AUDIO, 16 * MEGABYTE)
register_kind("video", _VIDEO, 16 * MEGABYTE)
register_kind("document", _DOCUMENTS | _IMAGES | _AUDIO | _VIDEO, 100 * MEGABYTE)
register_kind("import", {CSV, TEXT, XLSX}, 100 * MEGABYTE)
register_kind("export", {CSV, TEXT, XLSX, ZIP, PDF}, 1024 * MEGABYTE)


def save(
    content: bytes | IO[bytes] | File[Any],
    kind: str,
    filename: str,
    *,
    company: uuid.UUID | Scope,
) -> StoredFile:
    """Store ``content`` for a company and say what it is.

    Raises ``Invalid`` on the field ``file`` when it is empty, larger than the kind allows, or of
    a type that the kind does not take. Then nothing is left in the storage.
    """
    rules = _kinds[kind]
    owner = company if isinstance(company, uuid.UUID) else company.id
    name = clean_filename(filename)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spool:
        size, sha256 = _receive(content, spool, rules.max_bytes)
        mime = sniff(spool, name)
        if mime not in rules.types:
            raise _invalid(
                "file_type", _("Files of this type (%(type)s) are not accepted."), type=mime
            )
        key = f"{owner}/{rules.name}/{uuid7()}"
        spool.seek(0)
        try:
            default_storage.save(key, File(spool))
        except BaseException:
            with contextlib.suppress(OSError):
                default_storage.delete(key)
            raise
    return StoredFile(key, size, mime, sha256, name)


def open(key: str) -> File[Any]:  # noqa: A001 -- files.open() is what it does
    """The stored bytes; raises ``FileNotFoundError``."""
    return default_storage.open(key)


def delete(key: str) -> None:
    """Remove a stored file; one that is not there is no error."""
    default_storage.delete(key)


def clean_filename(filename: str) -> str:
    """A name to show and to offer for saving: no folders, no control or direction characters."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", filename))[-1]
    kept = "".join(
        character for character in base if unicodedata.category(character)[0] != "C"
    ).strip(" .")
    if len(kept) > FILENAME_CHARACTERS:
        stem, dot, suffix = kept.rpartition(".")
        suffix = f".{suffix}" if dot and len(suffix) <= 10 else ""
        kept = (stem or kept)[: FILENAME_CHARACTERS - len(suffix)] + suffix
    return kept or "file"


def sniff(content: IO[bytes], filename: str) -> str:
    """The MIME type that the bytes have; the name only tells CSV from other text."""
    content.seek(0)
    head = content.read(TEXT_HEAD_BYTES)
    found = filetype.guess(head[:HEAD_BYTES])
    if found is not None:
        mime = _SAME.get(found.mime, found.mime)
        return _inside_zip(content) if mime == ZIP else mime
    if _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "text/html"  # or SVG, or XML: a browser might run it, so all of them are one
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or not _NOT_TEXT.search(head):
        return CSV if filename.lower().endswith((".csv", ".tsv")) else TEXT
    return "application/octet-stream"


def _inside_zip(content: IO[bytes]) -> str:
    """Office documents are ZIP files; writers differ in the order that signatures rely on."""
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return ZIP
    return next((mime for member, mime in _ZIP_MEMBERS.items() if member in names), ZIP)


def _receive(content: Any, spool: IO[bytes], max_bytes: int) -> tuple[int, str]:
    """Copy, count and hash; stops as soon as it is too much."""
    size, digest = 0, hashlib.sha256()
    for chunk in _chunks(content):
        size += len(chunk)
        if size > max_bytes:
            limit = max_bytes // MEGABYTE
            raise _invalid(
                "file_too_large", _("The file is larger than %(limit)s MB."), limit=limit
            )
        digest.update(chunk)
        spool.write(chunk)
    if size == 0:
        raise _invalid("file_empty", _("The file is empty."))
    return size, digest.hexdigest()


def _chunks(content: Any) -> Iterator[bytes]:
    if isinstance(content, bytes | bytearray | memoryview):
        yield bytes(content)
        return
    while chunk := content.read(CHUNK_BYTES):
        yield chunk


def _invalid(code: str, message: Any, **params: Any) -> Invalid:
    return Invalid({"file": FieldError(code, message % params if params else message)})
