"""Customers writing: ``POST /_sandbox/inbound`` becomes Meta's messages webhook."""

from __future__ import annotations

import base64
import binascii
import mimetypes
from typing import Any

import aiohttp
import orjson

from sandbox import samples
from sandbox.accounts import Account, Number
from sandbox.chats import OUT, Bubble
from sandbox.faults import INBOUND_FAULTS, Facts, Rule
from sandbox.inbound import InboundError, person_of
from sandbox.meta.events import Change, contact, metadata
from sandbox.meta.media import INBOUND_DAYS
from sandbox.meta.messages import new_wamid, wa_id_of
from sandbox.phones import digits, pretty, user_id
from sandbox.state import Sandbox

MEDIA_KINDS = ("image", "audio", "video", "document", "sticker")
_MIME = {
    "image": "image/png",
    "audio": "audio/ogg; codecs=opus",
    "video": "video/mp4",
    "document": "application/pdf",
    "sticker": "image/webp",
}
_FETCH_SECONDS = 20


async def write(sandbox: Sandbox, data: dict[str, Any]) -> dict[str, Any]:
    """Let a customer write ``data`` and say what the product answered.

    Returns ``{"id": wamid, "delivered": bool, "status": int}``; status 0 means no answer. What
    was not taken is repeated in the background, as Meta does. Raises InboundError.
    """
    account, number = _receiver(sandbox, data)
    person = person_of(data)
    message = {
        "from": wa_id_of(sandbox, person),
        "from_user_id": user_id(person),
        "id": new_wamid(person),
        "timestamp": str(int(sandbox.clock.now())),
        **await _content(sandbox, number, data),
    }
    message.setdefault("type", "unknown")
    name = _remember(sandbox, number, person, message, data)
    status = await _deliver(sandbox, account, number, message, name)
    delivered = 200 <= status < 300
    if delivered:
        sandbox.chats.mark(message["id"], "delivered")
    sandbox.hub.tell(f"{number.id}:{person}")
    return {"id": message["id"], "delivered": delivered, "status": status}


def _receiver(sandbox: Sandbox, data: dict[str, Any]) -> tuple[Account, Number]:
    """The number written to: by its id, or by the number itself."""
    wanted = str(data.get("connection", ""))
    account = sandbox.accounts.by_number(wanted)
    if account:
        return account, account.numbers[wanted]
    for account in sandbox.accounts:
        for number in account.numbers.values():
            if wanted and digits(number.display_phone_number) == digits(wanted):
                return account, number
    raise InboundError(f"connection: no phone number {wanted!r} here")


def _remember(
    sandbox: Sandbox, number: Number, person: str, message: dict[str, Any], data: dict[str, Any]
) -> str:
    """Put the message into the chat, which opens the window; the person's name."""
    profile = data.get("profile") or {}
    known = sandbox.chats.find(number.id, person)
    name = str(data.get("name") or profile.get("name") or (known.name if known else ""))
    name = name or pretty(person)
    bubble = Bubble(message["id"], OUT, sandbox.clock.now(), orjson.dumps(message), "sent")
    sandbox.chats.wrote(number.id, person, bubble, name=name)
    return name


async def _deliver(
    sandbox: Sandbox, account: Account, number: Number, message: dict[str, Any], name: str
) -> int:
    """Post the webhook at once; an armed fault may forge, double or drop it."""
    fault = _fault(sandbox, number, message)
    do = fault.do if fault else ""
    if do == "drop_status":
        return 0
    value = {
        "messaging_product": "whatsapp",
        "metadata": metadata(number),
        "contacts": [contact(message["from"], name)],
        "messages": [message],
    }
    change = Change(account, value=value, forged=do == "bad_signature")
    status = 0
    for _ in range(fault.copies if fault and do == "dup_status" else 1):
        status = await sandbox.outbox.now(account.callback_for(number.id), [change])
    return status


def _fault(sandbox: Sandbox, number: Number, message: dict[str, Any]) -> Rule | None:
    facts = Facts(
        path="/_sandbox/inbound",
        method="POST",
        recipient=message["from"],
        connection=number.id,
        type=message["type"],
        text=orjson.dumps(message).decode(),
    )
    return sandbox.faults.take("meta", facts, only=INBOUND_FAULTS)


async def _content(sandbox: Sandbox, number: Number, data: dict[str, Any]) -> dict[str, Any]:
    """The part of the message that says what was written."""
    part: dict[str, Any] = {}
    if "media" in data:
        part = await _media(sandbox, number, data["media"])
    elif "text" in data:
        part = {"type": "text", "text": {"body": str(data["text"])}}
    payload = data.get("payload") or {}
    if not isinstance(payload, dict) or not (part or payload):
        raise InboundError("one of text, media and payload is expected")
    return {**part, **payload}


async def _media(sandbox: Sandbox, number: Number, media: Any) -> dict[str, Any]:
    """Store what the customer attached and refer to it by a fresh media id."""
    if not isinstance(media, dict) or media.get("kind") not in MEDIA_KINDS:
        raise InboundError(f"media.kind: one of {', '.join(MEDIA_KINDS)} is expected")
    kind, filename = media["kind"], str(media.get("filename") or "")
    content = await _bytes(kind, media)
    mime = str(media.get("mime") or mimetypes.guess_type(filename)[0] or _MIME[kind])
    stored = sandbox.media.put(
        content,
        owner=number.id,
        mime=mime,
        filename=filename,
        expires_at=sandbox.clock.now() + INBOUND_DAYS * 86400,
    )
    digest = base64.b64encode(bytes.fromhex(stored.sha256)).decode()
    item: dict[str, Any] = {"mime_type": mime, "sha256": digest, "id": stored.id}
    if media.get("caption") and kind in ("image", "video", "document"):
        item["caption"] = str(media["caption"])
    if kind == "document":
        item["filename"] = filename or "documento.pdf"
    if kind == "audio":
        item["voice"] = bool(media.get("voice", True))
    if kind == "sticker":
        item["animated"] = False
    return {"type": kind, kind: item}


async def _bytes(kind: str, media: dict[str, Any]) -> bytes:
    """The file itself: given as base64, fetched from a URL, or a sample of ours."""
    if encoded := media.get("base64"):
        try:
            return base64.b64decode(encoded, validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise InboundError("media.base64: not base64") from error
    if url := media.get("url"):
        return await _fetch(str(url))
    try:
        return samples.sample(kind)
    except KeyError as error:
        raise InboundError(f"media: no sample for {kind}; give base64 or a url") from error


async def _fetch(url: str) -> bytes:
    timeout = aiohttp.ClientTimeout(total=_FETCH_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
            session.get(url) as response,
        ):
            response.raise_for_status()
            return await response.read()
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
        raise InboundError(f"media.url: {error}") from error
