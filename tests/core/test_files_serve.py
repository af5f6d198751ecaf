from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from core import files
from core.files import StoredFile
from core.files_serve import serve
from core.ids import uuid7

BODY = bytes(range(100))


@pytest.fixture
def stored(settings: Any, tmp_path: Path) -> StoredFile:
    settings.MEDIA_ROOT = tmp_path
    key = f"{uuid7()}/audio/{uuid7()}"
    (tmp_path / key).parent.mkdir(parents=True)
    (tmp_path / key).write_bytes(BODY)
    return StoredFile(key, len(BODY), "audio/ogg", hashlib.sha256(BODY).hexdigest(), "voz é.ogg")


def with_type(stored: StoredFile, mime: str) -> StoredFile:
    return StoredFile(stored.key, stored.size, mime, stored.sha256, stored.filename)


def body(response: Any) -> bytes:
    if isinstance(response, HttpResponse):
        return response.content
    return b"".join(response.streaming_content)


def test_a_harmless_type_is_shown_in_a_sandbox(stored: StoredFile) -> None:
    response = serve(stored, inline=True)
    assert (response.status_code, body(response)) == (200, BODY)
    assert response["Content-Type"] == "audio/ogg"
    assert response["Content-Disposition"].startswith("inline")
    assert response["Content-Security-Policy"].startswith("sandbox;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Length"] == "100"


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "application/javascript"])
def test_a_type_that_could_run_is_only_for_saving_and_not_called_so(
    stored: StoredFile, mime: str
) -> None:
    response = serve(with_type(stored, mime), inline=True)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")


def test_an_attachment_carries_its_name_in_any_alphabet(stored: StoredFile) -> None:
    response = serve(stored, inline=False)
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''voz%20%C3%A9.ogg"


def test_a_pdf_keeps_the_viewer_of_the_browser(stored: StoredFile) -> None:
    policy = serve(with_type(stored, files.PDF), inline=True)["Content-Security-Policy"]
    assert policy == "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"


@pytest.mark.parametrize(
    ("header", "content", "described"),
    [
        ("bytes=0-9", BODY[:10], "bytes 0-9/100"),
        ("bytes=90-", BODY[90:], "bytes 90-99/100"),
        ("bytes=-5", BODY[-5:], "bytes 95-99/100"),
        ("bytes=50-5000", BODY[50:], "bytes 50-99/100"),
    ],
)
def test_a_range_is_answered(
    stored: StoredFile, header: str, content: bytes, described: str
) -> None:
    request = RequestFactory().get("/", headers={"Range": header})
    response = serve(stored, inline=True, request=request)
    assert (response.status_code, response["Content-Range"]) == (206, described)
    assert response["Content-Length"] == str(len(content))
    assert body(response) == content


@pytest.mark.parametrize("header", ["", "bytes=-", "bytes=0-1,5-6", "lines=1-2", "bytes=0-99"])
def test_other_headers_get_the_whole(stored: StoredFile, header: str) -> None:
    request = RequestFactory().get("/", headers={"Range": header})
    response = serve(stored, inline=True, request=request)
    assert (response.status_code, body(response)) == (200, BODY)


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=9-3", "bytes=-0"])
def test_a_range_outside_is_refused(stored: StoredFile, header: str) -> None:
    request = RequestFactory().get("/", headers={"Range": header})
    response = serve(stored, inline=True, request=request)
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */100")


def test_a_file_that_the_storage_lost_is_an_error(stored: StoredFile) -> None:
    files.delete(stored.key)
    with pytest.raises(FileNotFoundError):
        serve(stored, inline=True)
