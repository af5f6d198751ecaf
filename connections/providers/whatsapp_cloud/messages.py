"""What people write to the number: the items of `messages`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from connections.providers.base import Identities, InboundMedia, InboundMessage
from connections.providers.loose import mapping, objects, text
from connections.providers.whatsapp_cloud.fields import Place, hex_digest, moment

MEDIA = frozenset({"image", "video", "audio", "document", "sticker"})
Raw = Mapping[str, Any]
Content = dict[str, Any]


def read_message(place: Place, item: Raw) -> InboundMessage:
    """One message. Raises KeyError or ValueError when its id, time or sender is missing."""
    kind, content = _content(item)
    context = mapping(item, "context")
    identities, name = _sender(place, item)
    return InboundMessage(
        number_id=place.number_id,
        account_id=place.account_id,
        external_id=_required(item, "id"),
        identities=identities,
        at=moment(item["timestamp"]),
        kind=kind,
        profile_name=name,
        content=content,
        media=_media(kind, item),
        reply_to=text(context, "id") or None,
        forwarded=bool(context.get("forwarded") or context.get("frequently_forwarded")),
        raw=item,
    )


def _required(item: Raw, key: str) -> str:
    value = text(item, key)
    if not value:
        raise KeyError(key)
    return value


def _sender(place: Place, item: Raw) -> tuple[Identities, str]:
    """Every name of the sender: from the message and from the contact introduced beside it.

    Since usernames came, phone and wa_id may be missing and the business-scoped id is all there
    is; before that it was the other way round.
    """
    wa_id, bsuid = text(item, "from"), text(item, "from_user_id")
    if wa_id and not wa_id.isdecimal():  # some callbacks put the business-scoped id here
        wa_id, bsuid = "", bsuid or wa_id
    contact = _introduced(place, wa_id, bsuid)
    wa_id = wa_id or text(contact, "wa_id")
    bsuid = bsuid or text(contact, "user_id")
    if not (wa_id or bsuid):
        raise KeyError("from")
    profile = mapping(contact, "profile")
    name = text(profile, "name") or text(profile, "username")
    return Identities(wa_id=wa_id, bsuid=bsuid, phone=wa_id), name


def _introduced(place: Place, wa_id: str, bsuid: str) -> Raw:
    """The entry of `contacts` that is this sender; the only one there is counts as them."""
    for contact in place.contacts:
        same_number = wa_id and text(contact, "wa_id") == wa_id
        same_id = bsuid and text(contact, "user_id") == bsuid
        if same_number or same_id:
            return contact
    is_alone = len(place.contacts) == 1 and not (wa_id or bsuid)
    return place.contacts[0] if is_alone else {}


def _content(item: Raw) -> tuple[str, Content]:
    """(our kind, content): what we have no word for is kept whole as unknown."""
    kind = text(item, "type")
    if kind == "contacts":
        return kind, _cards(item)
    reader = _READERS.get(kind)
    if reader is None or (kind in MEDIA and not text(mapping(item, kind), "id")):
        errors = [
            {"code": text(error, "code"), "title": text(error, "title")}
            for error in objects(item, "errors")
        ]
        raw = {key: value for key, value in item.items() if key not in ("from", "from_user_id")}
        return "unknown", {"type": kind, "raw": raw, **({"errors": errors} if errors else {})}
    content = reader(mapping(item, kind))
    if referral := mapping(item, "referral"):
        content["referral"] = dict(referral)
    return kind, content


def _media(kind: str, item: Raw) -> InboundMedia | None:
    if kind not in MEDIA:
        return None
    part = mapping(item, kind)
    return InboundMedia(
        external_id=text(part, "id"),
        mime=text(part, "mime_type"),
        sha256=hex_digest(text(part, "sha256")),
        filename=text(part, "filename"),
        voice=part.get("voice") is True,
        animated=part.get("animated") is True,
    )


def _text(part: Raw) -> Content:
    return {"text": text(part, "body")}


def _captioned(part: Raw) -> Content:
    return {"caption": text(part, "caption")}


def _bare(part: Raw) -> Content:
    return {}


def _location(part: Raw) -> Content:
    return {
        "latitude": float(part["latitude"]),
        "longitude": float(part["longitude"]),
        "name": text(part, "name"),
        "address": text(part, "address"),
    }


def _button(part: Raw) -> Content:
    return {"text": text(part, "text"), "payload": text(part, "payload")}


def _reaction(part: Raw) -> Content:
    return {"emoji": text(part, "emoji"), "target": text(part, "message_id")}


def _system(part: Raw) -> Content:
    return {
        "text": text(part, "body"),
        "type": text(part, "type"),
        "wa_id": text(part, "wa_id") or text(part, "new_wa_id"),
    }


def _interactive(part: Raw) -> Content:
    """The answer to buttons, to a list or to a form (Meta calls it nfm)."""
    if button := mapping(part, "button_reply"):
        return {"type": "button", "id": text(button, "id"), "text": text(button, "title")}
    if row := mapping(part, "list_reply"):
        return {
            "type": "list",
            "id": text(row, "id"),
            "text": text(row, "title"),
            "description": text(row, "description"),
        }
    form = mapping(part, "nfm_reply")
    return {
        "type": "form" if form else text(part, "type"),
        "id": text(form, "name"),
        "text": text(form, "body"),
        "data": _form_data(text(form, "response_json")) if form else dict(part),
    }


def _form_data(answer: str) -> Any:
    try:
        return orjson.loads(answer)
    except orjson.JSONDecodeError:
        return answer


def _cards(item: Raw) -> Content:
    return {"contacts": [_card(card) for card in objects(item, "contacts")]}


def _card(card: Raw) -> Content:
    name = mapping(card, "name")
    return {
        "name": text(name, "formatted_name") or text(name, "first_name"),
        "phones": [
            {key: text(phone, key) for key in ("phone", "type", "wa_id") if text(phone, key)}
            for phone in objects(card, "phones")
        ],
        "emails": [text(one, "email") for one in objects(card, "emails") if text(one, "email")],
        "company": text(mapping(card, "org"), "company"),
    }


_READERS: dict[str, Callable[[Raw], Content]] = {
    "text": _text,
    "image": _captioned,
    "video": _captioned,
    "document": _captioned,
    "audio": _bare,
    "sticker": _bare,
    "location": _location,
    "button": _button,
    "interactive": _interactive,
    "reaction": _reaction,
    "system": _system,
}
