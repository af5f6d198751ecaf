"""Campaigns by SMS: the text that one recipient gets, and its parts."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from campaigns.links import Tracker
from messaging import segments
from messaging.plain import text_of

_TEXTS = ("body", "footer")


@dataclass(frozen=True, slots=True)
class Texted:
    """`Message.content` of an SMS, what it says, and into how many parts it is cut."""

    content: dict[str, Any]
    text: str
    parts: int


def texted(rendered: str, message_id: UUID, tracker: Tracker | None) -> Texted:
    """The SMS that a rendered template makes.

    Args:
        rendered: `Message.content` as JSON text (`campaigns.content.Content.render`).
        tracker: where links are tracked, every address in the text becomes one of ours.
    """
    content = orjson.loads(rendered)
    if tracker is not None:
        for name in _TEXTS:
            content[name] = tracker.text(content.get(name) or "", message_id)
    text = text_of(content)
    return Texted(content, text, segments.count(text).parts)
