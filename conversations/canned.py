"""The places in a canned reply and what fills them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conversations.models import Conversation
from core.ui.formatting import phone
from team.models import Member

_PLACE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Context:
    """Whom a text is written to, and by whom."""

    conversation: Conversation
    member: Member | None
    company: str


def _first(name: str) -> str:
    return name.split()[0] if name.strip() else ""


PLACES: Mapping[str, Callable[[Context], str]] = {
    "contact.first_name": lambda context: _first(context.conversation.contact.name),
    "contact.name": lambda context: context.conversation.contact.name,
    "contact.phone": lambda context: phone(context.conversation.thread.address),
    "agent.first_name": lambda context: _first(str(context.member or "")),
    "agent.name": lambda context: str(context.member or ""),
    "company.name": lambda context: context.company,
}


def unknown_places(text: str) -> list[str]:
    """The `{{places}}` of a text that nothing fills, in their order."""
    return [name for name in _PLACE.findall(text) if name not in PLACES]


def fill(text: str, context: Context) -> str:
    """The text with its places filled; what we do not know is left out, with the space before."""

    def value(found: re.Match[str]) -> str:
        filler = PLACES.get(found[2])
        filled = filler(context) if filler else found[0].strip()
        return f"{found[1]}{filled}" if filled else ""

    return re.sub(r"([ \t]?)" + _PLACE.pattern, value, text).strip()
