"""What a message says where there is nothing but text: an SMS, and how two of them are the same."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

_SPACE = re.compile(r"\s+")
# A tracked link differs for each recipient and run; what it stands for does not.
_TRACKED = re.compile(r"/l/[0-9a-z]+")


def text_of(content: Mapping[str, Any]) -> str:
    """The text of `Message.content`, of a text or of a template: its parts, one below the other."""
    if "text" in content:
        return str(content["text"])
    header = content.get("header") or {}
    parts = (header.get("text"), _body(content), content.get("footer"))
    return "\n".join(str(part) for part in parts if part)


def gist_of(content: Mapping[str, Any]) -> str:
    """What it says in the first place: the text, the caption, or the body of a template or list."""
    return str(content.get("text") or content.get("caption") or _body(content) or "")


def _body(content: Mapping[str, Any]) -> Any:
    """A template's is a text; that of buttons and lists is a part with a text."""
    body = content.get("body")
    return body.get("text") if isinstance(body, Mapping) else body


def digest(text: str) -> str:
    """SHA-256 (hex) of a text as a reader sees it: case, accents' spelling, spaces and the codes
    of tracked links make no other text."""
    folded = _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()
    return hashlib.sha256(_TRACKED.sub("/l/", folded).encode()).hexdigest()
