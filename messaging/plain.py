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
    parts = (header.get("text"), content.get("body"), content.get("footer"))
    return "\n".join(str(part) for part in parts if part)


def digest(text: str) -> str:
    """SHA-256 (hex) of a text as a reader sees it: case, accents' spelling, spaces and the codes
    of tracked links make no other text."""
    folded = _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()
    return hashlib.sha256(_TRACKED.sub("/l/", folded).encode()).hexdigest()
