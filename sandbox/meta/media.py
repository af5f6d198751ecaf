"""Media: upload, look up, download, delete."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.web_request import FileField

from sandbox.media import Media
from sandbox.meta.access import number_of, token_of
from sandbox.meta.errors import GraphError, invalid, no_such_object
from sandbox.state import SANDBOX
from sandbox.wire import reply

UPLOAD_DAYS = 30
INBOUND_DAYS = 7
_URL_SECONDS = 300
_MB = 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument"

# type: longest size in bytes (Meta, "Supported media types")
LIMITS: dict[str, int] = {
    **dict.fromkeys(("image/jpeg", "image/png"), 5 * _MB),
    "image/webp": 500 * 1024,
    **dict.fromkeys(
        ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"), 16 * _MB
    ),
    **dict.fromkeys(("video/mp4", "video/3gpp"), 16 * _MB),
    **dict.fromkeys(
        (
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            f"{_OFFICE}.wordprocessingml.document",
            f"{_OFFICE}.spreadsheetml.sheet",
            f"{_OFFICE}.presentationml.presentation",
            "text/plain",
        ),
        100 * _MB,
    ),
}


async def upload(request: web.Request) -> web.Response:
    """``POST /{phone_number_id}/media`` (multipart): store a file for 30 days."""
    _, number = number_of(request)
    sandbox = request.app[SANDBOX]
    form = await request.post()
    if form.get("messaging_product") != "whatsapp":
        raise invalid("The parameter messaging_product is required.")
    file = form.get("file")
    if not isinstance(file, FileField):
        raise invalid("The parameter file is required.")
    content = file.file.read()
    mime = check_file(str(form.get("type") or file.content_type), len(content))
    media = sandbox.media.put(
        content,
        owner=number.id,
        mime=mime,
        filename=file.filename,
        expires_at=sandbox.clock.now() + UPLOAD_DAYS * 86400,
    )
    sandbox.ledger.append(
        provider="meta",
        connection=number.id,
        recipient="",
        kind="media",
        body=content,
        type=mime,
        media_id=media.id,
    )
    return reply({"id": media.id})


def check_file(mime: str, size: int) -> str:
    """The bare type. Raises GraphError 100 (type) or 131053 (size)."""
    bare = mime.partition(";")[0].strip().lower()
    if bare not in LIMITS:
        known = ", ".join(sorted(LIMITS))
        raise invalid(
            f"Param file must be a file with one of the following types: {known}. "
            f"Received file of type '{bare}'."
        )
    if not 0 < size <= LIMITS[bare]:
        raise GraphError(131053, f"{bare}: between 1 and {LIMITS[bare]} bytes, not {size}.")
    return bare


async def detail(request: web.Request) -> web.Response:
    """``GET /{media_id}``: the facts and an address that holds for five minutes."""
    media = _media_of(request, request.match_info["id"])
    query = urlencode(
        {
            "mid": media.id,
            "ext": int(request.app[SANDBOX].clock.now()) + _URL_SECONDS,
            "hash": secrets.token_urlsafe(24),
        }
    )
    base = request.url.origin()
    return reply(
        {
            "messaging_product": "whatsapp",
            "url": f"{base}/graph/lookaside/whatsapp_business/attachments/?{query}",
            "mime_type": media.mime,
            "sha256": media.sha256,
            "file_size": media.size,
            "id": media.id,
        }
    )


async def download(request: web.Request) -> web.StreamResponse:
    """The bytes, for a bearer of the owning account and while the address holds."""
    media = _media_of(request, request.query.get("mid", ""))
    expiry = request.query.get("ext", "")
    if not expiry.isdigit() or int(expiry) < request.app[SANDBOX].clock.now():
        return web.Response(status=404, text="URL signature expired")
    path = request.app[SANDBOX].media.path(media.id)
    return web.FileResponse(path, headers={"Content-Type": media.mime})


async def delete(request: web.Request) -> web.Response:
    """``DELETE /{media_id}``."""
    media = _media_of(request, request.match_info["id"])
    request.app[SANDBOX].media.drop(media.id)
    return reply({"success": True})


def _media_of(request: web.Request, media_id: str) -> Media:
    """The caller's unexpired file. Raises GraphError 190 or 100/33."""
    token, sandbox = token_of(request), request.app[SANDBOX]
    media = sandbox.media.get(media_id)
    owner = sandbox.accounts.by_number(media.owner) if media else None
    if (
        media is None
        or owner is None
        or token not in owner.tokens
        or media.expires_at < sandbox.clock.now()
    ):
        raise no_such_object(media_id, request.method)
    return media
