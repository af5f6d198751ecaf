"""What a message says: one small value for each kind that people and programs can send.

Each constructor checks the channel's limits and refuses with a sentence, so no
message is stored that the provider would not take for its form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from crm.enums import Purpose
from messaging.enums import MediaState, MessageKind, TemplateCategory
from messaging.models import Media, Message, Template
from messaging.rendering import render

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BUTTON_LIMIT, ROW_LIMIT, MOST_ROWS = 20, 24, 10
WITHOUT_CAPTION = (MessageKind.AUDIO, MessageKind.STICKER)


@dataclass(frozen=True, slots=True)
class Body:
    """A message's kind and content, ready to be stored (`Message.content` by kind)."""

    kind: MessageKind
    content: Mapping[str, Any] = field(default_factory=dict)
    template: Template | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    media: Media | None = None

    @property
    def purpose(self) -> str:
        """A marketing template is marketing, whoever sends it; all else serves the customer."""
        is_marketing = self.template and self.template.category == TemplateCategory.MARKETING
        return (Purpose.MARKETING if is_marketing else Purpose.SERVICE).value


def text(value: str) -> Body:
    """Plain text.

    Raises:
        core.errors.Invalid: empty, or longer than 4,096 characters.
    """
    value = value.strip()
    if not value:
        raise Invalid({"text": [_("Write a message.")]})
    if len(value) > TEXT_LIMIT:
        raise Invalid({"text": [_("This is too long: at most 4,096 characters.")]})
    return Body(MessageKind.TEXT, {"text": value})


def template(value: Template, variables: Mapping[str, Any]) -> Body:
    """A template with its variables filled: `{"name": "Ana"}`."""
    return Body(
        MessageKind.TEMPLATE,
        render(value, dict(variables)),
        template=value,
        variables=dict(variables),
    )


def media(value: Media, caption: str = "") -> Body:
    """A file; audio and stickers carry no caption.

    Raises:
        core.errors.Invalid: the file is not there, or the caption is too long.
    """
    if value.state != MediaState.READY:
        raise Invalid({"media": [_("The file is not ready.")]})
    if len(caption) > CAPTION_LIMIT:
        raise Invalid({"caption": [_("This is too long: at most 1,024 characters.")]})
    if caption and value.kind in WITHOUT_CAPTION:
        raise Invalid({"caption": [_("Audio and stickers carry no caption.")]})
    content: dict[str, Any] = {"caption": caption} if caption else {}
    if value.is_voice:
        content["voice"] = True
    return Body(MessageKind(value.kind), content, media=value)


def location(*, latitude: float, longitude: float, name: str = "", address: str = "") -> Body:
    """A place.

    Raises:
        core.errors.Invalid: not a place on earth.
    """
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Invalid({"location": [_("Latitude or longitude is out of range.")]})
    content = {"latitude": latitude, "longitude": longitude, "name": name, "address": address}
    return Body(MessageKind.LOCATION, content)


def contacts(cards: Sequence[Mapping[str, Any]]) -> Body:
    """Contact cards: `{"name", "phones": [{"phone", "type"?}]}` each.

    Raises:
        core.errors.Invalid: none, or one without a name or a phone.
    """
    if not cards or not all(card.get("name") and card.get("phones") for card in cards):
        raise Invalid({"contacts": [_("Each contact card needs a name and a phone.")]})
    return Body(MessageKind.CONTACTS, {"contacts": [dict(card) for card in cards]})


def reaction(target: Message, emoji: str) -> Body:
    """An emoji on a message; empty takes it back.

    Raises:
        core.errors.Invalid: the message is not known at the provider.
    """
    if not target.external_id:
        raise Invalid({"reaction": [_("This message cannot be reacted to.")]})
    return Body(MessageKind.REACTION, {"emoji": emoji, "target": target.external_id})


def choices(text: str, *, button: str, options: Sequence[tuple[str, str]]) -> Body:
    """A list from which the person chooses one, for providers that send `interactive`.

    The content is Meta's shape (Cloud API, "Interactive list messages"), whose bounds these are.

    Args:
        button: what opens the list.
        options: the id that comes back, and what is shown, in their order.

    Raises:
        core.errors.Invalid: no text, more than ten options, or a word that is too long.
    """
    is_short = len(button) <= BUTTON_LIMIT and all(
        len(title) <= ROW_LIMIT for _id, title in options
    )
    if not text.strip() or not 1 <= len(options) <= MOST_ROWS or not is_short:
        raise Invalid({"text": [_("A list needs a text and one to ten short options.")]})
    rows = [{"id": key, "title": title} for key, title in options]
    action = {"button": button, "sections": [{"rows": rows}]}
    return Body(
        MessageKind.INTERACTIVE, {"type": "list", "body": {"text": text.strip()}, "action": action}
    )
