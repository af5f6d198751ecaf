"""Messages as Graph wants them, and what its answer to one says.

Source: Meta, "Cloud API / Messages" reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from connections.providers.answers import wordless
from connections.providers.base import (
    FailureClass,
    Outgoing,
    OutgoingMedia,
    SendError,
    SendResult,
)
from connections.providers.evidence import mark
from connections.providers.whatsapp_cloud.errors import (
    decoded,
    fault_in,
    provider_error,
)

LARGEST_ANSWER = 256 * 1024
CAPTIONED = frozenset({"image", "video", "document"})

Part = dict[str, Any]


def payload(message: Outgoing) -> bytes:
    """The JSON body of `POST /<number>/messages`.

    Raises:
        SendError: REJECTED `unsupported`, for a kind that this API cannot send.
    """
    part = _PARTS.get(message.kind)
    if part is None:
        raise SendError(FailureClass.REJECTED, "unsupported", f"kind {message.kind}")
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(message.to),
        "type": message.kind,
        message.kind: part(message),
        "biz_opaque_callback_data": mark(message.send_key, message.attempt),
    }
    if message.reply_to and message.kind != "reaction":
        body["context"] = {"message_id": message.reply_to}
    return orjson.dumps(body)


def read_answer(status: int, headers: Mapping[str, str], raw: bytes) -> SendResult:
    """What a complete answer says.

    Raises:
        SendError: Graph refused (by its code), or the answer proves nothing (AMBIGUOUS).
    """
    answer = _decode(raw)
    if 200 <= status < 300:
        return _accepted(answer)
    fault = fault_in(answer)
    if fault is None:
        raise wordless(status, headers, SendError)
    raise provider_error(fault, status, headers, kind=SendError)


def _accepted(answer: object) -> SendResult:
    """An id makes it accepted; a 2xx without one is as good as silence."""
    messages = decoded(answer).get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    external_id = decoded(first).get("id")
    if not isinstance(external_id, str) or not external_id:
        raise SendError(FailureClass.AMBIGUOUS, "bad_answer", "2xx without a message id")
    contacts = decoded(answer).get("contacts")
    person = decoded(contacts[0]) if isinstance(contacts, list) and contacts else {}
    wa_id = person.get("wa_id")
    return SendResult(external_id, wa_id if isinstance(wa_id, str) and wa_id else None)


def _decode(raw: bytes) -> object:
    try:
        answer: object = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return answer


def _recipient(address: str) -> dict[str, str]:
    """Phone numbers go as `to`; people without one are named by their business-scoped id."""
    digits = address.removeprefix("+")
    return {"to": digits} if digits.isdecimal() else {"recipient": address}


def _text(message: Outgoing) -> Part:
    return {"body": message.text, "preview_url": message.preview_url}


def _template(message: Outgoing) -> Part:
    template = message.template
    if template is None:
        raise SendError(FailureClass.REJECTED, "unsupported", "template is missing")
    part: Part = {"name": template.name, "language": {"code": template.language}}
    if template.components:
        part["components"] = list(template.components)
    return part


def _media(message: Outgoing) -> Part:
    media = message.media or OutgoingMedia()
    part: Part = {"id": media.external_id} if media.external_id else {"link": media.link}
    if media.caption and message.kind in CAPTIONED:
        part["caption"] = media.caption
    if media.filename and message.kind == "document":
        part["filename"] = media.filename
    if media.voice and message.kind == "audio":
        part["voice"] = True
    return part


def _location(message: Outgoing) -> Part:
    place = message.location or {}
    names = ("latitude", "longitude", "name", "address")
    return {name: place[name] for name in names if place.get(name) not in (None, "")}


def _contacts(message: Outgoing) -> list[Part]:
    return [_card(card) for card in message.contacts]


def _card(card: Mapping[str, Any]) -> Part:
    name = str(card.get("name") or "")
    part: Part = {
        "name": {"formatted_name": name, "first_name": name.partition(" ")[0] or name},
        "phones": [dict(phone) for phone in card.get("phones") or ()],
    }
    if emails := card.get("emails"):
        part["emails"] = [{"email": email} for email in emails]
    return part


def _interactive(message: Outgoing) -> Part:
    return dict(message.interactive or {})


def _reaction(message: Outgoing) -> Part:
    return {"message_id": message.reply_to or "", "emoji": message.reaction or ""}


_PARTS: dict[str, Callable[[Outgoing], Any]] = {
    "text": _text,
    "template": _template,
    "image": _media,
    "video": _media,
    "audio": _media,
    "document": _media,
    "sticker": _media,
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "reaction": _reaction,
}
KINDS = frozenset(_PARTS)
