"""What Meta checks in a message before it accepts it, by type."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.meta.errors import GraphError, bad_value, invalid, missing
from sandbox.phones import digits

Body = dict[str, Any]

_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
_LONGEST_TEXT = 4096
_LONGEST_CAPTION = 1024
_LONGEST_OPAQUE = 512
_LONGEST_REPLY_LABEL = 20
_LONGEST_ROW_TITLE = 24
_MOST_REPLIES = 3
_MOST_ROWS = 10
_CAPTIONED = ("image", "video", "document")


def envelope(body: Body) -> str:
    """The recipient as written (phone number or BSUID). Raises GraphError 100 or 131009."""
    if body.get("messaging_product") != "whatsapp":
        raise invalid("The parameter messaging_product is required.")
    if body.get("recipient_type", "individual") != "individual":
        raise invalid("Param recipient_type must be one of {INDIVIDUAL}.")
    opaque = body.get("biz_opaque_callback_data")
    if opaque is not None and (not isinstance(opaque, str) or len(opaque) > _LONGEST_OPAQUE):
        raise invalid(f"Param biz_opaque_callback_data: at most {_LONGEST_OPAQUE} characters.")
    if to := body.get("to"):
        if not isinstance(to, str) or not 7 <= len(digits(to)) <= 15:
            raise bad_value("Recipient phone number is not a valid WhatsApp number")
        return digits(to)
    recipient = body.get("recipient")
    if not recipient:
        raise invalid("The parameter to is required.")
    if not _BSUID.fullmatch(str(recipient)):
        raise bad_value("recipient is not a valid business-scoped user id")
    return str(recipient)


def content(body: Body) -> str:
    """The message's type, its content checked. Raises GraphError."""
    kind = str(body.get("type", "text"))
    check = _CHECKS.get(kind)
    if check is None:
        allowed = ", ".join(sorted(_CHECKS)).upper()
        raise invalid(f'Param type must be one of {{{allowed}}} - got "{kind}".')
    part = body.get(kind)
    if not isinstance(part, list if kind == "contacts" else dict):
        raise invalid(f"The parameter {kind} is required.")
    check(part)
    return kind


def media_ids(body: Body) -> list[tuple[str, str]]:
    """(kind, media id) of every uploaded file that the message refers to."""
    kind = str(body.get("type", "text"))
    if kind in _MEDIA:
        sources = [(kind, body[kind])]
    elif kind == "interactive":
        header = body[kind].get("header") or {}
        sources = [(header.get("type", ""), header.get(header.get("type", "")))]
    elif kind == "template":
        parameters = (
            parameter
            for component in body[kind].get("components") or ()
            for parameter in component.get("parameters") or ()
        )
        sources = [(str(one.get("type")), one.get(str(one.get("type")))) for one in parameters]
    else:
        return []
    return [
        (name, str(source["id"]))
        for name, source in sources
        if name in _MEDIA and isinstance(source, dict) and source.get("id")
    ]


def _text(part: Body) -> None:
    value = part.get("body")
    if not isinstance(value, str) or not value:
        raise invalid("The parameter text['body'] is required.")
    _limit("text['body']", value, _LONGEST_TEXT)


def _media(kind: str) -> Callable[[Any], None]:
    def check(part: Body) -> None:
        if bool(part.get("id")) == bool(part.get("link")):
            raise invalid(f"Parameter {kind}: give either an id or a link.")
        link = part.get("link")
        if link and not str(link).startswith(("http://", "https://")):
            raise invalid(f"Param {kind}['link'] is not a valid URI.")
        if "caption" in part and kind not in _CAPTIONED:
            raise invalid(f'Unexpected key "caption" on param "{kind}".')
        _limit(f"{kind}['caption']", str(part.get("caption") or ""), _LONGEST_CAPTION)

    return check


def _location(part: Body) -> None:
    try:
        latitude, longitude = float(part["latitude"]), float(part["longitude"])
    except (KeyError, TypeError, ValueError) as error:
        raise missing("location needs a latitude and a longitude") from error
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise bad_value("location: latitude or longitude is out of range")


def _contacts(part: list[Any]) -> None:
    for one in part:
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(name, dict) or not name.get("formatted_name"):
            raise missing("contacts: name.formatted_name is required")
    if not part:
        raise missing("contacts: at least one contact is required")


def _reaction(part: Body) -> None:
    if not part.get("message_id"):
        raise missing("reaction['message_id'] is required")
    if not isinstance(part.get("emoji", ""), str):
        raise bad_value("reaction['emoji'] is not valid")


def _template(part: Body) -> None:
    language = part.get("language")
    if not part.get("name") or not isinstance(language, dict) or not language.get("code"):
        raise missing("template needs a name and a language with its code")
    if not isinstance(part.get("components", []), list):
        raise invalid("Param template['components'] must be an array.")


def _interactive(part: Body) -> None:
    kind = part.get("type")
    check = _INTERACTIVE.get(str(kind))
    if check is None:
        raise invalid(f"Param interactive['type'] must be one of {{{', '.join(_INTERACTIVE)}}}.")
    text = (part.get("body") or {}).get("text")
    if not text:
        raise missing("interactive['body']['text'] is required")
    _limit("interactive['body']['text']", text, _LONGEST_CAPTION)
    _limit("interactive['footer']['text']", str((part.get("footer") or {}).get("text", "")), 60)
    action = part.get("action")
    if not isinstance(action, dict):
        raise missing("interactive['action'] is required")
    check(action)


def _reply_buttons(action: Body) -> None:
    buttons = action.get("buttons") or []
    if not 1 <= len(buttons) <= _MOST_REPLIES:
        raise bad_value("Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3")
    for button in buttons:
        reply = button.get("reply") or {}
        if not reply.get("id") or not reply.get("title"):
            raise missing("interactive: a button needs an id and a title")
        _limit("Button title", reply["title"], _LONGEST_REPLY_LABEL)
    if len({button["reply"]["id"] for button in buttons}) != len(buttons):
        raise bad_value("interactive: button ids must be unique")


def _list(action: Body) -> None:
    rows = [row for section in action.get("sections") or () for row in section.get("rows") or ()]
    if not action.get("button"):
        raise missing("interactive['action']['button'] is required")
    _limit("interactive['action']['button']", action["button"], _LONGEST_REPLY_LABEL)
    if not 1 <= len(rows) <= _MOST_ROWS:
        raise bad_value("Total row count exceed max allowed count: 10")
    for row in rows:
        if not row.get("id") or not row.get("title"):
            raise missing("interactive: a row needs an id and a title")
        _limit("Row title", row["title"], _LONGEST_ROW_TITLE)


def _cta_url(action: Body) -> None:
    parameters = action.get("parameters") or {}
    if not parameters.get("display_text") or not parameters.get("url"):
        raise missing("interactive: cta_url needs a display_text and a url")
    _limit("display_text", parameters["display_text"], _LONGEST_REPLY_LABEL)


def _anything(action: Body) -> None:
    """Kinds whose action has nothing that we judge."""


def _limit(name: str, value: str, longest: int) -> None:
    if len(value) > longest:
        raise invalid(
            "Invalid parameter", f"Param {name} must be at most {longest} characters long."
        )


_MEDIA = ("image", "video", "audio", "document", "sticker")
_CHECKS: dict[str, Callable[[Any], None]] = {
    "text": _text,
    **{kind: _media(kind) for kind in _MEDIA},
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "template": _template,
    "interactive": _interactive,
}
_INTERACTIVE: dict[str, Callable[[Body], None]] = {
    "button": _reply_buttons,
    "list": _list,
    "cta_url": _cta_url,
    "location_request_message": _anything,
    "flow": _anything,
    "product": _anything,
    "product_list": _anything,
    "catalog_message": _anything,
}


def voice(body: Body, mime: str) -> None:
    """A voice note must be OGG. Raises GraphError 100."""
    if (body.get("audio") or {}).get("voice") and mime.partition(";")[0] != "audio/ogg":
        raise invalid("Voice messages must be .ogg files with the OPUS codec.")


def unknown_media(kind: str) -> GraphError:
    """The refusal of a media id that does not exist, expired or belongs to another number."""
    return invalid(
        f"Param {kind}['id'] is not a valid whatsapp business account media attachment ID"
    )
