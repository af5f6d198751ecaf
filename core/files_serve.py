"""Handing stored files out so that a browser shows them and never runs them.

Customers' files come from our own origin, so: no sniffing, attachment unless the type is known to
be harmless, and a sandbox around what is shown. Ranges, for players that seek.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from core import files
from core.files import StoredFile

INLINE_TYPES = frozenset({
    "image/jpeg", "image/png", "image/gif", "image/webp",
    "audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav",
    "video/mp4", "video/3gpp", "video/quicktime", "video/webm",
    files.PDF,
})  # fmt: skip
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
# Browsers show PDFs in a viewer of their own, isolated from our origin, which `sandbox` would
# switch off.
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
CACHE_SECONDS = 3600  # a key's content never changes; rights may
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def serve(
    stored: StoredFile, *, inline: bool, request: HttpRequest | None = None
) -> HttpResponseBase:
    """The response for a stored file; the caller has checked the rights.

    ``inline`` is granted to harmless types only. With the request, ranges are answered (206, 416).
    Raises ``FileNotFoundError`` if the storage has lost it.
    """
    header = request.headers.get("Range", "") if request is not None else ""
    section = _section(header, stored.size)
    if section is None:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{stored.size}"
        return response
    start, length = section
    content: Any = files.open(stored.key)
    partial = (start, length) != (0, stored.size)
    if partial:
        content = _Section(content, start, length)
    shown = inline and stored.mime in INLINE_TYPES
    response = FileResponse(
        content,
        status=206 if partial else 200,
        as_attachment=not shown,
        filename=stored.filename,
        content_type=stored.mime if shown else _harmless(stored.mime),
    )
    if partial:
        response["Content-Range"] = f"bytes {start}-{start + length - 1}/{stored.size}"
    response["Content-Length"] = str(length)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{stored.sha256}"'
    response["Cache-Control"] = f"private, max-age={CACHE_SECONDS}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = PDF_POLICY if stored.mime == files.PDF else SANDBOX
    return response


def _harmless(mime: str) -> str:
    """Even as an attachment nothing is called HTML or script."""
    return mime if mime in INLINE_TYPES | {files.CSV, files.TEXT} else "application/octet-stream"


def _section(header: str, size: int) -> tuple[int, int] | None:
    """(start, length) of a Range header with one range; the whole if there is none or several;
    None if it cannot be satisfied (RFC 9110, 14.1.2)."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.group(1) == match.group(2) == "":
        return 0, size
    first, last = match.groups()
    if first == "":
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
    if start >= size or (first and last and int(last) < start):
        return None
    return start, end - start + 1


class _Section:
    """A part of an open file, readable and closable: all that a response needs."""

    def __init__(self, content: Any, start: int, length: int) -> None:
        self._content = content
        self._left = length
        content.seek(start)

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        chunk: bytes = self._content.read(wanted)
        self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        self._content.close()
