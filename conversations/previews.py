"""A message in one line: in the list of conversations and where it is quoted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from messaging.enums import MessageKind
from messaging.models import Message
from messaging.plain import gist_of

LENGTH = 140
# WhatsApp's bold, italic and strike, which one plain line leaves out.
_MARKS = re.compile(r"(?<!\w)([*_~])(?=\S)([^*_~\n]*\S)\1(?!\w)")
_ICONS: dict[str, str] = {
    MessageKind.IMAGE: "image",
    MessageKind.VIDEO: "video",
    MessageKind.AUDIO: "mic",
    MessageKind.DOCUMENT: "file-text",
    MessageKind.STICKER: "sticker",
    MessageKind.LOCATION: "map-pin",
    MessageKind.CONTACTS: "contact",
    MessageKind.TEMPLATE: "layout-template",
    MessageKind.CALL: "phone",
    MessageKind.UNKNOWN: "circle-help",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """An icon (a name of lucide, may be empty) and the line beside it."""

    icon: str
    text: str


def preview(message: Message) -> Preview:
    """What the message is, short enough for one line; a kind without words is named."""
    text = _text(message.kind, message.content) or str(message.get_kind_display())
    return Preview(_ICONS.get(message.kind, ""), " ".join(_MARKS.sub(r"\2", text).split())[:LENGTH])


def _text(kind: str, content: dict[str, Any]) -> str:
    if kind == MessageKind.REACTION:
        return _reaction(str(content.get("emoji") or ""))
    if kind == MessageKind.CONTACTS:
        return ", ".join(str(card.get("name") or "") for card in content.get("contacts") or ())
    if kind == MessageKind.LOCATION:
        return str(content.get("name") or content.get("address") or "")
    return gist_of(content)


def _reaction(emoji: str) -> str:
    return _("Reacted %(emoji)s") % {"emoji": emoji} if emoji else _("Took a reaction back")
