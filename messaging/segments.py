"""Into how many parts an SMS is cut, which is what it costs.

Source: 3GPP TS 23.038 (GSM 7-bit default alphabet and its extension table) and TS 23.040
(concatenation): 160 septets alone or 153 a part; texts with any other character go as UCS-2, 70
units alone or 67 a part. A character of the extension takes two septets, one beyond the basic
plane two units, and neither is cut in half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GSM7, UCS2 = "GSM-7", "UCS-2"
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
_ALONE = {GSM7: 160, UCS2: 70}
_PART = {GSM7: 153, UCS2: 67}
_BASIC_PLANE = 0xFFFF


@dataclass(frozen=True, slots=True)
class Segments:
    """How a text travels.

    Attributes:
        units: septets (GSM-7) or 16-bit units (UCS-2) of the whole text.
        parts: messages that are sent and paid; 0 for no text.
        left: units that still fit into the last part.
        odd: the characters that make it UCS-2, each once, in order.
    """

    encoding: str
    units: int
    parts: int
    left: int
    odd: tuple[str, ...] = ()


def count(text: str) -> Segments:
    """Count the parts of a text."""
    odd = tuple(dict.fromkeys(char for char in text if char not in BASIC and char not in EXTENSION))
    encoding = UCS2 if odd else GSM7
    widths = [_width(char, encoding) for char in text]
    units = sum(widths)
    if units <= _ALONE[encoding]:
        return Segments(encoding, units, min(len(text), 1), _ALONE[encoding] - units, odd)
    parts, left = _packed(widths, _PART[encoding])
    return Segments(encoding, units, parts, left, odd)


def _width(char: str, encoding: str) -> int:
    if encoding == GSM7:
        return 2 if char in EXTENSION else 1
    return 2 if ord(char) > _BASIC_PLANE else 1


def _packed(widths: Sequence[int], room: int) -> tuple[int, int]:
    """(parts, what is left in the last): a character that does not fit begins the next part."""
    parts, left = 1, room
    for width in widths:
        if width > left:
            parts, left = parts + 1, room
        left -= width
    return parts, left
